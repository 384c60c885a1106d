"""Organisations, callers, keys and sessions."""

from sqlalchemy import Column, Double, String, Table, Text, UniqueConstraint

from app.store.tables.base import ID, fk, metadata

organisation = Table(
    "organisation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", Double, nullable=False),
)

project = Table(
    "project",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    Column("slug", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("time_zone", String(64), nullable=False, server_default="UTC"),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("org_id", "slug"),
)

caller = Table(
    "caller",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    Column("name", String(80), nullable=False),
    # encrypted JSON list of whsec_… secrets, newest first; two while one rotates
    Column("signing_secrets", Text, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
    Column("paused_at", Double),
    Column("paused_by", String(200)),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("org_id", "name"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    fk("caller_id", "caller.id", index=True),
    Column("label", String(200), nullable=False),
    Column("prefix", String(24), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("revoked_at", Double),
    Column("last_used_at", Double),
)

session = Table(
    "session",
    metadata,
    Column("hash", String(64), primary_key=True),
    fk("key_id", "api_key.id", index=True),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

sign_in_token = Table(
    "sign_in_token",
    metadata,
    Column("hash", String(64), primary_key=True),
    fk("key_id", "api_key.id"),
    Column("expires_at", Double, nullable=False),
)
