"""Which runs were of drafts, found without looking at all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(
            "ix_run_draft",
            ["version_id"],
            unique=False,
            sqlite_where=sa.text("version = 0"),
            postgresql_where=sa.text("version = 0"),
        )


def downgrade() -> None:
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_index("ix_run_draft")
