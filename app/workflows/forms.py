"""Forms as people set them up, and what somebody who filled one in starts (S1)."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.cache import MomentCache
from app.engine.engine import Engine
from app.engine.records import Started
from app.identity.roles import Identity
from app.store import audit
from app.store import callers as caller_rows
from app.store import forms as rows
from app.store.database import Database
from app.store.forms import FormRow
from app.workflows.errors import InvalidFieldsError, WayUnknownError
from app.workflows.flat import CellError, body_of, fillable, typed
from app.workflows.published import Published
from app.workflows.service import WorkflowService
from app.workflows.ways import Party, new_run, wrong
from graphs.fields import FieldSpec
from graphs.trigger import TriggerInvalid

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True, slots=True)
class FormWanted:
    """A form as asked for; `new_token` makes the address so far lead nowhere."""

    enabled: bool = True
    open: bool = False
    title: str = ""
    intro: str = ""
    caller: str | None = None
    new_token: bool = False


class Forms:
    """Keeps forms and starts what is sent through them."""

    def __init__(self, db: Database, workflows: WorkflowService, engine: Engine) -> None:
        self._db = db
        self._workflows = workflows
        self._engine = engine
        self._cache: MomentCache[str, FormRow | None] = MomentCache()

    def get(self, org_id: str, slug: str) -> FormRow | None:
        """The form of a workflow; None when there is none yet.

        Raises:
            WorkflowUnknownError
        """
        self._workflows.get(org_id, slug)
        with self._db.read() as connection:
            return rows.of_workflow(connection, org_id, slug)

    def put(self, who: Identity, slug: str, wanted: FormWanted, request_id: str | None = None) -> FormRow:
        """Make or replace a workflow's form.

        Raises:
            WorkflowUnknownError, InvalidFieldsError
        """
        workflow = self._workflows.get(who.org_id, slug)
        with self._db.write() as connection:
            earlier = rows.of_workflow(connection, who.org_id, slug)
            name = wanted.caller or (earlier.caller_id if earlier else who.caller_id)
            owner = caller_rows.find(connection, who.org_id, name)
            if owner is None:
                raise InvalidFieldsError([wrong("caller", f"names no caller: '{wanted.caller}'")])
            fresh = earlier is None or wanted.new_token
            values = {
                "workflow_id": workflow.id,
                "org_id": who.org_id,
                "caller_id": owner.id,
                "token": secrets.token_urlsafe(24) if fresh or earlier is None else earlier.token,
                "title": wanted.title.strip(),
                "intro": wanted.intro.strip(),
                "enabled": wanted.enabled,
                "open": wanted.open,
                "created_by": who.actor,
            }
            rows.save(connection, values, known=earlier is not None)
            detail = {"enabled": wanted.enabled, "open": wanted.open, "new_address": fresh}
            audit.write(connection, who.acting(request_id), "form.change", slug, detail)
            found = rows.of_workflow(connection, who.org_id, slug)
        self._cache.clear()
        if found is None:
            raise WayUnknownError("form")
        return found

    def by_token(self, token: str) -> FormRow | None:
        """An enabled form by its address, at most a second old."""
        if not _TOKEN.fullmatch(token):
            return None
        row = self._cache.get(token, lambda: self._load(token))
        return row if row is not None and row.enabled else None

    def published(self, row: FormRow) -> Published:
        """What a form runs now.

        Raises:
            NotPublishedError, ArchivedError
        """
        return self._workflows.published(row.org_id, row.workflow)

    async def submit(self, row: FormRow, texts: Mapping[str, str], ticket: str) -> Started:
        """Start a run from what was written into the fields; the same ticket starts one run only.

        Raises:
            TriggerInvalid: With every wrong field, by name.
            NotPublishedError, ArchivedError, IdempotencyMismatchError, StoreUnavailableError, QueueFullError
        """
        published = await asyncio.to_thread(self.published, row)
        fields = fillable(published.trigger.fields)
        body = read_texts(published, fields, texts)
        party = Party(row.org_id, row.caller_id, row.caller)
        new = new_run(published, party, body, "form")
        scope = hashlib.sha256(f"form\0{row.workflow_id}\0{ticket}".encode()).hexdigest()
        payload = hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()
        return await asyncio.wrap_future(self._engine.start(replace(new, idempotency=(scope, payload))))

    def _load(self, token: str) -> FormRow | None:
        with self._db.read() as connection:
            return rows.by_token(connection, token)


def read_texts(
    published: Published, fields: tuple[FieldSpec, ...], texts: Mapping[str, str]
) -> dict[str, Any]:
    """The request body of a form; every wrong field at once, whether by type or by rule."""
    values, errors = {}, []
    for field in fields:
        try:
            value = typed(field, texts.get(field.name, "").replace("\r\n", "\n"), comma=True)
        except CellError as error:
            errors.append(wrong(field.name, str(error), "trigger.wrong_type"))
            continue
        if value is not None:
            values[field.name] = value
    body = body_of(fields, values)
    try:
        published.trigger.read(body)
    except TriggerInvalid as error:
        unread = {each.field for each in errors}
        errors += [each for each in error.errors if each.field not in unread]
    if errors:
        raise TriggerInvalid(errors)
    return body
