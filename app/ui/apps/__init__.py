"""Workflows as apps: the fields of the page, the result below it, how one is set up."""
