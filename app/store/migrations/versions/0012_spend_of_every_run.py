"""What is spent without a budget is counted too; the inbox knows its bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

# calls that were charged before and stand in no account: the sweeper adds them up
_EARLIER = """
INSERT INTO spend_entry (run_id, source, org_id, scope, day, at, amount)
SELECT call.run_id, call.id, call.org_id, call.workflow_id || ':' || call.caller_id, call.day,
  call.updated_at, call.charged
FROM call JOIN run ON run.id = call.run_id
WHERE call.charged > 0 AND run.budget IS NULL AND NOT EXISTS (
  SELECT 1 FROM spend WHERE spend.scope = call.workflow_id || ':' || call.caller_id AND spend.day = call.day)
"""
_SIZES = "UPDATE inbox_message SET bytes = {length}(body) + {length}(headers)"


def upgrade() -> None:
    op.create_table(
        "spend_entry",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=120), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "source", name=op.f("pk_spend_entry")),
        sqlite_with_rowid=False,
    )
    op.execute(_EARLIER)
    op.add_column("inbox_message", sa.Column("bytes", sa.Integer(), server_default="0", nullable=False))
    # bytes of UTF-8 on one, characters on the other: near enough for what was there before
    octets = "octet_length" if op.get_bind().dialect.name == "postgresql" else "length"
    op.execute(_SIZES.format(length=octets))
    _index("bytes")


def downgrade() -> None:
    _index()
    op.drop_column("inbox_message", "bytes")
    op.drop_table("spend_entry")


def _index(*more: str) -> None:
    newest = sa.text("id DESC")
    op.drop_index("ix_inbox_message_inbox", table_name="inbox_message")
    op.drop_index("ix_inbox_message_org", table_name="inbox_message")
    op.create_index("ix_inbox_message_inbox", "inbox_message", ["org_id", "inbox", newest, *more])
    op.create_index("ix_inbox_message_org", "inbox_message", ["org_id", newest, *more])
