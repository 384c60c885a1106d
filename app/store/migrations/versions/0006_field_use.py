"""Who uses which field of which version, counted by day."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "field_use",
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("caller_id", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=100), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "workflow_id", "day", "version", "caller_id", "field", name=op.f("pk_field_use")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "field_use_mark",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_field_use_mark")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("field_use_mark")
    op.drop_table("field_use")
