"""What the operations tests share."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from app.serve import embedded
from app.serve.bootstrap import prepare
from app.serve.claims import ensure_secret_key
from app.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    """No setting of the developer's shell reaches a test, and subprocesses find the packages."""
    for name in list(os.environ):
        if name.startswith("SAKUGA_") or name in {"DATABASE_URL", "REDIS_URL"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture(autouse=True)
def _own_sockets(monkeypatch):
    """Brokers of a test listen in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="sk-", dir="/tmp") as folder:
        monkeypatch.setattr(embedded, "_BASE", Path(folder))
        yield


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def prepared(tmp_path, monkeypatch) -> Settings:
    """A data folder as the first start leaves it: schema, organisation, owner key, example workflows."""
    monkeypatch.setenv("SAKUGA_DATA_DIR", str(tmp_path / "data"))
    settings = load_settings()
    settings.data_dir.mkdir()
    ensure_secret_key(settings)
    prepare(settings)
    return settings
