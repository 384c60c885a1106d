"""The service over a fresh database, with the shipped node types and the main example."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nodes
from app.identity.bootstrap import ensure
from app.identity.vault import Vault
from app.serve.bootstrap import EXAMPLES
from app.settings import Settings
from app.store.database import Database
from app.store.tables import metadata
from app.workflows.service import WorkflowService
from graphs.catalogue import discover
from tests.support.fixtures import clock, database, postgres_url, sqlite, sqlite_template, sqlite_url

__all__ = ["clock", "database", "postgres_url", "sqlite", "sqlite_template", "sqlite_url"]

Json = dict[str, Any]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'sakuga.db'}")
    metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def org_id(db: Database, tmp_path: Path) -> str:
    secret = "a secret key for tests only"
    return ensure(db, Settings(data_dir=tmp_path, secret_key=secret), Vault(secret)).org_id


@pytest.fixture
def graph() -> Json:
    found: Json = json.loads((EXAMPLES / "product-image.json").read_text("utf-8"))
    return found


@pytest.fixture
def service(db: Database) -> WorkflowService:
    return WorkflowService(db, discover(nodes))
