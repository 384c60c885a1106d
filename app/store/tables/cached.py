"""Which earlier results may be reused: addresses of steps by what they were made from."""

from sqlalchemy import Column, Double, Integer, String, Table

from app.store.tables.base import ID, metadata

# the outputs stay where they are: in the step that made them
cached_result = Table(
    "cached_result",
    metadata,
    Column("workflow_id", ID, primary_key=True),
    # SHA-256 (hex) over node type, settings, inputs, generation and change
    Column("key", String(64), primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("run_id", ID, nullable=False),
    Column("node_id", String(64), nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
    sqlite_with_rowid=False,
)
