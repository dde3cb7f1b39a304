"""Copies of trees that are elsewhere: a list of files and their contents, fetched whole, asked without the network."""
