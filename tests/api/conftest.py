"""A real system over both databases; only the broker is away, which loses nothing but time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api.application import build_api
from app.serve.bootstrap import prepare
from app.settings import Settings
from app.store import callers as caller_rows
from app.store.audit import Actor
from app.wiring import System, build_web
from tests.support.fixtures import postgres_url

__all__ = ["postgres_url"]

OWNER = "owner-key-0123456789abcdef"
PUBLIC = "http://127.0.0.1:8099"


@dataclass(frozen=True)
class World:
    """The system, its API, and keys of every role in two organisations."""

    system: System
    client: TestClient
    org_id: str
    caller_id: str

    def key(self, role: str, caller_id: str | None = None) -> str:
        return self.system.keys.create(self.org_id, caller_id or self.caller_id, role, role).plain

    def ask(self, method: str, path: str, key: str | None = OWNER, **rest: Any) -> Any:
        headers = {**({"authorization": f"Bearer {key}"} if key else {}), **rest.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **rest)

    def trigger(self, slug: str = "product-image", key: str | None = OWNER, **fields: Any) -> Any:
        return self.ask("POST", f"/v1/hooks/{slug}", key, json={"product_name": "Oak chair", **fields})


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("system")
    settings = Settings(
        data_dir=folder,
        database_url="" if request.param == "sqlite" else request.getfixturevalue("postgres_url"),
        redis_url=f"unix://{folder}/nobody.sock",
        secret_key="a secret key for tests only",
        bootstrap_key=OWNER,
        public_url=PUBLIC,
    )
    prepare(settings)
    system = build_web(settings)
    identity = system.keys.authenticate(OWNER)
    assert identity is not None
    client = TestClient(build_api(system), base_url=PUBLIC, raise_server_exceptions=False)
    yield World(system, client, identity.org_id, identity.caller_id)
    system.engine.close()
    system.db.close()


@pytest.fixture(scope="session")
def stranger(world: World) -> str:
    """The owner's key of another organisation."""
    with world.system.db.write() as connection:
        org_id = caller_rows.add_organisation(connection, "Elsewhere")
        caller_rows.add_project(connection, org_id, "default", "Default")
    caller = world.system.callers.create(Actor(org_id, "tests"), "default")
    return world.system.keys.create(org_id, caller.id, "owner", "owner").plain
