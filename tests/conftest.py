"""What tests of every folder share: one PostgreSQL for all of them."""

from tests.support.fixtures import postgres_databases

__all__ = ["postgres_databases"]
