"""Calls count generations from 0, as steps and reservations do: their money was booked twice otherwise."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE call SET generation = generation - 1 WHERE generation > 0")


def downgrade() -> None:
    op.execute("UPDATE call SET generation = generation + 1")
