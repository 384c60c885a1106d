"""Who uses which field of which version, counted by day: what a change of a trigger would break (S14)."""

from sqlalchemy import Column, Double, Integer, String, Table

from app.store.tables.base import ID, metadata

field_use = Table(
    "field_use",
    metadata,
    Column("workflow_id", ID, primary_key=True),
    # days since 1970-01-01 UTC
    Column("day", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("caller_id", ID, primary_key=True),
    # empty: the runs themselves, whatever they brought
    Column("field", String(100), primary_key=True),
    Column("runs", Integer, nullable=False),
    Column("last_at", Double, nullable=False),
    sqlite_with_rowid=False,
)

# up to which run everything was counted
field_use_mark = Table(
    "field_use_mark",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("run_id", ID, nullable=False),
    sqlite_with_rowid=False,
)
