"""Apps: a published workflow as a page of its own for colleagues, with the fields that somebody chose (S1).

An app stands on the same reading as a form: texts become values by the fields of the trigger, every wrong one
is told by its name, and the same ticket starts one run only.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.engine.engine import Engine
from app.engine.records import Started
from app.identity.roles import Identity
from app.store import apps as rows
from app.store import audit
from app.store.apps import AppRow
from app.store.database import Database
from app.store.runs import RunRow
from app.workflows.errors import InvalidFieldsError, WayUnknownError
from app.workflows.flat import fillable
from app.workflows.forms import read_texts
from app.workflows.published import Published
from app.workflows.rules import opened
from app.workflows.service import WorkflowService
from app.workflows.ways import Party, new_run, wrong
from graphs.fields import FieldSpec

LONGEST = {"label": 120, "help": 400, "value": 10_000}
MOST_FIELDS = 100
_HISTORY = 24


@dataclass(frozen=True, slots=True)
class AppField:
    """How one trigger field is shown; a hidden one is sent with its `value`, a shown one begins with it."""

    name: str
    label: str = ""
    help: str = ""
    hidden: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class AppWanted:
    """An app as asked for; fields that are not named follow in their own order."""

    enabled: bool = True
    title: str = ""
    intro: str = ""
    fields: tuple[AppField, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of a page: what the trigger demands, and how it is shown."""

    spec: FieldSpec
    how: AppField


class Apps:
    """Keeps apps and starts what is sent through them."""

    def __init__(self, db: Database, workflows: WorkflowService, engine: Engine) -> None:
        self._db = db
        self._workflows = workflows
        self._engine = engine

    def get(self, org_id: str, slug: str) -> AppRow | None:
        """The app of a workflow; None when there is none yet.

        Raises:
            WorkflowUnknownError
        """
        self._workflows.get(org_id, slug)
        with self._db.read() as connection:
            return rows.of_workflow(connection, org_id, slug)

    def usable(self, org_id: str, slug: str) -> tuple[AppRow, Published]:
        """An app that is switched on, and what it runs now.

        Raises:
            WorkflowUnknownError, NotPublishedError, ArchivedError
            WayUnknownError: It is switched off, or was never made.
        """
        row = self.get(org_id, slug)
        if row is None or not row.enabled:
            raise WayUnknownError("app")
        return row, self._workflows.published(org_id, slug)

    def list(self, org_id: str) -> tuple[AppRow, ...]:
        """The apps that can be used, by name."""
        with self._db.read() as connection:
            return rows.list_all(connection, org_id)

    def put(self, who: Identity, slug: str, wanted: AppWanted, request_id: str | None = None) -> AppRow:
        """Make or replace a workflow's app.

        Raises:
            WorkflowUnknownError, ArchivedError, InvalidFieldsError
        """
        _refuse(wanted.fields)
        with self._db.write() as connection:
            workflow = opened(connection, who.org_id, slug)
            known = rows.of_workflow(connection, who.org_id, slug) is not None
            values = {
                "workflow_id": workflow.id,
                "org_id": who.org_id,
                "enabled": wanted.enabled,
                "title": wanted.title.strip(),
                "intro": wanted.intro.strip(),
                "fields": json.dumps([_json(each) for each in wanted.fields], ensure_ascii=False),
                "created_by": who.actor,
            }
            rows.save(connection, values, known=known)
            audit.write(connection, who.acting(request_id), "app.change", slug, {"enabled": wanted.enabled})
            found = rows.of_workflow(connection, who.org_id, slug)
        if found is None:
            raise WayUnknownError("app")
        return found

    async def submit(self, who: Identity, slug: str, texts: Mapping[str, str], ticket: str) -> Started:
        """Start a run from what was written; the same ticket of the same person starts one run only.

        Raises:
            TriggerInvalid: With every wrong field, by name.
            WorkflowUnknownError, NotPublishedError, ArchivedError, WayUnknownError
            IdempotencyMismatchError, StoreUnavailableError, QueueFullError
        """
        row, published = await asyncio.to_thread(self.usable, who.org_id, slug)
        sent = {**texts, **fixed(published, row)}
        body = read_texts(published, fillable(published.trigger.fields), sent)
        new = new_run(published, Party(who.org_id, who.caller_id, who.caller), body, "form")
        scope = hashlib.sha256(f"app\0{row.workflow_id}\0{who.key_id}\0{ticket}".encode()).hexdigest()
        payload = hashlib.sha256(repr(sorted(sent.items())).encode()).hexdigest()
        started = await asyncio.wrap_future(self._engine.start(replace(new, idempotency=(scope, payload))))
        await asyncio.to_thread(self._note, started.run_id, row.workflow_id, who.key_id)
        return started

    def history(self, who: Identity, row: AppRow) -> tuple[RunRow, ...]:
        """What this person made with an app, newest first."""
        with self._db.read() as connection:
            return rows.runs_of(connection, row.workflow_id, who.key_id, _HISTORY)

    def _note(self, run_id: str, workflow_id: str, key_id: str) -> None:
        with self._db.write() as connection:
            rows.note_run(connection, run_id, workflow_id, key_id)


def fields_of(row: AppRow | None) -> tuple[AppField, ...]:
    """How an app shows its fields."""
    return tuple(AppField(**each) for each in json.loads(row.fields)) if row else ()


def arranged(fields: Sequence[FieldSpec], how: Sequence[AppField]) -> tuple[Shown, ...]:
    """The fields that a page can ask for: those of the app in its order, then new ones of the trigger."""
    specs = {each.name: each for each in fillable(tuple(fields))}
    known = [Shown(specs[each.name], each) for each in how if each.name in specs]
    named = {each.spec.name for each in known}
    fresh = [Shown(spec, AppField(name)) for name, spec in specs.items() if name not in named]
    return (*known, *fresh)


def fixed(published: Published, row: AppRow) -> dict[str, str]:
    """The values of fields that people do not see."""
    shown = arranged(published.trigger.fields, fields_of(row))
    return {each.spec.name: each.how.value for each in shown if each.how.hidden}


def _refuse(fields: Sequence[AppField]) -> None:
    """Refuse what no page could show, naming each."""
    errors, seen = [], set[str]()
    if len(fields) > MOST_FIELDS:
        errors.append(wrong("fields", f"are too many; at most {MOST_FIELDS} are taken"))
    for number, each in enumerate(fields):
        if each.name in seen:
            errors.append(wrong(f"fields[{number}].name", f"'{each.name[:80]}' is named twice"))
        seen.add(each.name)
        for part, most in LONGEST.items():
            if len(getattr(each, part)) > most:
                errors.append(wrong(f"fields[{number}].{part}", f"has more than {most} characters"))
    if errors:
        raise InvalidFieldsError(errors)


def _json(each: AppField) -> dict[str, Any]:
    return {name: getattr(each, name) for name in AppField.__slots__}
