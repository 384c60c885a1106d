"""The command palette and the sheet of shortcuts: on every page."""
