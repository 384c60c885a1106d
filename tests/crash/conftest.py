"""What the crash tests share."""

from tests.support.fixtures import clock, database, postgres_url, rig, sqlite_template, sqlite_url

__all__ = ["clock", "database", "postgres_url", "rig", "sqlite_template", "sqlite_url"]
