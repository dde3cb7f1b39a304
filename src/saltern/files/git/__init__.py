"""Repositories as trees of files: which of their branches and tags are environments."""
