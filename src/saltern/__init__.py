"""Saltern: remote execution and configuration management in Salt's language."""
