"""The embedded broker: a real server, one per data folder, whose data survives a kill."""

import stat

import pytest
import redis

from app.serve import embedded
from app.serve.errors import SocketFolderError
from app.serve.probe import answers_ping
from app.settings import Settings


@pytest.fixture
def broker(tmp_path):
    with embedded.start_or_attach(tmp_path) as started:
        yield started


def test_data_survives_a_kill(tmp_path, broker):
    """Append-only persistence: what was acknowledged is there after `kill -9` and a new start."""
    client = redis.Redis.from_url(broker.url)
    client.rpush("bell", *range(1000))
    broker.process.kill()
    broker.process.wait(10)
    with embedded.start_or_attach(tmp_path) as again:
        assert redis.Redis.from_url(again.url).llen("bell") == 1000


def test_a_running_broker_is_used(tmp_path, broker):
    """A second role on the same folder attaches, and its end leaves the broker running."""
    with embedded.start_or_attach(tmp_path) as second:
        assert second.process is None
        assert second.url == broker.url
    assert redis.Redis.from_url(broker.url).ping()


def test_the_socket_is_private_and_there_is_no_port(tmp_path, broker):
    """Only this user reaches the broker, and only through the file system."""
    path = embedded.socket_path(tmp_path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    settings = redis.Redis.from_url(broker.url).config_get("*")
    wanted = {"port": "0", "appendonly": "yes", "appendfsync": "everysec"}
    assert {name: settings[name] for name in wanted} == wanted


def test_any_folder_name_works(tmp_path):
    """A long folder with spaces and accents is no obstacle, though a socket path is limited to 108 bytes."""
    folder = tmp_path / ("so long a näme " * 10) / ("x" * 150)
    with embedded.start_or_attach(folder) as started:
        assert redis.Redis.from_url(started.url).set("a", "b")
        assert (folder / "valkey" / "appendonlydir").is_dir()
    assert not answers_ping(embedded.socket_path(folder))


def test_a_folder_of_someone_else_is_refused(tmp_path, monkeypatch):
    """The socket's folder lies in /tmp, so a planted link is not followed."""
    path = embedded.socket_path(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    path.parent.symlink_to(tmp_path / "elsewhere")
    try:
        with pytest.raises(SocketFolderError, match="belongs to someone else"):
            embedded.command(tmp_path)
    finally:
        path.parent.unlink()


def test_a_given_broker_is_left_alone(tmp_path):
    """With REDIS_URL nothing is started."""
    given = embedded.broker(Settings(data_dir=tmp_path, redis_url="redis://queue:6379/0"))
    assert (given.url, given.process) == ("redis://queue:6379/0", None)
    assert not list(tmp_path.iterdir())


def test_a_server_on_path_stands_in(tmp_path, monkeypatch):
    """Where the wheel has no server, one on PATH is taken; else one line says so."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    server = tmp_path / "redis-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded.server_binary() == server
    server.unlink()
    with pytest.raises(embedded.BrokerMissingError, match="REDIS_URL"):
        embedded.server_binary()
