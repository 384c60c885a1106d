"""Since when the presets that ship with a release are what they are."""

from sqlalchemy import Column, Double, String, Table

from app.store.tables.base import metadata

preset_mark = Table(
    "preset_mark",
    metadata,
    # style · platform
    Column("kind", String(20), primary_key=True),
    Column("key", String(100), primary_key=True),
    # SHA-256 of its content
    Column("digest", String(64), nullable=False),
    Column("since", Double, nullable=False),
    sqlite_with_rowid=False,
)
