"""Plugins: the table of kinds, the index of names, and the space in which modules are loaded and called."""
