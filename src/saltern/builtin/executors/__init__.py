"""Executors: they stand between a call and its function."""
