"""What the engine's tests share."""

from tests.support.fixtures import (
    broker,
    clock,
    database,
    either_broker,
    plant,
    postgres_url,
    redis_server,
    rig,
    sqlite,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "broker",
    "clock",
    "database",
    "either_broker",
    "plant",
    "postgres_url",
    "redis_server",
    "rig",
    "sqlite",
    "sqlite_template",
    "sqlite_url",
]
