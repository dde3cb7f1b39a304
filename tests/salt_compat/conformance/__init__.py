"""Recorded cases: what Salt 3008.2 answered, and how to ask the same of our own commands."""
