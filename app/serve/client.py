"""`sakuga trigger`: start a run over the public API (contract §3, §4) and, if asked, follow it to its end."""

import json
import re
import sys
import time
from typing import Any
from urllib.parse import quote

import httpx

from app.serve.errors import OperatorError
from app.settings import load_settings
from graphs.trigger import RESERVED

_FINAL = frozenset({"succeeded", "failed", "cancelled"})
_POLL_SECONDS = 0.25
_KEY = re.compile(r"[\x21-\x7e]{1,512}")
_ADDRESS = re.compile(r"https?://[^/]", re.IGNORECASE)


class BadFieldError(OperatorError):
    """A `--set` is not name=value."""

    def __init__(self, given: str) -> None:
        super().__init__(f"--set {given}: write name=value, such as --set product_name=Kettle")
        self.given = given


class KeyMissingError(OperatorError):
    """No API key was given."""

    def __init__(self) -> None:
        super().__init__("no API key: give --key or set SAKUGA_API_KEY (make one with: sakuga key create)")


class BadAddressError(OperatorError):
    """The base address is none."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"--url {url}: must be http:// or https:// with a host, such as http://127.0.0.1:8080"
        )
        self.url = url


class KeyUnusableError(OperatorError):
    """What was given as a key cannot be one."""

    def __init__(self) -> None:
        super().__init__(
            "the API key holds blanks or other characters that no key has: see --key, SAKUGA_API_KEY"
        )


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
        run = send(http, slug, body_of(http, slug, values))
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
        path = f"/v1/workflows/{quote(slug, safe='@')}/dry-run"
        told = _json(_ask(http, "POST", path, json=body_of(http, slug, values)))
    for error in told["errors"]:
        sys.stderr.write(f"{error.get('field')}: {error.get('detail')}\n")
    if not told["valid"]:
        return 1
    seconds = "unknown time" if told["seconds"] is None else f"about {told['seconds']:g} s"
    wait = told["wait"]
    refused = told["starts"] == "refused"
    start = "starts now" if wait is None else f"starts later ({wait['explanation']})"
    if refused:
        start = f"would be refused ({wait['explanation']})"
    lines = [f"{start}; at most {told['credits']:g} credits, {seconds}"]
    lines += [f"  {'runs' if each['runs'] else 'skipped':8}{each['label']}" for each in told["steps"]]
    print("\n".join(lines))  # noqa: T201
    return int(refused)


def connect(key: str, url: str) -> httpx.Client:
    """A client of one's own server; `url` defaults to this machine's settings."""
    settings = load_settings()
    secret = key.strip() or settings.bootstrap_key
    if not secret:
        raise KeyMissingError
    if not _KEY.fullmatch(secret):
        raise KeyUnusableError
    if url and not _ADDRESS.match(url):
        raise BadAddressError(url)
    headers = {"Authorization": f"Bearer {secret}"}
    return httpx.Client(base_url=url or settings.public_url, headers=headers, timeout=30, trust_env=False)


def body_of(http: httpx.Client, slug: str, values: list[str]) -> dict[str, Any]:
    """The body from `name=value` texts.

    What reads as a number, a list or the like is one, unless the workflow wants text there: a product may be
    called 7. A key that may not read workflows leaves that to the look of the value.

    Raises:
        OperatorError: a text is not name=value, or no server answers.
    """
    texts = _pairs(values)
    body = {name: _value(text) for name, text in texts.items()}
    doubtful = {name for name, value in body.items() if value is not None and not isinstance(value, str)}
    wanted = RESERVED | _text_fields(http, slug) if doubtful else set()
    return body | {name: texts[name] for name in doubtful & wanted}


def hook_of(slug: str) -> str:
    """The address of a trigger; whatever `slug` holds stays one part of it."""
    return f"/v1/hooks/{quote(slug, safe='@')}"


def send(http: httpx.Client, slug: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST one trigger and give the 202 body."""
    return _json(_ask(http, "POST", hook_of(slug), json=body))


def _pairs(values: list[str]) -> dict[str, str]:
    pairs = {}
    for given in values:
        name, separator, text = given.partition("=")
        if not separator or not name.strip():
            raise BadFieldError(given)
        pairs[name.strip()] = text
    return pairs


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return text
    return value


def _text_fields(http: httpx.Client, slug: str) -> set[str]:
    """The fields that take text, where the key may know."""
    name, _, version = slug.partition("@")
    path = f"/v1/workflows/{quote(name, safe='')}/contract"
    answer = _ask(http, "GET", path, params={"version": version} if version else {})
    fields = _json(answer).get("fields") if answer.is_success else None
    return {field["name"] for field in fields or [] if field.get("type") == "string"}


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
