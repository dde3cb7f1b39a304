"""Whether values are of their kind."""
