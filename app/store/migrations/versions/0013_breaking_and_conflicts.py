"""What a version broke for callers, and edits that lost against others until somebody chooses."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("workflow_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("breaking", sa.Text(), nullable=True))
    op.create_table(
        "draft_conflict",
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("mine", sa.Text(), nullable=True),
        sa.Column("theirs", sa.Text(), nullable=True),
        sa.Column("other", sa.String(length=200), server_default="", nullable=False),
        sa.Column("lost_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflow.id"], name=op.f("fk_draft_conflict_workflow_id")),
        sa.PrimaryKeyConstraint("workflow_id", "owner", "place", name=op.f("pk_draft_conflict")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("draft_conflict")
    with op.batch_alter_table("workflow_version", schema=None) as batch_op:
        batch_op.drop_column("breaking")
