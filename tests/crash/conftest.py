"""What the crash tests share."""

from collections.abc import Iterator

import pytest

from tests.chaos.zygote import Zygote
from tests.support.fixtures import clock, database, postgres_url, rig, sqlite_template, sqlite_url

__all__ = ["clock", "database", "postgres_url", "rig", "sqlite_template", "sqlite_url"]


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """The product in memory, ready to be forked."""
    zygote = Zygote()
    yield zygote
    zygote.close()
