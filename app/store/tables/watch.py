"""Who leads, who did what, and what needs a person."""

from sqlalchemy import Column, Double, Index, String, Table, Text

from app.store.tables.base import ID, metadata

leader = Table(
    "leader",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("until", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("at", Double, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(80), nullable=False),
    Column("object", String(200), nullable=False),
    Column("detail", Text, nullable=False, server_default="{}"),
    Column("request_id", String(64)),
)
Index("ix_audit_org_id", audit.c.org_id, audit.c.id.desc())

alert = Table(
    "alert",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("at", Double, nullable=False),
    Column("code", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("acknowledged_at", Double),
)
Index("ix_alert_org_id", alert.c.org_id, alert.c.id.desc())
