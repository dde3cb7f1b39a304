"""States written as Python objects: what the renderer `pyobjects` gives its files to work with."""
