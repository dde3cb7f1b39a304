"""Docker: the engine by its Python library, and containers in Salt's words."""
