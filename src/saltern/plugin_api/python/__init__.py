"""Python's own packages: what a requirement means, and how pip is called."""
