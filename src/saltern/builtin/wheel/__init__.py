"""Wheel functions: they manage the master itself."""
