"""What workflows are to colleagues: templates to begin from, apps to use."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, String, Table, Text

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

app_view = Table(
    "app_view",
    metadata,
    Column("workflow_id", ID, ForeignKey("workflow.id"), primary_key=True),
    fk("org_id", "organisation.id", index=True),
    Column("enabled", Boolean, nullable=False),
    Column("title", String(200), nullable=False, server_default=""),
    Column("intro", Text, nullable=False, server_default=""),
    # JSON list: which trigger fields are shown, in which order and under which words
    Column("fields", Text, nullable=False, server_default="[]"),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
)

# whose run it was: a key may share its caller with others
app_run = Table(
    "app_run",
    metadata,
    Column("run_id", ID, primary_key=True),
    fk("workflow_id", "workflow.id"),
    Column("key_id", ID, nullable=False),
)
Index("ix_app_run_mine", app_run.c.workflow_id, app_run.c.key_id, app_run.c.run_id)
