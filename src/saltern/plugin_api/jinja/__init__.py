"""Salt's Jinja: its environment, filters, tags and errors."""
