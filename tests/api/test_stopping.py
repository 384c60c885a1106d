"""A server that stops answers what it cannot finish."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.types import Message

from app.api import front
from app.api.front import Front

SCOPE: dict[str, Any] = {"type": "http", "path": "/v1/assets", "query_string": b"", "headers": []}


async def cut_off(*, begun: bool) -> list[Message]:
    """What a client gets whose request is ended by the server while it is worked on."""
    sent: list[Message] = []

    async def endless(_scope: Any, _receive: Any, send: Any) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(60)

    async def send(message: Message) -> None:
        if sent and message["type"] == "http.response.start":
            raise RuntimeError("the answer has begun")
        sent.append(message)

    system = cast("Any", SimpleNamespace(public_url="http://sakuga.test"))
    task = asyncio.ensure_future(Front(endless, system)(SCOPE, cast("Any", None), send))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled() == begun
    return sent


@pytest.fixture(autouse=True)
def no_triggers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door of triggers needs a whole system."""
    monkeypatch.setattr(front, "TriggerDoor", lambda _: None)


def test_a_request_that_is_cut_off_is_answered_503() -> None:
    """A problem with Retry-After, not a bare 500: whoever asked knows that it may ask again."""
    start, body = asyncio.run(cut_off(begun=False))
    assert start["status"] == 503
    assert (b"retry-after", b"5") in start["headers"]
    assert json.loads(body["body"])["error_code"] == "http.unavailable"


def test_an_answer_that_has_begun_is_cut_off() -> None:
    """Nothing is put behind the half of an answer."""
    (start,) = asyncio.run(cut_off(begun=True))
    assert start["status"] == 200
