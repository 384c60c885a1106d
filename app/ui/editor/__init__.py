"""The canvas page: the document lives here in Python, the browser shows it and sends what changed."""
