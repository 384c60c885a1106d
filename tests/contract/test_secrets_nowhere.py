"""A secret that was sent is nowhere: not in database, broker, logs, files, answers or callbacks."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import redis

from app.serve import embedded
from tests.support.site import KEY, Json, Mailbox, Site, graph, link, node, until

VALUE = 'sk-canary/7Q+"x"=\\0123456789abcdef'
ROTATED = "rotated-canary-9876543210-zyxwv"
REPLIES = {"keeps": "echo", "refuses": "echo400", "breaks": "echo500"}
HEADER = {"name": "Authorization", "value": "Bearer", "secret": "canary"}
WAYS = {
    f"{way} of {name}": written
    for name, value in (("the first value", VALUE), ("the second", ROTATED))
    for way, written in {
        "plain": value,
        "json": json.dumps(value)[1:-1],
        "part": value[4:24],
        "address": quote(value, safe=""),
        "base64": base64.b64encode(value.encode()).decode()[:24],
        "base64 after Bearer": base64.b64encode(f"Bearer {value}".encode()).decode()[12:40],
        "hex": value.encode().hex()[:40],
    }.items()
}


@contextmanager
def listening(data: Path) -> Iterator[list[str]]:
    """Everything that passes the broker meanwhile."""
    heard: list[str] = []
    client = redis.Redis.from_url(embedded.url_of(data))
    with client.monitor() as monitor:

        def listen() -> None:
            with suppress(redis.RedisError, OSError, ValueError):
                heard.extend(str(command["command"]) for command in monitor.listen())

        threading.Thread(target=listen, daemon=True).start()
        yield heard
    client.close()


def asking(mailbox: Mailbox, replies: str) -> tuple[str, Json]:
    """A workflow that sends the secret, hands on whatever comes back, and the path it is sent to."""
    path = mailbox.path(replies)
    nodes = [
        node("input", "webhook_input", fields=[{"name": "subject", "type": "string"}]),
        node("call", "http_request", method="POST", url=mailbox.url(path), headers=[HEADER]),
        node("tell", "http_request", method="POST", url=mailbox.url(mailbox.path())),
    ]
    return path, graph(nodes, [link("call.payload", "tell.body")], "Asks")


def test_a_secret_that_was_sent_is_nowhere(site: Site) -> None:
    """Sent to its host, rotated for the next request, and in no byte that is kept or told."""
    mailbox, data = site.mailbox, site.folder / "data"
    wanted = {"name": "canary", "value": VALUE, "hosts": [mailbox.address]}
    back = mailbox.path()
    with listening(data) as heard:
        assert site.http.post("/v1/secrets", json=wanted).status_code == 201
        assert site.http.post("/v1/secrets", json={**wanted, "hosts": []}).status_code == 422
        paths, jobs = [], []
        for slug, replies in REPLIES.items():
            path, document = asking(mailbox, replies)
            site.workflow(slug, document)
            paths.append(path)
            jobs.append(site.job(slug, subject="x", callback_url=mailbox.url(back)))
        ended = [site.ended(job)["status"] for job in jobs]
        assert site.http.put("/v1/secrets/canary", json={"value": ROTATED}).status_code == 200
        jobs.append(site.job("keeps", subject="fresh", callback_url=mailbox.url(back)))
        ended.append(site.ended(jobs[-1])["status"])
        until(lambda: heard)
    assert ended == ["succeeded", "failed", "failed", "succeeded"]
    sent = [got.headers["authorization"] for got in mailbox.got[paths[0]]]
    assert sent == [f"Bearer {VALUE}", f"Bearer {ROTATED}"]
    told = [str(got) for path, all_got in mailbox.got.items() if path not in paths for got in all_got]
    pages = [*answers(site, jobs), *heard, *told]
    pages += [site.command(*words).stdout for words in (("doctor",), ("export", "keeps"))]
    leaks = [name for name, written in WAYS.items() if any(written in page for page in pages)]
    for found in site.folder.rglob("*"):
        kept = found.read_bytes() if found.is_file() else b""
        leaks += [f"{name} in {found.name}" for name, written in WAYS.items() if written.encode() in kept]
    assert not leaks
    assert "(secret canary)" in "".join(told)


def answers(site: Site, jobs: list[str]) -> list[str]:
    """What the API and the pages say of all this."""
    paths = ["/v1/secrets", "/v1/secrets/canary", "/v1/audit?limit=200", "/v1/runs?limit=100", "/metrics"]
    paths += ["/v1/deliveries", "/v1/alerts", "/v1/spend", "/v1/limits", "/v1/openapi.json", "/v1/providers"]
    rests = ("", "/draft", "/versions", "/versions/1", "/openapi.json", "/contract")
    paths += [f"/v1/workflows/{slug}{rest}" for slug in REPLIES for rest in rests]
    paths += [f"/v1/runs/{job}{rest}" for job in jobs for rest in ("", "/steps", "/callback", "/deliveries")]
    found = [site.http.get(path).text for path in paths]
    with site.http.stream("GET", f"/v1/runs/{jobs[0]}/events") as stream:
        found.append("".join(stream.iter_text()))
    site.http.get(f"/login?key={KEY}")
    for path in ("/secrets", "/workflows/keeps", f"/runs/{jobs[0]}", f"/runs/{jobs[1]}"):
        page = site.http.get(path)
        assert page.status_code == 200, path
        found.append(page.text)
    site.http.cookies.clear()
    return found
