"""One module per page; each builds its page for a visitor and keeps it current."""
