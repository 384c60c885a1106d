"""Generation services that an organisation has connected, and how they are doing."""

from sqlalchemy import Boolean, Column, Double, Integer, String, Table, Text, UniqueConstraint

from app.store.tables.base import ID, fk, metadata

provider = Table(
    "provider",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    Column("name", String(60), nullable=False),
    # which protocol it speaks
    Column("kind", String(40), nullable=False),
    Column("base_url", Text, nullable=False),
    # encrypted
    Column("credential", Text),
    # JSON list of {id, title, price, description}; the price is in credits per picture
    Column("models", Text, nullable=False, server_default="[]"),
    Column("settings", Text, nullable=False, server_default="{}"),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("org_id", "name"),
)

# state: closed → open → half_open, by compare-and-set on this row: exactly one trial
provider_breaker = Table(
    "provider_breaker",
    metadata,
    Column("org_id", ID, primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("opened_at", Double),
    Column("trial_at", Double),
    Column("trial_by", String(200)),
    Column("reason", Text),
    Column("updated_at", Double, nullable=False),
    sqlite_with_rowid=False,
)
