"""Where a key might slip out by itself: tracebacks, errors of libraries, objects printed whole, addresses."""

import asyncio
import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from pydantic import ValidationError
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app import logs
from app.api.routes.callers import Rotation
from app.api.routes.secrets import NewSecret
from app.egress.client import Answer, Egress
from app.egress.errors import UnsendableError
from app.egress.policy import EgressPolicy
from app.identity.bootstrap import Bootstrap
from app.identity.callers import Caller, CallerSettings
from app.identity.connections import Wanted
from app.identity.keys import NewKey
from app.identity.secrets import Opened
from app.providers.connection import Connection, ConnectionSettings
from app.providers.refusals import turned_down
from app.settings import Settings, describe
from app.settings_rules import database_url, redis_url
from app.store.database import Database
from app.store.tables import organisation
from graphs.secrecy import PastedKey
from graphs.web import WebRequest

CANARY = "canary-0123456789-abcdef"
WHSEC = "whsec_Y2FuYXJ5LTAxMjM0NTY3ODktYWJjZGVm"


class Terminal(io.StringIO):
    """Standard error of somebody who started everything by hand."""

    def isatty(self) -> bool:
        return True


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Logging as on a terminal; put back afterwards."""
    root, handlers, level = logging.getLogger(), logging.getLogger().handlers[:], logging.getLogger().level
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    logs.configure("debug", "web")
    yield shown
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_a_traceback_on_a_terminal_shows_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """What functions held when something broke is nobody's business, whoever logs it."""

    def send(credential: str) -> None:
        raise ValueError("broke")

    with terminal(monkeypatch) as screen:
        for told in (structlog.get_logger().exception, logging.getLogger("library").exception):
            try:
                send(CANARY)
            except ValueError:
                told("failed")
    said = screen.getvalue()
    assert said.count("ValueError") >= 2
    assert CANARY not in said


def test_an_error_of_the_database_says_nothing_of_the_values(db: Database) -> None:
    """A statement that fails is logged; what was to be stored is not."""
    row = {"id": "org_1", "name": CANARY, "created_at": 0}
    with pytest.raises(IntegrityError) as caught, db.write() as connection:
        connection.execute(insert(organisation), [row, row])
    assert CANARY not in str(caught.value)
    with db.read() as connection:
        assert connection.execute(select(organisation)).all() == []


@pytest.mark.parametrize(
    "held",
    [
        Caller("id", "org", "shop", CallerSettings(), (CANARY,), None, 0.0),
        NewKey("key_1", CANARY),
        Bootstrap("org", CANARY, CANARY, created=True),
        Opened(CANARY, ("a.example",)),
        NewSecret(name="a", value=CANARY, hosts=["a.example"]),
        Rotation(secret=CANARY),
        Wanted.model_construct(kind="x", base_url="", credential=CANARY, models=()),
        Connection("i", "o", "n", "k", "u", (), ConnectionSettings(), True, 0, 0, CANARY),
        PastedKey("f", "w", CANARY),
        WebRequest("GET", "https://a.example", {"authorization": CANARY}, CANARY.encode(), 1, 1),
        Settings(bootstrap_key=CANARY, secret_key=CANARY, database_url=f"postgresql://u:{CANARY}@h/d"),
    ],
    ids=lambda held: type(held).__name__,
)
def test_what_holds_a_key_does_not_print_it(held: Any) -> None:
    """An object that is logged, or shown by an assertion, hides it."""
    assert CANARY not in f"{held!r} {held}"


def test_a_wrong_body_is_refused_without_being_quoted() -> None:
    """An error of validation that is logged somewhere quotes nothing."""
    for model in (NewSecret, Wanted, Rotation):
        with pytest.raises(ValidationError) as caught:
            model.model_validate({"value": [CANARY], "credential": [CANARY], "secret": [CANARY]})
        assert CANARY not in str(caught.value)


def test_a_header_that_cannot_be_sent_is_not_quoted() -> None:
    """A key with a line break or a blank behind it fails without being told."""

    async def ask(header: str) -> str:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with Egress(EgressPolicy.of(("127.0.0.0/8",))) as egress:
            with pytest.raises(UnsendableError) as caught:
                await egress.request(
                    "GET",
                    f"http://127.0.0.1:{port}/",
                    headers={"authorization": header},
                    content=None,
                    deadline=5,
                    max_bytes=1,
                )
        server.close()
        return str(caught.value)

    for header in (f"Bearer {CANARY} ", f"Bearer {CANARY}\n", f"Bearer {CANARY}é"):
        assert CANARY not in asyncio.run(ask(header))


@pytest.mark.parametrize(
    "way", ['{{"message": "bad key {0}"}}', '{{"error": "bad key {1}"}}', '{{"detail": "{2}"}}']
)
def test_a_service_that_repeats_its_key_is_not_quoted(way: str) -> None:
    """Its words stand in attempts and callbacks, the key in none of them, escaped or encoded."""
    key = "canary+0123/456=789"
    body = way.format(key, "canary%2B0123%2F456%3D789", "Y2FuYXJ5KzAxMjMvNDU2PTc4OQ==").encode()
    said = turned_down("painter", Answer(400, {}, body, False, 0.1), key).description
    assert "0123" not in said
    assert "Y2FuYXJ5" not in said


@pytest.mark.parametrize(
    "password", ["pa#CANARY", "pa/CANARY", "pa?CANARY", "pa@CANARY", "CANARY", ":CANARY:"]
)
def test_the_doctor_shows_no_password(password: str) -> None:
    """However odd it is, what stands before the host or behind a question mark is hidden."""
    for url in (f"postgresql://u:{password}@db.lan/sakuga", f"postgresql://db.lan/s?password={password}"):
        shown = " ".join(value for _, value, _ in describe(Settings(database_url=url)))
        assert "CANARY" not in shown
        assert "db.lan" in shown
    shown = " ".join(
        value for _, value, _ in describe(Settings(redis_url=f"redis://:{password}@h.lan:6379/0"))
    )
    assert "CANARY" not in shown


@pytest.mark.parametrize("rule", [database_url, redis_url])
def test_a_password_that_is_read_as_a_port_is_not_quoted(rule: Any) -> None:
    """An address without its host is refused without repeating what was typed."""
    scheme = "postgresql" if rule is database_url else "redis"
    with pytest.raises(ValueError, match="port") as caught:
        rule(f"{scheme}://user:{CANARY}")
    assert CANARY not in str(caught.value)
