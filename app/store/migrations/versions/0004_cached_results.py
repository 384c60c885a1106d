"""Earlier results are reused: which there are, which steps took one, and which runs want none."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cached_result",
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("node_id", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name=op.f("pk_cached_result")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_cached_result_expires_at"), "cached_result", ["expires_at"], unique=False)
    op.add_column("run", sa.Column("fresh", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("step", sa.Column("cached_from", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("step", "cached_from")
    op.drop_column("run", "fresh")
    op.drop_index(op.f("ix_cached_result_expires_at"), table_name="cached_result")
    op.drop_table("cached_result")
