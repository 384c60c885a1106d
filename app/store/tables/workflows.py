"""Workflows and their immutable versions."""

from sqlalchemy import Column, Double, Integer, String, Table, Text, UniqueConstraint

from app.store.tables.base import ID, fk, metadata

workflow = Table(
    "workflow",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    fk("project_id", "project.id", index=True),
    Column("slug", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("draft", Text, nullable=False),
    Column("draft_revision", Integer, nullable=False, server_default="1"),
    Column("draft_by", String(200)),
    Column("published", Integer),
    Column("archived_at", Double),
    Column("paused_at", Double),
    Column("paused_by", String(200)),
    # a run of this workflow may take so long, from its acceptance
    Column("deadline_seconds", Double),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("org_id", "slug"),
)

workflow_version = Table(
    "workflow_version",
    metadata,
    Column("id", ID, primary_key=True),
    fk("workflow_id", "workflow.id"),
    Column("number", Integer, nullable=False),
    Column("graph", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
    # JSON: what callers of the version before met, and who they were; NULL when it broke nobody
    Column("breaking", Text),
    UniqueConstraint("workflow_id", "number"),
)
