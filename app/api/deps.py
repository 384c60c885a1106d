"""What routes ask for: the system, who calls, a strictly read body, a page."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection
from starlette.requests import HTTPConnection

from app.api import guard
from app.api.context import Call, call_in
from app.api.intake import MAX_BYTES, check_media, read_body
from app.api.problems import FieldProblem, ProblemError, invalid
from app.identity.roles import Identity
from app.store.audit import Actor
from app.wiring import System
from graphs.strictjson import StrictJsonError, pointer, read_object

_REPLACING = frozenset({"PUT", "PATCH"})

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class Body(BaseModel):
    """Base of request bodies: unknown members are refused, so that a typo is an error."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def system_of(connection: HTTPConnection) -> System:
    system: System = connection.app.state.system
    return system


def call_of(connection: HTTPConnection) -> Call:
    return call_in(connection.scope)


class Permit:
    """Lets a request through whose key or session may do `action`; gives the identity."""

    def __init__(self, action: str) -> None:
        self.action = action

    async def __call__(self, connection: HTTPConnection) -> Identity:
        identity = await guard.by_key_or_session(system_of(connection), connection)
        guard.check(identity, self.action)
        return identity


class JsonBody(Generic[M]):
    """Reads a body of at most ``limit`` bytes strictly into a model.

    An empty one counts as ``{}``, but not where it would replace what there is.
    """

    def __init__(self, model: type[M], limit: int = MAX_BYTES) -> None:
        self._model = model
        self._limit = limit

    async def __call__(self, request: Request) -> M:
        raw = await raw_json(request, self._limit)
        if not raw.strip() and request.method in _REPLACING:
            raise ProblemError("http.malformed_json", "this request needs a JSON object as its body")
        try:
            given = read_object(raw) if raw.strip() else {}
        except StrictJsonError as error:
            raise _bad_json(error) from None
        if b"\\u0000" in raw and _holds_nul(given):
            raise ProblemError("http.invalid_request", "texts must not hold NUL characters")
        try:
            return self._model.model_validate_json(raw) if raw.strip() else self._model.model_validate(given)
        except ValidationError as error:
            raise invalid(_wrong(each) for each in error.errors(include_url=False)) from None


async def raw_json(request: Request, limit: int) -> bytes:
    """The bytes of a JSON body; a request without a body needs no Content-Type."""
    head = dict(request.scope["headers"])
    if head.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in head:
        check_media(head, "http")
    return await read_body(head, request.receive, limit, "http")


async def reading(system: System, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Run a query of the store beside the loop, on a connection of its own."""

    def work() -> T:
        with system.db.read() as connection:
            return query(connection, *arguments, **named)

    return await asyncio.to_thread(work)


async def writing(system: System, change: Callable[[Connection], T]) -> T:
    """Run a change in a transaction beside the loop."""

    def work() -> T:
        with system.db.write() as connection:
            return change(connection)

    return await asyncio.to_thread(work)


def acting(identity: Identity, call: Call) -> Actor:
    return identity.acting(call.request_id)


def documented(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The OpenAPI part of a body that `JsonBody` reads."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": required, "content": content}}


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(each) for pair in value.items() for each in pair)
    if isinstance(value, list):
        return any(map(_holds_nul, value))
    return isinstance(value, str) and "\0" in value


def _bad_json(error: StrictJsonError) -> ProblemError:
    detail = f"the body {error.reason}"
    wrong = (
        [] if not error.path else [FieldProblem(None, "http.malformed_json", detail, pointer(*error.path))]
    )
    return ProblemError("http.malformed_json", detail, errors=wrong)


def _wrong(error: Any) -> FieldProblem:
    path = [str(part) for part in error["loc"]]
    field = ".".join(path) or None
    detail = f"{field or 'the body'}: {error['msg'][:1].lower()}{error['msg'][1:]}"
    return FieldProblem(field, "http.invalid_request", detail, pointer(*path))


# what a version's column holds; a larger number would be the database's error, not an unknown version
MAX_VERSION = 2**31 - 1
SystemDep = Annotated[System, Depends(system_of)]
CallDep = Annotated[Call, Depends(call_of)]
Cursor = Annotated[
    str | None,
    Query(max_length=64, pattern=r"^[a-z]+_[0-9a-z]+$", description="`next_cursor` of the page before."),
]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]
