"""Pictures that people brought."""

from sqlalchemy import Column, Double, Index, String, Table

from app.store.tables.base import ID, metadata

# the picture itself is a row of `asset`; this is who brought it, under which name
upload = Table(
    "upload",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("asset_id", ID, primary_key=True),
    Column("name", String(200), nullable=False),
    # the name as it is searched for: case folded
    Column("search", String(400), nullable=False),
    Column("caller_id", ID, nullable=False),
    Column("uploaded_by", String(200), nullable=False),
    Column("created_at", Double, nullable=False),
)
Index("ix_upload_created_at", upload.c.org_id, upload.c.created_at.desc(), upload.c.asset_id.desc())
