"""The pages of docs/reference, one module each with `page() -> str`: Markdown made from the code."""
