"""Secrets on the pages: their dialog, what a form offers, and moving a pasted key into one."""
