"""`sakuga load`: a bounded number of triggers at a fixed rate against one's own server."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.serve.client import body_of, connect, hook_of

_SENDERS = 16


@dataclass(slots=True)
class Tally:
    """What the answers were: milliseconds from the planned moment of each, and counts by status."""

    latencies: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def load(slug: str, values: list[str], *, count: int, rate: float, key: str, url: str) -> int:
    """Send `count` triggers, `rate` a second, and print a table.

    Latency counts from the moment a trigger was due, so that a server that stalls cannot hide it.

    Returns:
        0 where every trigger was accepted, else 1.
    """
    tally = Tally()
    with connect(key, url) as http, ThreadPoolExecutor(_SENDERS) as senders:
        body = body_of(http, slug, values) or {"product_id": "load", "product_name": "Load"}
        began = time.monotonic()
        for number in range(count):
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            senders.submit(_one, http, hook_of(slug), body, due, tally)
    print(_table(tally, time.monotonic() - began))  # noqa: T201
    return 0 if tally.answers["202"] == count else 1


def _one(http: httpx.Client, path: str, body: dict[str, Any], due: float, tally: Tally) -> None:
    try:
        answer = str(http.post(path, json=body).status_code)
    except httpx.HTTPError as error:
        answer = type(error).__name__
    tally.latencies.append((time.monotonic() - due) * 1000)
    tally.answers[answer] += 1


def _table(tally: Tally, seconds: float) -> str:
    sent = sum(tally.answers.values())
    rows = [
        ("sent", f"{sent} in {seconds:.1f} s ({sent / seconds:.1f}/s)"),
        *((f"answered {answer}", str(number)) for answer, number in sorted(tally.answers.items())),
        ("p50", f"{tally.percentile(0.5):.1f} ms"),
        ("p95", f"{tally.percentile(0.95):.1f} ms"),
        ("p99", f"{tally.percentile(0.99):.1f} ms"),
        ("longest", f"{tally.percentile(1):.1f} ms"),
    ]
    width = max(16, *(len(name) + 2 for name, _ in rows))
    return "\n".join(f"{name:<{width}}{value}" for name, value in rows)
