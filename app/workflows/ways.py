"""What schedules, forms and files share: a run in the name of a caller, and where a callback may go (S1)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.delivery.callbacks import CallbackRule
from app.egress.errors import UrlRefusedError
from app.engine.records import NewRun, Source
from app.store.ids import new_id
from app.workflows.held import wait_for
from app.workflows.published import Published
from graphs.trigger import RESERVED, Accepted, FieldError, TriggerInvalid

Json = dict[str, Any]
INVALID = "http.invalid_request"


@dataclass(frozen=True, slots=True)
class Party:
    """In whose name a run starts; its limits, budget and signing secret apply."""

    org_id: str
    caller_id: str
    caller: str


def new_run(
    published: Published,
    party: Party,
    body: Mapping[str, Any],
    source: Source,
    *,
    accepted: Accepted | None = None,
    request_id: str | None = None,
) -> NewRun:
    """A run of a published version from business fields.

    Raises:
        TriggerInvalid: The contract refuses the fields; not when they were `accepted` before.
    """
    business = {name: value for name, value in body.items() if name not in RESERVED}
    read = published.trigger.read(business) if accepted is None else accepted
    return NewRun(
        org_id=party.org_id,
        project_id=published.workflow.project_id,
        workflow_id=published.workflow.id,
        workflow=published.workflow.slug,
        version=published.number,
        version_id=published.version_id,
        plan=published.plan,
        caller_id=party.caller_id,
        caller=party.caller,
        source=source,
        trigger={name: value for name, value in business.items() if name not in read.ignored},
        inputs=read.values,
        trace_id=os.urandom(16).hex(),
        request_id=request_id or new_id("req"),
        ignored=tuple(read.ignored),
        deadline_seconds=published.workflow.deadline_seconds,
        paused=wait_for(published.workflow, None),
    )


def wrong(field: str, detail: str, code: str = INVALID, **more: Any) -> FieldError:
    """One wrong field of a request; `detail` says what would be right."""
    pointer = "/" + field.replace(".", "/")
    return FieldError(field, pointer, code, f"{field} {detail}", **more)


def wrong_payload(published: Published, payload: Mapping[str, Any]) -> list[FieldError]:
    """What the published contract refuses in a stored payload, as fields of ``payload``."""
    found = [
        wrong(f"payload.{name}", "is a reserved name and cannot be part of a payload")
        for name in payload
        if name in RESERVED
    ]
    try:
        read = published.trigger.read(payload)
    except TriggerInvalid as error:
        return found + [_within(each) for each in error.errors]
    known = ", ".join(field.name for field in published.trigger.fields) or "none"
    return found + [
        wrong(f"payload.{name}", f"is no field of the workflow; its fields: {known}")
        for name in read.ignored
        if name not in RESERVED
    ]


def wrong_callback(rule: CallbackRule, url: str | None) -> list[FieldError]:
    """Why a callback may not go to a URL."""
    if url is None:
        return []
    try:
        rule.check(url)
    except UrlRefusedError as error:
        return [wrong("callback_url", f"is refused: {error}", "trigger.callback_url_refused")]
    return []


def _within(error: FieldError) -> FieldError:
    return FieldError(
        f"payload.{error.field}",
        f"/payload{error.pointer}",
        error.code,
        error.detail,
        error.allowed,
        error.did_you_mean,
    )


def told(error: FieldError) -> Json:
    """A wrong field as problem documents and callbacks list it (contract §6)."""
    entry: Json = {
        "field": error.field,
        "pointer": f"#{error.pointer}",
        "code": error.code.partition(".")[2],
        "error_code": error.code,
        "detail": error.detail,
    }
    if error.allowed is not None:
        entry["allowed"] = list(error.allowed)
    if error.did_you_mean is not None:
        entry["did_you_mean"] = error.did_you_mean
    return entry
