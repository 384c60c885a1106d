"""Requests over real loopback sockets: what is sent, what comes back, how connections are kept."""

import asyncio
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from app.egress.client import Answer, Egress
from app.egress.errors import (
    BlockedAddressError,
    ConnectFailedError,
    TimedOutError,
    UnsendableError,
    UrlRefusedError,
)
from app.egress.policy import EgressPolicy

pytestmark = pytest.mark.anyio
OPEN = EgressPolicy.of(["127.0.0.0/8", "shop.test"])


async def post(egress: Egress, url: str, *, deadline: float = 5, **changes: Any) -> Answer:
    given: dict[str, Any] = {"headers": {"content-type": "application/json"}, "content": b'{"a":1}'} | changes
    return await egress.request(
        "POST", url, deadline=deadline, max_bytes=given.pop("max_bytes", 65536), **given
    )


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def until(condition: Any, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions of another process's making
            await asyncio.sleep(0.005)


async def test_a_request_arrives_as_built_and_its_answer_comes_back(serve: Any) -> None:
    """Method, path, Host, headers and body arrive; status, headers, body and time come back."""
    reply = b"HTTP/1.1 201 Created\r\nX-One: a\r\nX-One: b\r\nContent-Length: 4\r\n\r\n\x00\xffok"
    async with serve(reply) as receiver, Egress(OPEN) as egress:
        answer = await post(egress, f"http://127.0.0.1:{receiver.port}/hook?x=1#part")
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    assert head.splitlines() == [
        b"POST /hook?x=1 HTTP/1.1",
        b"host: 127.0.0.1:%d" % receiver.port,
        b"accept-encoding: identity",
        b"user-agent: Sakuga",
        b"content-length: 7",
        b"content-type: application/json",
    ]
    assert body == b'{"a":1}'
    assert (answer.status, answer.headers["x-one"], answer.body) == (201, "a, b", b"\x00\xffok")
    assert not answer.truncated
    assert 0 < answer.elapsed < 5


@pytest.mark.parametrize("status", [200, 204, 301, 302, 303, 307, 308, 404, 410, 429, 500, 503, 599])
async def test_every_status_is_an_answer(serve: Any, status: int) -> None:
    """The client judges no status; 3xx comes back like any other."""
    async with (
        serve(b"HTTP/1.1 %d X\r\ncontent-length: 0\r\n\r\n" % status) as receiver,
        Egress(OPEN) as egress,
    ):
        assert (await post(egress, f"http://127.0.0.1:{receiver.port}/")).status == status


async def test_a_redirect_is_never_followed(serve: Any) -> None:
    """A Location, absolute or relative, brings no second request."""
    async with serve() as canary, Egress(OPEN) as egress:
        for target in (b"http://127.0.0.1:%d/" % canary.port, b"/other"):
            reply = b"HTTP/1.1 307 Go\r\nlocation: " + target + b"\r\ncontent-length: 0\r\n\r\n"
            async with serve(reply) as receiver:
                answer = await post(egress, f"http://127.0.0.1:{receiver.port}/")
            assert (answer.status, answer.headers["location"]) == (307, target.decode())
            assert len(receiver.requests) == 1
        assert canary.connections == 0


async def test_proxy_variables_change_nothing(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy from the environment is ever contacted."""
    async with serve() as proxy, serve() as receiver, Egress(OPEN) as egress:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await post(egress, f"http://127.0.0.1:{receiver.port}/")).status == 200
        assert proxy.connections == 0


async def test_framing_headers_are_not_the_callers(serve: Any) -> None:
    """Host, length, coding and connection headers given by a caller are replaced by our own."""
    headers = {
        "Host": "evil.example",
        "Content-Length": "1",
        "Transfer-Encoding": "chunked",
        "Connection": "upgrade",
        "Upgrade": "h2c",
        "Expect": "100-continue",
        "Accept-Encoding": "gzip",
        "User-Agent": "Own",
    }
    async with serve() as receiver, Egress(OPEN) as egress:
        await post(egress, f"http://127.0.0.1:{receiver.port}/", headers=headers)
    head = receiver.requests[0].lower()
    for absent in (b"evil", b"chunked", b"upgrade", b"expect", b"gzip", b"sakuga"):
        assert absent not in head
    assert b"content-length: 7\r\n" in head
    assert b"user-agent: own\r\n" in head


@pytest.mark.parametrize(
    "headers",
    [{"x-a": "1\r\nx-b: 2"}, {"x-a\r\nx-b": "1"}, {"x a": "1"}, {"x-a": "\x00"}, {"x-a": "é"}, {"": "1"}],
)
async def test_malformed_headers_send_nothing(serve: Any, headers: dict[str, str]) -> None:
    """A header that would break the request apart is an error before anything is sent."""
    async with serve() as receiver, Egress(OPEN) as egress:
        with pytest.raises(UnsendableError) as caught:
            await post(egress, f"http://127.0.0.1:{receiver.port}/", headers=headers)
    assert not caught.value.sent
    assert receiver.requests == []


async def test_a_refused_url_opens_nothing(serve: Any, names: Any) -> None:
    """A URL outside the policy raises before any look-up or connection."""
    resolver = names()
    async with serve() as receiver, Egress(EgressPolicy(), resolver=resolver) as egress:
        with pytest.raises(UrlRefusedError):
            await post(egress, f"http://127.0.0.1:{receiver.port}/")
        assert (receiver.connections, resolver.asked) == (0, {})


async def test_connections_are_reused_with_one_look_up(serve: Any, names: Any) -> None:
    """Requests one after the other share a connection and the look-up that opened it."""
    resolver = names(shop_test=[["127.0.0.1"]])
    async with serve() as receiver, Egress(OPEN, resolver=resolver) as egress:
        for _ in range(5):
            await post(egress, f"http://shop.test:{receiver.port}/")
    assert (receiver.connections, resolver.asked["shop.test"], len(receiver.requests)) == (1, 1, 5)
    assert b"host: shop.test:%d\r\n" % receiver.port in receiver.requests[0]


async def test_an_idle_connection_the_peer_closed_is_replaced(serve: Any) -> None:
    """A peer that closes after its answer, announced or not, disturbs no later request."""
    for reply in (
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
    ):

        async def once(reader: Any, writer: Any, reply: bytes = reply) -> None:
            await reader.readuntil(b'{"a":1}')
            writer.write(reply)
            await writer.drain()

        async with serve(once) as receiver, Egress(OPEN) as egress:
            for attempt in range(3):
                assert (await post(egress, f"http://127.0.0.1:{receiver.port}/")).status == 200
                await until(receiver.gone.is_set)
                receiver.gone.clear()
                assert receiver.connections == attempt + 1


async def test_bytes_after_an_answer_never_answer_the_next_request(serve: Any) -> None:
    """A receiver that answers twice to one request cannot forge the answer to another."""
    forged = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"
    async with serve(forged) as receiver, Egress(OPEN) as egress:
        statuses = [(await post(egress, f"http://127.0.0.1:{receiver.port}/")).status for _ in range(3)]
    assert statuses == [200, 200, 200]
    assert receiver.connections == 3


async def test_a_hundred_hanging_receivers_hold_up_no_other(serve: Any) -> None:
    """Requests under way to a dead receiver delay a good one by nothing."""

    async def hang(reader: Any, writer: Any) -> None:
        await reader.read()

    async with serve(hang) as dead, serve() as good, Egress(OPEN) as egress:
        url = f"http://127.0.0.1:{dead.port}/"
        waiting = [asyncio.create_task(post(egress, url, deadline=1.5)) for _ in range(100)]
        await until(lambda: dead.connections == 100)
        assert (await post(egress, f"http://127.0.0.1:{good.port}/")).elapsed < 1
        results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, TimedOutError) and result.sent for result in results)


async def test_no_socket_outlives_its_request(serve: Any) -> None:
    """Time-outs, cancellations and cut answers close their sockets."""

    async def flood(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
        await reader.read()

    async with serve(flood) as receiver, Egress(OPEN) as egress:
        url = f"http://127.0.0.1:{receiver.port}/"
        before = open_files()
        cut = await asyncio.gather(*(post(egress, url, max_bytes=10) for _ in range(20)))
        assert all(answer.truncated and len(answer.body) == 10 for answer in cut)
        late = [post(egress, url, deadline=0.3, max_bytes=10**6) for _ in range(20)]
        assert all(isinstance(e, TimedOutError) for e in await asyncio.gather(*late, return_exceptions=True))
        task = asyncio.create_task(post(egress, url, max_bytes=10**6))
        await until(lambda: receiver.connections == 41)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: open_files() <= before)


async def test_closing_drops_idle_connections(serve: Any) -> None:
    """After `aclose` the receiver sees its kept connection end."""
    async with serve() as receiver:
        egress = Egress(OPEN)
        await post(egress, f"http://127.0.0.1:{receiver.port}/")
        await egress.aclose()
        await asyncio.wait_for(receiver.gone.wait(), 5)


async def test_a_refused_connection_is_named_without_its_address(names: Any) -> None:
    """Nobody listening is connect_failed, not sent, and the text holds no resolved address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with Egress(OPEN, resolver=names(shop_test=[["127.0.0.1", "127.0.0.3"]])) as egress:
        with pytest.raises(ConnectFailedError) as caught:
            await post(egress, f"http://shop.test:{port}/")
    assert (caught.value.code, caught.value.sent) == ("connect_failed", False)
    assert str(caught.value) == "no connection to shop.test: Connection refused"
    assert caught.value.__context__ is None


async def test_the_next_address_is_tried(serve: Any, names: Any) -> None:
    """A name whose first address refuses is reached at its second."""
    resolver = names(shop_test=[["127.0.0.3", "127.0.0.1"]])
    async with serve() as receiver, Egress(OPEN, resolver=resolver) as egress:
        assert (await post(egress, f"http://shop.test:{receiver.port}/")).status == 200


async def test_ipv6_literals(serve: Any) -> None:
    """An opened IPv6 address is reached, with brackets in the Host header."""
    async with serve(address="::1") as receiver, Egress(EgressPolicy.of(["::1"])) as egress:
        assert (await post(egress, f"http://[::1]:{receiver.port}/")).status == 200
    assert b"host: [::1]:%d\r\n" % receiver.port in receiver.requests[0]


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "http://[fe80::1]/", "http://[::ffff:a9fe:a9fe]/"]
)
async def test_link_local_is_unreachable_whatever_is_opened(url: str) -> None:
    """With the whole internet opened, link-local still raises at once."""
    async with Egress(EgressPolicy.of(["0.0.0.0/0", "::/0"])) as egress:
        start = time.perf_counter()
        with pytest.raises((UrlRefusedError, BlockedAddressError)):
            await post(egress, url)
        assert time.perf_counter() - start < 5


async def test_a_large_body_is_sent_whole(serve: Any) -> None:
    """Four megabytes go out and are counted by the receiver."""
    async with serve() as receiver, Egress(OPEN) as egress:
        await post(egress, f"http://127.0.0.1:{receiver.port}/", content=b"x" * 4_000_000)
    assert receiver.requests[0].endswith(b"x" * 1000)
    assert len(receiver.requests[0].partition(b"\r\n\r\n")[2]) == 4_000_000


@pytest.mark.parametrize(
    ("method", "length"), [("GET", None), ("DELETE", None), ("POST", b"0"), ("PUT", b"0")]
)
async def test_requests_without_a_body(serve: Any, method: str, length: bytes | None) -> None:
    """A bodyless GET carries no length, a bodyless POST says 0."""
    async with serve() as receiver, Egress(OPEN) as egress:
        url = f"http://127.0.0.1:{receiver.port}/"
        await egress.request(method, url, headers={}, content=None, deadline=5, max_bytes=100)
    assert receiver.requests[0].startswith(method.encode())
    assert (b"content-length: " + (length or b"")) in receiver.requests[0] or length is None
    assert length is not None or b"content-length" not in receiver.requests[0]
