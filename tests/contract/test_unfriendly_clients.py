"""Real sockets, bad manners: nothing is answered 5xx, and the server lives on."""

import re
import socket
import threading

import httpx
import pytest

from tests.contract.conftest import SLOW
from tests.support.site import KEY, Site

AUTH = f"Authorization: Bearer {KEY}\r\n".encode()
TRIGGER = b"POST /v1/hooks/plain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + AUTH
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


def raw(site: Site, data: bytes, *, seconds: float = 10, half_close: bool = False) -> bytes:
    """Send bytes, and give all that comes back until the server hangs up or says no more."""
    got = b""
    with socket.create_connection(("127.0.0.1", site.port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(1 << 16):
                got += part
        except OSError:
            pass
    return got


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(answer)]


def request(head: bytes, body: bytes) -> bytes:
    return head + b"Connection: close\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body


BAD = {
    "deep lists": (request(TRIGGER, b"[" * 100_000), {400}),
    "deep objects": (request(TRIGGER, b'{"a":' * 100_000), {400}),
    "two megabytes": (request(TRIGGER, b'{"a":"' + b"x" * (2 << 20) + b'"}'), {413}),
    "no UTF-8": (request(TRIGGER, b'{"subject":"\xc3\x28"}'), {400}),
    "a length that lies": (TRIGGER + b"Content-Length: 99999999999999999999\r\n\r\n{}", {400, 413}),
    "a negative length": (TRIGGER + b"Content-Length: -1\r\n\r\n{}", {400}),
    "two lengths": (TRIGGER + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", {400}),
    "length and chunks": (
        TRIGGER + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "bad chunks": (TRIGGER + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
    "many headers": (b"GET /v1/runs HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 500_000 + b"\r\n", {431}),
    "one long header": (b"GET /v1/runs HTTP/1.1\r\nHost: x\r\nX-A: " + b"b" * 4_000_000 + b"\r\n\r\n", {431}),
    "a long address": (b"GET /v1/" + b"a" * 2_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {431}),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, {400}),
    "binary address": (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "HTTP/9": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {400}),
    "an old upgrade": (
        b"GET /v1/runs HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: h2c\r\n\r\n",
        {401},
    ),
    "a NUL in a header": (b"GET /v1/runs HTTP/1.1\r\nHost: x\r\nX-A: \x00\r\n\r\n", {400}),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_refused_with_a_problem(site: Site, name: str):
    """One clean refusal in the product's own form, also below the API; then the next request works."""
    data, allowed = BAD[name]
    answer = raw(site, data)
    # a client that is still sending may be cut off before it reads
    assert set(statuses(answer)) <= allowed, answer[:300]
    if answer:
        assert b"application/problem+json" in answer
    elif name not in {"many headers", "one long header", "a long address"}:
        pytest.fail("no answer at all")
    assert site.http.get("/healthz").status_code == 200


def test_old_http_is_served(site: Site):
    """HTTP/1.0 without a Host gets its answer and the end of the connection."""
    answer = raw(site, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert statuses(answer) == [200]
    body = b'{"subject":"x"}'
    head = TRIGGER.replace(b"HTTP/1.1", b"HTTP/1.0")
    assert statuses(raw(site, request(head, body))) == [202]


def test_pipelined_requests_are_answered_in_order(site: Site):
    """Many requests in one packet: as many answers, in order; a fault behind them takes none away."""
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /v1/runs HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert statuses(raw(site, (one + two) * 20 + last)) == [200, 401] * 20 + [200]
    assert statuses(raw(site, (one + two) * 3 + b"no HTTP\r\n\r\n"))[:6] == [200, 401] * 3


def test_large_bodies_come_over_one_connection(site: Site):
    """A body in one packet is not taken for a head that is too long."""
    body = b'{"subject":"x","a":"' + b"x" * 200_000 + b'"}'
    head = TRIGGER + b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert statuses(raw(site, (head + body) * 3 + last)) == [202, 202, 202, 200]


def test_a_client_that_goes_away_costs_nothing(site: Site):
    """Half a body, then the end: no run, no error line, no 5xx."""

    def latest() -> str:
        return str(site.http.get("/v1/runs", params={"limit": 1}).json()["items"][0]["job_id"])

    site.job(subject="x")
    before, told = latest(), len(site.lines())
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", site.port)) as connection:
            connection.sendall(TRIGGER + b'Content-Length: 100\r\n\r\n{"subject":')
    assert latest() == before
    assert not [line for line in site.lines()[told:] if line["level"] in {"error", "critical"}]


def test_a_crowd_of_bad_clients_delays_nobody(site: Site):
    """While eight clients send deep and large bodies, good triggers are still answered."""
    stop = threading.Event()

    def annoy() -> None:
        while not stop.is_set():
            raw(site, BAD["deep objects"][0])
            raw(site, BAD["two megabytes"][0])

    crowd = [threading.Thread(target=annoy, daemon=True) for _ in range(8)]
    for each in crowd:
        each.start()
    try:
        answers = [site.trigger(subject="x") for _ in range(20)]
    finally:
        stop.set()
        for each in crowd:
            each.join(20)
    assert {answer.status_code for answer in answers} == {202}
    assert max(answer.elapsed.total_seconds() for answer in answers) < 5


@pytest.mark.parametrize("name", SLOW)
def test_the_slow_are_told_so_and_let_go(site: Site, slow, name: str):
    """After half a minute without a whole request the server answers 408 and hangs up."""
    client = slow[name]
    client.thread.join(45)
    assert not client.thread.is_alive()
    assert statuses(client.answer) == [408], client.answer[:200]
    assert 25 < client.seconds < 45
    assert httpx.get(f"{site.url}/healthz", trust_env=False).status_code == 200
