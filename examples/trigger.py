"""Trigger a workflow and wait for its result, standard library only.

    SAKUGA_API_KEY=… python examples/trigger.py product-image examples/product-image.payload.json

--url names the server, --callback-url a receiver; --no-wait returns at once.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

FINAL = {"succeeded", "failed", "cancelled"}


class Refused(Exception):  # noqa: N818 - reads better than RefusedError where it is caught
    """The server answered with a problem; ``problem`` is its description (RFC 9457)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail') or problem.get('title') or 'no reason given'}")
        self.problem = problem


def call(address: str, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One request with JSON in and out; POST when there is a body."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers |= {"Content-Type": "application/json"}
        # Send the same key again when an answer gets lost: the work is then done once.
        headers |= {"Idempotency-Key": str(uuid.uuid4())}
    request = urllib.request.Request(address, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        raise Refused(error.code, _problem(error.read())) from error


def trigger(base: str, key: str, slug: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Start a run; the answer holds job_id, status and links."""
    return call(urljoin(base, f"/v1/hooks/{slug}"), key, payload)


def wait(
    base: str, key: str, accepted: dict[str, Any], seconds: float = 600, every: float = 1
) -> dict[str, Any]:
    """Ask until the run has ended, then return the callback body, which polling gives as well."""
    address = urljoin(base, accepted["links"]["self"])
    deadline = time.monotonic() + seconds
    while (run := call(address, key))["status"] not in FINAL:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{run['job_id']} is still {run['status']} after {seconds:g} seconds")
        time.sleep(every)
    return call(f"{address}/callback", key)


def _problem(body: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(body)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("slug", help="the workflow, for example product-image")
    parser.add_argument("payload", type=Path, help="JSON file with the business fields")
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server, %(default)s")
    parser.add_argument("--callback-url", help="where the result is POSTed")
    parser.add_argument("--no-wait", action="store_true", help="print the accepted run and return")
    args = parser.parse_args()
    base, key = args.url, os.environ.get("SAKUGA_API_KEY", "")
    payload = json.loads(args.payload.read_text("utf-8"))
    if args.callback_url:
        payload["callback_url"] = args.callback_url
    try:
        answer = trigger(base, key, args.slug, payload)
        if not args.no_wait:
            answer = wait(base, key, answer)
    except Refused as refused:
        print(json.dumps(refused.problem, indent=2), file=sys.stderr)
        return 1
    except urllib.error.URLError as error:
        sys.exit(f"{base} does not answer: {error.reason}")
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0 if answer["status"] not in {"failed", "cancelled"} else 1


if __name__ == "__main__":
    sys.exit(main())
