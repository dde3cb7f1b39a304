"""Servers of databases, as the modules that administer them reach and ask them."""
