"""What the engine's tests share."""

from tests.support.fixtures import (
    broker,
    clock,
    database,
    plant,
    postgres_url,
    rig,
    sqlite,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "broker",
    "clock",
    "database",
    "plant",
    "postgres_url",
    "rig",
    "sqlite",
    "sqlite_template",
    "sqlite_url",
]
