"""What the store's tests share."""

from tests.support.fixtures import database, postgres_url, sqlite_template, sqlite_url

__all__ = ["database", "postgres_url", "sqlite_template", "sqlite_url"]
