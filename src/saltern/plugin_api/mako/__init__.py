"""Mako templates, with the library as an extra of the installation."""
