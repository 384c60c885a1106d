"""Drafts as they were run, pinned results, sample payloads, verdicts about rows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_snapshot",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("graph", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflow.id"], name=op.f("fk_draft_snapshot_workflow_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_snapshot")),
        sa.UniqueConstraint("workflow_id", "digest", name=op.f("uq_draft_snapshot_workflow_id_digest")),
    )
    op.create_table(
        "draft_pin",
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("node_id", sa.String(length=64), nullable=False),
        sa.Column("outputs", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=True),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("pinned_by", sa.String(length=200), nullable=True),
        sa.Column("pinned_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflow.id"], name=op.f("fk_draft_pin_workflow_id")),
        sa.PrimaryKeyConstraint("workflow_id", "node_id", name=op.f("pk_draft_pin")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sample_payload",
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.String(length=200), nullable=True),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflow.id"], name=op.f("fk_sample_payload_workflow_id")),
        sa.PrimaryKeyConstraint("workflow_id", "name", name=op.f("pk_sample_payload")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "row_verdict",
        sa.Column("batch_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "number", "run_id", name=op.f("pk_row_verdict")),
        sqlite_with_rowid=False,
    )
