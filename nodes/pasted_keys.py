"""What looks like a key that somebody pasted into a request, where everybody can read it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from graphs.secrecy import NAMED, SHAPES, PastedKey
from nodes.requests import Header

_TELLING = re.compile(
    r"(?:^|[-_.])(?:auth|authorization|api[-_]?key|apikey|access[-_]?key|key|token|secret|password|passwd|"
    r"signature|credential|cookie)s?(?:$|[-_.])",
    re.IGNORECASE,
)
# an id such as Idempotency-Key is no secret
_HARMLESS = frozenset({"idempotency-key", "sec-websocket-key", "x-idempotency-key", "surrogate-key"})
_SCHEME = re.compile(r"(?:bearer|basic|token|key|apikey|digest|bot)\s+(?=\S)", re.IGNORECASE)
_SHAPED = re.compile(SHAPES)
_LONG = 12
_QUERY = re.compile(r"[?&;]([^=&;#]*)=([^&;#]*)")


def found(url: str, headers: tuple[Header, ...]) -> tuple[PastedKey, ...]:
    """Keys written into headers or into the query of the address."""
    place = "" if url.startswith("{{") else url.partition("{{")[0]
    in_headers = (_in_header(at, each, place) for at, each in enumerate(headers))
    return (*(each for each in in_headers if each), *_in_address(url))


def _in_header(index: int, header: Header, url: str) -> PastedKey | None:
    """A literal key in a header; a text with placeholders is filled in at the run, and is none."""
    name, text = header.name, header.value.strip()
    if "{{" in text or name.lower() in _HARMLESS or header.secret:
        return None
    scheme = _SCHEME.match(text)
    key = text[scheme.end() :] if scheme else text
    telling = bool(scheme) or _TELLING.search(name) is not None
    if _SHAPED.fullmatch(key) or (telling and len(key) >= _LONG and not key.isalpha()):
        return PastedKey(f"headers[{index}].value", name, key, url)
    return None


def _in_address(url: str) -> Iterator[PastedKey]:
    """Literal keys in the query of an address, which ends up in the logs of whoever it passes."""
    for name, raw in _QUERY.findall(url):
        value = unquote_plus(raw)
        if "{{" in value or len(value) < _LONG:
            continue
        if _SHAPED.fullmatch(value) or (_TELLING.search(name) and not value.isalpha()):
            yield PastedKey("url", f"'{name[:60]}' in the address", value, "", movable=False)


def in_workflow(workflow: Mapping[str, Mapping[str, Any]]) -> Iterator[PastedKey]:
    """Keys among the inputs of a workflow of ComfyUI, whose nodes often ask for them."""
    for node in workflow.values():
        inputs = node.get("inputs")
        for name, value in inputs.items() if isinstance(inputs, Mapping) else ():
            text = value.strip() if isinstance(value, str) else ""
            if _SHAPED.fullmatch(text) or (NAMED.search(name) and len(text) >= _LONG and " " not in text):
                yield PastedKey("workflow", f"'{name[:60]}' in the workflow", text, movable=False)
