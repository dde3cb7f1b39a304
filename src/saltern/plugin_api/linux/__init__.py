"""What Linux says about a host in its text files and tables, as pure functions over their content."""
