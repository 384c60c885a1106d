"""A fresh database and vault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.identity.bootstrap import Bootstrap, ensure
from app.identity.vault import Vault
from app.settings import Settings
from app.store.database import Database
from app.store.tables import metadata


@pytest.fixture
def vault() -> Vault:
    return Vault("a secret key for tests only")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key="a secret key for tests only")


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url_resolved)
    metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def made(db: Database, settings: Settings, vault: Vault) -> Bootstrap:
    return ensure(db, settings, vault)
