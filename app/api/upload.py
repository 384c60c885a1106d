"""Reading a file from a request: as it is, or multipart/form-data with its options."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.api.intake import read_body
from app.api.problems import FieldProblem, ProblemError, invalid
from app.workflows.sheet import MAX_BYTES
from graphs.strictjson import StrictJsonError, read_object

# the parts of a multipart body besides the file
_MORE = 256 * 1024
_PLAIN = {"text/csv", "text/tab-separated-values", "application/csv", "text/plain"}
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file and the options that came beside it."""

    raw: bytes
    name: str = ""
    options: dict[str, str] = field(default_factory=dict)


async def read_file(request: Request) -> Sent:
    """The file of rows of a request.

    Raises:
        ProblemError: http.unsupported_media_type, http.body_too_large or http.invalid_request.
    """
    head = dict(request.scope["headers"])
    kind = head.get(b"content-type", b"").split(b";")[0].strip().lower().decode("ascii", "replace")
    if head.get(b"content-encoding", b"identity").strip().lower() not in {b"", b"identity"}:
        detail = "the file must be sent without Content-Encoding"
        raise ProblemError("http.unsupported_media_type", detail)
    if kind in _PLAIN:
        raw = await read_body(head, request.receive, MAX_BYTES, "http")
        return Sent(raw, options=dict(request.query_params))
    if kind != "multipart/form-data":
        detail = "the Content-Type must be text/csv, or multipart/form-data with a part named file"
        raise ProblemError(
            "http.unsupported_media_type", f"{detail}; this request says {kind[:80] or 'none'}"
        )
    return await read_form(request, MAX_BYTES)


async def read_form(request: Request, limit: int) -> Sent:
    """The file of a multipart body, and the texts beside it.

    Raises:
        ProblemError: http.body_too_large or http.invalid_request.
    """
    raw = await read_body(dict(request.scope["headers"]), request.receive, limit + _MORE, "http")
    return await _multipart(request, raw)


async def _multipart(request: Request, raw: bytes) -> Sent:
    async def whole() -> AsyncIterator[bytes]:
        yield raw

    stream: Any = whole()
    try:
        parser = MultiPartParser(
            Headers(raw=request.scope["headers"]), stream, max_files=1, max_fields=20, max_part_size=_MORE
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        raise _wrong("file", "the multipart body cannot be read: one part named file, few others") from None
    try:
        return await _parts(request, form)
    finally:
        await form.close()


async def _parts(request: Request, form: FormData) -> Sent:
    given = form.get("file")
    if isinstance(given, UploadFile):
        data, name = await given.read(), (given.filename or "").replace("\\", "/").rpartition("/")[2]
    elif isinstance(given, str):
        data, name = given.encode(), ""
    else:
        raise _wrong("file", "the multipart body needs a part named file")
    options = {key: value for key, value in form.items() if key != "file" and isinstance(value, str)}
    return Sent(data, name, {**request.query_params, **options})


def truth(options: dict[str, str], name: str) -> bool:
    """A yes or no among the options; absent means no."""
    value = options.get(name, "").strip().lower()
    if value not in _TRUTH:
        raise _wrong(name, f"{name} must be true or false")
    return _TRUTH[value]


def mapping(options: dict[str, str]) -> dict[str, str | None]:
    """The columns and the fields they fill, as a JSON object among the options."""
    text = options.get("mapping", "").strip()
    if not text:
        return {}
    detail = 'mapping must be a JSON object from column to field, such as {"Name": "product_name"}'
    try:
        found = read_object(text.encode())
    except StrictJsonError:
        raise _wrong("mapping", detail) from None
    if not all(value is None or isinstance(value, str) for value in found.values()):
        raise _wrong("mapping", detail)
    return found


def _wrong(name: str, detail: str) -> ProblemError:
    return invalid([FieldProblem(name, "http.invalid_request", detail)])
