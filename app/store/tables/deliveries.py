"""Callbacks on their way, and the built-in test inbox."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, String, Table, Text

from app.store.tables.base import ID, metadata

delivery = Table(
    "delivery",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("run_id", ID, nullable=False, index=True),
    Column("caller_id", ID, nullable=False),
    Column("event", String(40), nullable=False),
    # the webhook-id: stable over retries and replays
    Column("message_id", ID, nullable=False),
    Column("url", Text, nullable=False),
    Column("body", Text, nullable=False),
    # pending · sending · retrying · delivered · permanently_failed
    Column("status", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    # attempts made before the last replay: a replay starts the schedule afresh
    Column("attempt_base", Integer, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False),
    Column("rings", Integer, nullable=False),
    Column("wake_at", Double),
    Column("worker", String(80)),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("error_code", String(64)),
)
Index(
    "ix_delivery_wake_at",
    delivery.c.wake_at,
    sqlite_where=delivery.c.wake_at.is_not(None),
    postgresql_where=delivery.c.wake_at.is_not(None),
)
Index("ix_delivery_org_status", delivery.c.org_id, delivery.c.status, delivery.c.id.desc())

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("delivery_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Double, nullable=False),
    Column("duration", Double, nullable=False),
    Column("status_code", Integer),
    Column("error_code", String(64)),
    Column("reason", Text),
    Column("response", Text),
    Column("next_at", Double),
    sqlite_with_rowid=False,
)

inbox_message = Table(
    "inbox_message",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("inbox", String(80), nullable=False),
    Column("received_at", Double, nullable=False),
    Column("message_id", String(255)),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("verified", Boolean),
    # of headers and body together
    Column("bytes", Integer, nullable=False, server_default="0"),
)
# with their bytes: they are summed at every message, and bodies are long
Index(
    "ix_inbox_message_inbox",
    *(inbox_message.c.org_id, inbox_message.c.inbox, inbox_message.c.id.desc(), inbox_message.c.bytes),
)
Index("ix_inbox_message_org", inbox_message.c.org_id, inbox_message.c.id.desc(), inbox_message.c.bytes)
