"""What workflows are to colleagues: templates to begin from."""

from sqlalchemy import Column, Double, ForeignKey, String, Table, Text

from app.store.tables.base import ID, fk, metadata

template = Table(
    "template",
    metadata,
    Column("workflow_id", ID, ForeignKey("workflow.id"), primary_key=True),
    fk("org_id", "organisation.id", index=True),
    Column("category", String(40), nullable=False),
    # what it is for, in a sentence
    Column("purpose", Text, nullable=False, server_default=""),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
)
