"""Secrets of an organisation: sealed values that requests of nodes carry to the hosts they are meant for."""

from sqlalchemy import Column, Double, String, Table, Text, UniqueConstraint

from app.store.tables.base import ID, fk, metadata

secret = Table(
    "secret",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    Column("name", String(60), nullable=False),
    # encrypted
    Column("sealed", Text, nullable=False),
    # the last characters of a long value, for people who compare; empty for a short one
    Column("ending", String(10), nullable=False, server_default=""),
    # JSON list of host or host:port, the only places it may be sent to
    Column("hosts", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("updated_by", String(200), nullable=False),
    # when the value was entered
    Column("rotated_at", Double, nullable=False),
    UniqueConstraint("org_id", "name"),
)
