"""States written as calls: what the renderer `pydsl` gives its files to work with."""
