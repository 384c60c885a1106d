"""Names that resolve to something else than hoped: looked up once, judged whole, connected as judged."""

import asyncio
import itertools
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.egress import resolve
from app.egress.client import Egress
from app.egress.errors import BlockedAddressError, DnsFailedError, EgressError, TimedOutError
from app.egress.policy import EgressPolicy
from app.egress.resolve import SystemResolver

pytestmark = pytest.mark.anyio
PORT = 8443
URL = f"https://shop.test:{PORT}/hook"


@pytest.fixture
def addresses() -> Iterator[str]:
    """Loopback addresses of this process's own, so that a fixed port meets nobody else."""
    pid = os.getpid()
    return (f"127.{91 + pid // 62500 % 60}.{pid // 250 % 250}.{n}" for n in itertools.count(pid % 250 % 100))


async def post(egress: Egress, url: str = URL, deadline: float = 5) -> int:
    answer = await egress.request("POST", url, headers={}, content=b"", deadline=deadline, max_bytes=1000)
    return answer.status


def opened(address: str) -> EgressPolicy:
    return EgressPolicy.of([f"{address}:{PORT}"])


@pytest.mark.parametrize("order", [1, -1])
async def test_mixed_answers_reach_nobody(
    serve: Any, names: Any, authority: Any, addresses: Any, order: int
) -> None:
    """A name with one good and one bad answer is refused whole, whichever comes first."""
    good, bad = next(addresses), next(addresses)
    tls = authority.server("shop.test")
    resolver = names(shop_test=[[good, bad][::order]])
    async with serve(address=good, port=PORT, tls=tls) as a, serve(address=bad, port=PORT, tls=tls) as b:
        async with Egress(opened(good), resolver=resolver, tls=authority.client) as egress:
            with pytest.raises(BlockedAddressError) as caught:
                await post(egress)
        assert (a.connections, b.connections) == (0, 0)
    assert (caught.value.code, caught.value.sent) == ("blocked_address", False)
    assert good not in str(caught.value)
    assert bad not in str(caught.value)


async def test_rebinding_reaches_only_checked_addresses(
    serve: Any, names: Any, authority: Any, addresses: Any
) -> None:
    """A record that flips on every look-up never brings a connection to the unchecked address."""
    good, bad = next(addresses), next(addresses)
    tls = authority.server("shop.test")
    resolver = names(shop_test=[[good], [bad]] * 25)
    statuses = []
    async with serve(address=good, port=PORT, tls=tls) as a, serve(address=bad, port=PORT, tls=tls) as canary:
        for _ in range(50):
            async with Egress(opened(good), resolver=resolver, tls=authority.client) as egress:
                try:
                    statuses.append(await post(egress))
                except BlockedAddressError:
                    statuses.append(0)
        assert canary.connections == 0
        assert a.connections == 25
    assert statuses == [200, 0] * 25
    assert resolver.asked["shop.test"] == 50


@pytest.mark.parametrize(
    "answer",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "fd00:ec2::254",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
    ],
)
async def test_a_name_that_leads_inside_is_blocked(names: Any, answer: str) -> None:
    """However the zone leads inside (plain record or alias), the answer is judged, not the name."""
    async with Egress(EgressPolicy(), resolver=names(shop_test=[[answer]])) as egress:
        with pytest.raises(BlockedAddressError):
            await post(egress)


@pytest.mark.parametrize(
    "answer", ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fe80::1"]
)
async def test_an_opened_name_never_leads_to_link_local(names: Any, answer: str) -> None:
    """A rule for the name and for every address still keeps link-local closed."""
    policy = EgressPolicy.of(["shop.test", "0.0.0.0/0", "::/0"])
    async with Egress(policy, resolver=names(shop_test=[[answer]])) as egress:
        with pytest.raises(BlockedAddressError):
            await post(egress)


@pytest.mark.parametrize("row", [[], socket.gaierror(-2, "Name or service not known"), OSError("10.0.0.1")])
async def test_no_answer_is_dns_failed(names: Any, row: Any) -> None:
    """An empty answer, an unknown name and a failing server are dns_failed, nothing sent."""
    async with Egress(EgressPolicy(), resolver=names(shop_test=[row])) as egress:
        with pytest.raises(DnsFailedError) as caught:
            await post(egress)
    assert (caught.value.code, caught.value.sent) == ("dns_failed", False)
    assert str(caught.value) == "shop.test could not be resolved"


async def test_a_stalled_look_up_times_out_unsent() -> None:
    """A name server that never answers costs the deadline, no more."""

    async def stall(host: str) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with Egress(EgressPolicy(), resolver=stall) as egress:
        with pytest.raises(TimedOutError) as caught:
            await post(egress, deadline=0.2)
    assert not caught.value.sent


async def test_literals_are_never_looked_up(serve: Any, names: Any) -> None:
    """An address in the URL goes to the socket without the resolver."""
    resolver = names()
    async with serve() as receiver, Egress(EgressPolicy.of(["127.0.0.1"]), resolver=resolver) as egress:
        assert await post(egress, f"http://127.0.0.1:{receiver.port}/") == 200
    assert not resolver.asked


async def test_the_system_resolver_reads_the_hosts_file() -> None:
    """Without a network, the platform still resolves localhost to loopback."""
    assert "127.0.0.1" in await SystemResolver()("localhost")


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "a..b", "\udcff"])
async def test_the_system_resolver_raises_only_os_errors(name: str) -> None:
    """A name the platform cannot even encode is an OSError like any other failure."""
    with pytest.raises(OSError):
        await SystemResolver()(name)


async def test_stalled_look_ups_hold_a_bounded_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Abandoned look-ups keep their slot until the platform returns, then the next ones run."""
    release, running = threading.Event(), threading.Semaphore(0)

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        running.release()
        release.wait(10)
        return [(2, 1, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(resolve.socket, "getaddrinfo", getaddrinfo)
    resolver = SystemResolver(slots=2)
    tasks = [asyncio.create_task(resolver(f"host{n}")) for n in range(4)]
    assert await asyncio.to_thread(running.acquire, timeout=5)
    assert await asyncio.to_thread(running.acquire, timeout=5)
    tasks[0].cancel()
    assert not running.acquire(timeout=0.05)
    release.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [["127.0.0.1"]] * 3


async def test_the_certificate_must_name_the_host(
    serve: Any, names: Any, authority: Any, addresses: Any
) -> None:
    """TLS is verified against the name in the URL, with a trusted, current certificate."""
    cases = [
        (authority.server("shop.test"), authority.client, 200),
        (authority.server("other.test"), authority.client, "tls_error"),
        (authority.server("shop.test", days=-1), authority.client, "tls_error"),
        (authority.server("shop.test"), None, "tls_error"),
    ]
    address = next(addresses)
    for tls, trust, expected in cases:
        resolver = names(shop_test=[[address]])
        async with (
            serve(address=address, port=PORT, tls=tls) as receiver,
            Egress(opened(address), resolver=resolver, tls=trust) as egress,
        ):
            assert await outcome(egress) == expected
        assert len(receiver.requests) == (expected == 200)


async def outcome(egress: Egress) -> int | str:
    try:
        return await post(egress)
    except EgressError as error:
        return "leaked" if error.sent or "127." in str(error) else error.code


async def test_the_server_is_told_the_name(serve: Any, names: Any, authority: Any, addresses: Any) -> None:
    """SNI and Host carry the name, though the connection goes to the address; it is kept and reused."""
    told: list[str | None] = []
    tls = authority.server("shop.test")
    tls.sni_callback = lambda _socket, name, _context: told.append(name)
    address = next(addresses)
    resolver = names(shop_test=[[address]])
    async with (
        serve(address=address, port=PORT, tls=tls) as receiver,
        Egress(opened(address), resolver=resolver, tls=authority.client) as egress,
    ):
        assert [await post(egress), await post(egress)] == [200, 200]
    assert told == ["shop.test"]
    assert b"host: shop.test:8443\r\n" in receiver.requests[0]
