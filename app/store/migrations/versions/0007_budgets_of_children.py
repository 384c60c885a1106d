"""Runs that a run started count for its budget: which account, and what its cost monitor says."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("budget", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("run", "budget")
