"""Pages in the browser: NiceGUI over the same services the API uses."""
