"""Helpers under the names of Salt's; plugins have them as `__utils__` too."""
