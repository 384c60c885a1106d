"""An HTTP request from what a person typed: values go in once, each in the way of its place."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from graphs.errors import PermanentError
from graphs.node import Json
from graphs.secrecy import SecretUse
from graphs.web import SecretHeader, WebRequest
from nodes.conditions import plain
from nodes.template import MalformedTemplateError, Placeholder, parse

HEADER_NAME = "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
REFERENCE = "^([a-z0-9][a-z0-9_.-]*)?$"
MAX_ANSWER = 1 << 20
_HEADER_VALUE = re.compile("[\t\x20-\x7e]*")
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
# what people try who know it from elsewhere
_AS_PLACEHOLDER = re.compile(r"\{\{\s*secrets?\s*[:.]")
_RESERVED_NAMES = frozenset({"body"})
_KEY = "idempotency-key"


class Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=HEADER_NAME, max_length=100, description="Name of the header.")
    value: str = Field("", max_length=4000, description="Its value; {{placeholders}} work here too.")
    secret: str = Field(
        "",
        pattern=REFERENCE,
        max_length=60,
        description="Sent after the value, which is then a word such as Bearer, or empty.",
        json_schema_extra={"format": "secret"},
    )


class Shape(Protocol):
    """A request with placeholders; ``timeout`` in seconds."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> tuple[Header, ...]: ...
    @property
    def body_type(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def timeout(self) -> float: ...


def fault(shape: Shape) -> str | None:
    """The first reason why a request cannot be sent, or None."""
    own = url_fault(shape.url), body_fault(shape.body_type, shape.body)
    faults = (*own, *map(header_fault, shape.headers))
    return next((each for each in faults if each), None)


def url_fault(url: str) -> str | None:
    """Why an address cannot be used, or None."""
    if fault := _template_fault("url", url):
        return fault
    if url.startswith("{{"):
        return None
    if not url.lower().startswith(("https://", "http://")):
        return "url: must start with https://"
    if "{{" in re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0]:
        return "url: the host is fixed; placeholders belong behind it, or one gives the whole address"
    return None


def header_fault(header: Any) -> str | None:
    """Why a header cannot be sent, or None."""
    if fault := _template_fault(f"headers: {header.name}", header.value):
        return fault
    if not _HEADER_VALUE.fullmatch(header.value):
        return f"headers: the value of {header.name} must be plain ASCII on one line"
    return None


def body_fault(body_type: str, body: str) -> str | None:
    """Why a body cannot be sent, or None."""
    if body_type == "none":
        return None
    if body_type == "text":
        return _template_fault("body", body)
    try:
        strings = list(_strings(json.loads(body)))
    except (ValueError, RecursionError):
        return 'body: is not JSON; placeholders stand inside quotes, as in "{{name}}"'
    return next((fault for text in strings if (fault := _template_fault("body", text))), None)


def placeholders(shape: Shape) -> dict[str, bool]:
    """Name → whether a value is required, in the order of the text."""
    found: dict[str, bool] = {}
    for text in (shape.url, *(each.value for each in shape.headers), *_body_texts(shape)):
        for each in parse(text).placeholders:
            if each.name not in _RESERVED_NAMES:
                found[each.name] = found.get(each.name, False) or each.default is None
    return found


def build(shape: Shape, values: Mapping[str, Any], key: str | None) -> WebRequest:
    """The request to send; a value for ``body`` replaces the body, a key goes along unless one is set.

    Raises:
        PermanentError: A placeholder has no value, or a value cannot stand where it should.
    """
    given = {name: plain(value) for name, value in values.items()}
    headers, secrets = _headers(shape, given)
    content, kind = _content(shape, given)
    taken = {each.header for each in secrets}
    if content is not None and "content-type" not in taken:
        headers.setdefault("content-type", kind)
    if key and shape.method not in _REPEATABLE and _KEY not in taken:
        headers.setdefault(_KEY, key)
    url = _url(shape.url, given)
    return WebRequest(shape.method, url, headers, content, shape.timeout, MAX_ANSWER, secrets)


def secrets_of(shape: Shape) -> tuple[SecretUse, ...]:
    """The secrets that its headers name; an address that only the run tells is left empty."""
    url = "" if shape.url.startswith("{{") else shape.url.partition("{{")[0]
    named = ((at, each.secret) for at, each in enumerate(shape.headers) if each.secret)
    return tuple(SecretUse(f"headers[{at}].secret", name, url) for at, name in named)


def repeatable(request: WebRequest) -> bool:
    """Whether sending it twice does no more than sending it once (RFC 9110, 9.2.2)."""
    return request.method in _REPEATABLE or _KEY in request.headers


def _headers(shape: Shape, given: Json) -> tuple[dict[str, str], tuple[SecretHeader, ...]]:
    """Plain headers by name in lower case, and those that end in a secret; the last of a name holds."""
    plain_ones: dict[str, str] = {}
    secret_ones: dict[str, SecretHeader] = {}
    for at, each in enumerate(shape.headers):
        key, value = each.name.lower(), _header(each.name, _text(each.value, given))
        plain_ones.pop(key, None)
        secret_ones.pop(key, None)
        if each.secret:
            # "Bearer" and the key are two words, "key=" and the key are one
            before = f"{value} " if value[-1:].isalnum() else value
            secret_ones[key] = SecretHeader(key, before, each.secret, f"headers[{at}].secret")
        else:
            plain_ones[key] = value
    return plain_ones, tuple(secret_ones.values())


def _content(shape: Shape, given: Json) -> tuple[bytes | None, str]:
    if "body" in given:
        return _json(given["body"]).encode(), "application/json"
    if shape.body_type == "json":
        return _json(_filled(json.loads(shape.body), given)).encode(), "application/json"
    if shape.body_type == "text":
        return _text(shape.body, given).encode(), "text/plain; charset=utf-8"
    return None, ""


def _url(url: str, given: Json) -> str:
    parts = [part for part in parse(url).parts if part]
    whole = [_value(part, given) if isinstance(part, Placeholder) else part for part in parts]
    encoded = [
        quote(text, safe="") if isinstance(part, Placeholder) and index else text
        for index, (part, text) in enumerate(zip(parts, whole, strict=True))
    ]
    return "".join(encoded).strip()


def _header(name: str, value: str) -> str:
    if not _HEADER_VALUE.fullmatch(value):
        words = f"The value for header {name} is not plain ASCII on one line."
        raise PermanentError("node.provider_rejected_input", words, field=f"headers.{name}")
    return value


def _text(text: str, given: Json) -> str:
    parts = parse(text).parts
    return "".join(_value(part, given) if isinstance(part, Placeholder) else part for part in parts)


def _filled(value: Any, given: Json) -> Any:
    """A JSON value with its texts filled in; a placeholder alone keeps the type of what is put there."""
    if isinstance(value, dict):
        return {key: _filled(item, given) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, given) for item in value]
    if not isinstance(value, str):
        return value
    parts = [part for part in parse(value).parts if part]
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, Placeholder) and given.get(only.name) is not None:
        return given[only.name]
    return _text(value, given)


def _value(place: Placeholder, given: Json) -> str:
    value = given.get(place.name)
    if value is None or value == "":
        if place.default is None:
            words = f"The request needs a value for '{place.name}'; send one, or give it a default."
            raise PermanentError("node.input_missing", words, field=place.name)
        return place.default
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _body_texts(shape: Shape) -> list[str]:
    if shape.body_type == "json":
        return list(_strings(json.loads(shape.body)))
    return [shape.body] if shape.body_type == "text" else []


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _template_fault(place: str, text: str) -> str | None:
    if _AS_PLACEHOLDER.search(text):
        return f"{place}: a secret is named in the field 'secret' of a header, and nowhere else"
    try:
        parse(text)
    except MalformedTemplateError as error:
        return f"{place}: {error}"
    return None
