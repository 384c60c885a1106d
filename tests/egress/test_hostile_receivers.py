"""Receivers that misbehave: every attempt ends within its deadline, with one of our errors."""

import asyncio
import gzip
import socket
import struct
import time
from typing import Any

import pytest

from app.egress.client import Answer, Egress
from app.egress.errors import (
    AnswerTooLargeError,
    ConnectionLostError,
    EgressError,
    TimedOutError,
    TlsFailedError,
)
from app.egress.policy import EgressPolicy

pytestmark = pytest.mark.anyio
DEADLINE = 0.4
SLACK = 0.6
CAP = 64 * 1024
HEAD = b"HTTP/1.1 200 OK\r\n"


async def attempt(url: str, *, content: bytes = b"{}", deadline: float = DEADLINE) -> Answer:
    """One attempt; fails the test when it outlives its deadline or keeps more than the cap."""
    start = time.perf_counter()
    try:
        async with Egress(EgressPolicy.of(["127.0.0.1"])) as egress:
            answer = await egress.request(
                "POST", url, headers={}, content=content, deadline=deadline, max_bytes=CAP
            )
            assert len(answer.body) <= CAP
            return answer
    finally:
        assert time.perf_counter() - start < deadline + SLACK


def reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def drip(reader: Any, writer: Any, data: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def pour(reader: Any, writer: Any, start: bytes, more: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(start)
    while True:
        writer.write(more)
        await writer.drain()


async def hang_after_request(reader: Any, writer: Any) -> None:
    await reader.read()


async def hang_unread(reader: Any, writer: Any) -> None:
    reader._transport.pause_reading()
    await asyncio.sleep(DEADLINE + SLACK)


async def slow_head(reader: Any, writer: Any) -> None:
    await drip(reader, writer, HEAD + b"x-slow: " + b"y" * 1000)


async def slow_body(reader: Any, writer: Any) -> None:
    await drip(reader, writer, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + b"y" * 1000)


async def half_head(reader: Any, writer: Any) -> None:
    await pour_once(reader, writer, HEAD)


async def continue_only(reader: Any, writer: Any) -> None:
    await pour_once(reader, writer, b"HTTP/1.1 100 Continue\r\n\r\n")


async def promise_body(reader: Any, writer: Any) -> None:
    await pour_once(reader, writer, HEAD + b"content-length: 10\r\n\r\nhalf")


async def endless_continue(reader: Any, writer: Any) -> None:
    await pour(reader, writer, b"", b"HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\n" * 100)


async def pour_once(reader: Any, writer: Any, data: bytes) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(data)
    await reader.read()


@pytest.mark.parametrize(
    "behaviour",
    [hang_after_request, slow_head, slow_body, half_head, continue_only, promise_body, endless_continue],
)
async def test_stalling_receivers_time_out_after_sending(serve: Any, behaviour: Any) -> None:
    """Whatever trickles or stops, the total deadline ends the attempt, and it counts as sent."""
    async with serve(behaviour) as receiver:
        with pytest.raises(TimedOutError) as caught:
            await attempt(f"http://127.0.0.1:{receiver.port}/")
        assert (caught.value.code, caught.value.sent) == ("timeout", True)
        await asyncio.wait_for(receiver.gone.wait(), 5)


async def test_a_receiver_that_reads_nothing_times_out(serve: Any) -> None:
    """A body larger than all buffers between us and a dead reader keeps nobody."""
    async with serve(hang_unread) as receiver:
        with pytest.raises(TimedOutError):
            await attempt(f"http://127.0.0.1:{receiver.port}/", content=b"x" * 20_000_000)


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (HEAD + b"content-length: 99999999999\r\n\r\n", b"x" * 65536),
        (HEAD + b"\r\n", b"x" * 65536),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1000),
        (HEAD + b"content-encoding: gzip\r\n\r\n", gzip.compress(b"\0" * 10_000_000)),
        (b"HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1/\r\n\r\n", b"x" * 65536),
    ],
)
async def test_endless_bodies_are_cut(serve: Any, start: bytes, more: bytes) -> None:
    """At most 64 KiB are kept as they came, never decompressed, and the answer says it was cut."""
    async with serve(lambda r, w: pour(r, w, start, more)) as receiver:
        answer = await attempt(f"http://127.0.0.1:{receiver.port}/", deadline=3)
    assert (len(answer.body), answer.truncated) == (CAP, True)
    assert answer.body[:2] in (b"xx", b"\x1f\x8b")


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (HEAD, b"x-more: " + b"y" * 1000 + b"\r\n"),
        (HEAD + b"x-long: ", b"y" * 65536),
        (b"HTTP/1.1 200 ", b"O" * 65536),
        (b"", b"x" * 65536),
        (b"", b"HTTP/1.1 100 Continue" + b" " * 65536),
    ],
)
async def test_endless_heads_break_off(serve: Any, start: bytes, more: bytes) -> None:
    """A head beyond 64 KiB ends the attempt early instead of filling memory."""
    async with serve(lambda r, w: pour(r, w, start, more)) as receiver:
        with pytest.raises((AnswerTooLargeError, ConnectionLostError)) as caught:
            await attempt(f"http://127.0.0.1:{receiver.port}/", deadline=3)
    assert (caught.value.code, caught.value.sent) == ("connect_failed", True)


async def test_many_endless_headers_are_too_large(serve: Any) -> None:
    """The error for an oversized head names the limit."""
    more = b"x-more: " + b"y" * 1000 + b"\r\n"
    async with serve(lambda r, w: pour(r, w, HEAD, more)) as receiver:
        with pytest.raises(AnswerTooLargeError, match="65536 bytes"):
            await attempt(f"http://127.0.0.1:{receiver.port}/", deadline=3)


async def close_at_once(reader: Any, writer: Any) -> None:
    writer.close()


async def reset_at_once(reader: Any, writer: Any) -> None:
    reset(writer)


async def close_after_request(reader: Any, writer: Any) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def reset_after_request(reader: Any, writer: Any) -> None:
    await reader.readuntil(b"\r\n\r\n")
    reset(writer)


async def reset_in_body(reader: Any, writer: Any) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(HEAD + b"content-length: 10\r\n\r\nhalf")
    await writer.drain()
    reset(writer)


@pytest.mark.parametrize(
    "behaviour", [close_at_once, reset_at_once, close_after_request, reset_after_request, reset_in_body]
)
async def test_broken_connections_are_reported_as_such(serve: Any, behaviour: Any) -> None:
    """A close or reset at any point is one error, at once, without an address in its text."""
    async with serve(behaviour) as receiver:
        with pytest.raises(EgressError) as caught:
            await attempt(f"http://127.0.0.1:{receiver.port}/", deadline=3)
    assert isinstance(caught.value, ConnectionLostError)
    assert caught.value.code == "connect_failed"


@pytest.mark.parametrize(
    "reply",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"<html>hello</html>\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"\x00" * 1000,
        b"HTTP/2 200\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 -200 OK\r\n\r\n",
        HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 1e9\r\n\r\n",
        HEAD + b"transfer-encoding: gzip\r\n\r\n",
        HEAD + b"transfer-encoding: chunked\r\n\r\nZZ\r\nx\r\n",
        HEAD + b"transfer-encoding: chunked\r\n\r\n-1\r\nx\r\n",
        HEAD + b"transfer-encoding: chunked\r\n\r\nffffffffffffffffffffffff\r\nx\r\n",
        HEAD + b"bad header\r\n\r\n",
        HEAD + b"x-nul: a\x00b\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n\x81\x05hello",
    ],
)
async def test_answers_that_are_not_http_break_off(serve: Any, reply: bytes) -> None:
    """Malformed HTTP is an error of ours, never an answer and never another exception."""
    async with serve(lambda r, w: pour_once(r, w, reply)) as receiver:
        with pytest.raises((ConnectionLostError, TimedOutError)) as caught:
            await attempt(f"http://127.0.0.1:{receiver.port}/")
    assert caught.value.sent


async def test_an_early_refusal_of_a_large_body_is_an_answer(serve: Any) -> None:
    """A receiver that answers 413 without reading is heard, even if it closes at once."""

    async def refuse(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        await reader.read()

    async with serve(refuse) as receiver:
        answer = await attempt(f"http://127.0.0.1:{receiver.port}/", content=b"x" * 5_000_000, deadline=3)
    assert answer.status == 413


async def test_plain_text_behind_https_is_a_tls_error(serve: Any) -> None:
    """A receiver that speaks anything but TLS on an https URL fails the handshake; nothing was sent."""

    async def shout(reader: Any, writer: Any) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    for behaviour in (shout, reset_at_once, close_at_once):
        async with serve(behaviour) as receiver:
            with pytest.raises(TlsFailedError) as caught:
                await attempt(f"https://127.0.0.1:{receiver.port}/", deadline=3)
        assert (caught.value.code, caught.value.sent) == ("tls_error", False)


async def test_a_handshake_that_stalls_times_out_unsent(serve: Any) -> None:
    """Silence in the handshake ends with the deadline, and nothing of the request has left."""
    async with serve(hang_after_request) as receiver:
        with pytest.raises(TimedOutError) as caught:
            await attempt(f"https://127.0.0.1:{receiver.port}/")
        assert not caught.value.sent
        await asyncio.wait_for(receiver.gone.wait(), 5)


async def test_a_listener_that_never_accepts_times_out() -> None:
    """A full backlog counts against the same deadline."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with socket.create_connection(address), pytest.raises(TimedOutError):
            await attempt(f"http://127.0.0.1:{address[1]}/")
