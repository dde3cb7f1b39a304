"""What `saltern doctor` looks at. Nothing here changes anything."""
