"""`sakuga trigger`: start a run over the public API (contract §3, §4) and, if asked, follow it to its end."""

import json
import sys
import time
from typing import Any

import httpx

from app.serve.errors import OperatorError
from app.settings import load_settings

_FINAL = frozenset({"succeeded", "failed", "cancelled"})
_POLL_SECONDS = 0.25


class BadFieldError(OperatorError):
    """A `--set` is not name=value."""

    def __init__(self, given: str) -> None:
        super().__init__(f"--set {given}: write name=value, such as --set product_name=Kettle")
        self.given = given


class KeyMissingError(OperatorError):
    """No API key was given."""

    def __init__(self) -> None:
        super().__init__("no API key: give --key or set SAKUGA_API_KEY (make one with: sakuga key create)")


class UnreachableError(OperatorError):
    """No server answers at the address."""

    exit_code = 1

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no answer from {url} ({reason}); is `sakuga up` running?")
        self.url = url


class RefusedError(OperatorError):
    """The server answered with a problem document."""

    exit_code = 1

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        fields = [f"{error.get('field')}: {error.get('detail')}" for error in problem.get("errors") or []]
        text = problem.get("detail") or problem.get("title") or "no reason given"
        code = problem.get("error_code") or "no code"
        super().__init__("; ".join([f"refused with {status} ({code}): {text}", *fields]))
        self.status = status
        self.problem = problem


def trigger(slug: str, values: list[str], *, wait: bool, key: str, url: str) -> int:
    """Start a run and print its job id, then with `wait` its steps and outputs.

    Returns:
        0; with `wait` 1 where the run did not succeed.

    Raises:
        OperatorError: bad arguments, no server, or a refusal.
    """
    with connect(key, url) as http:
        run = send(http, slug, fields_of(values))
        print(run["job_id"])  # noqa: T201
        if not wait:
            return 0
        return _report(_follow(http, run["links"]["self"]))


def dry_run(slug: str, values: list[str], *, key: str, url: str) -> int:
    """Print what a trigger would do, what it may cost and how long it usually takes; starts nothing.

    Returns:
        0; 1 where the trigger would be refused.

    Raises:
        OperatorError: bad arguments, no server, or a refusal.
    """
    with connect(key, url) as http:
        path = f"/v1/workflows/{slug}/dry-run"
        told = _json(_ask(http, "POST", path, json=fields_of(values)))
    for error in told["errors"]:
        sys.stderr.write(f"{error.get('field')}: {error.get('detail')}\n")
    if not told["valid"]:
        return 1
    seconds = "unknown time" if told["seconds"] is None else f"about {told['seconds']:g} s"
    wait = told["wait"]
    start = "now" if wait is None else f"later ({wait['explanation']})"
    lines = [f"starts {start}; at most {told['credits']:g} credits, {seconds}"]
    lines += [f"  {'runs' if each['runs'] else 'skipped':8}{each['label']}" for each in told["steps"]]
    print("\n".join(lines))  # noqa: T201
    return 0


def connect(key: str, url: str) -> httpx.Client:
    """A client of one's own server; `url` defaults to this machine's settings."""
    settings = load_settings()
    secret = key or settings.bootstrap_key
    if not secret:
        raise KeyMissingError
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.Client(base_url=url or settings.public_url, headers=headers, timeout=30, trust_env=False)


def fields_of(values: list[str]) -> dict[str, Any]:
    """The body from `name=value` texts; a value that reads as JSON counts as JSON, else as text."""
    body: dict[str, Any] = {}
    for given in values:
        name, separator, text = given.partition("=")
        if not separator or not name.strip():
            raise BadFieldError(given)
        body[name.strip()] = _value(text)
    return body


def send(http: httpx.Client, slug: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST one trigger and give the 202 body."""
    return _json(_ask(http, "POST", f"/v1/hooks/{slug}", json=body))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _ask(http: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
    try:
        return http.request(method, path, **options)
    except httpx.HTTPError as error:
        raise UnreachableError(str(http.base_url), str(error) or type(error).__name__) from error


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    if answer.is_error or not isinstance(body, dict):
        raise RefusedError(answer.status_code, body if isinstance(body, dict) else {})
    return body


def _follow(http: httpx.Client, path: str) -> dict[str, Any]:
    seen = ""
    while True:
        run = _json(_ask(http, "GET", path))
        state = _state(run)
        if state != seen:
            sys.stderr.write(state + "\n")
            seen = state
        if run["status"] in _FINAL:
            return run
        time.sleep(_POLL_SECONDS)


def _state(run: dict[str, Any]) -> str:
    progress = run.get("progress") or {}
    reason = (run.get("wait") or {}).get("reason")
    parts = [run["status"], reason, progress.get("label") or progress.get("node")]
    return " · ".join(str(part) for part in parts if part)


def _report(run: dict[str, Any]) -> int:
    for output in run.get("outputs") or []:
        print(output.get("asset_url"))  # noqa: T201
    error = run.get("error") or {}
    if error:
        sys.stderr.write(f"{error.get('error_code')}: {error.get('error_description')}\n")
    return 0 if run["status"] == "succeeded" else 1
