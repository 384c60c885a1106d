"""The write that makes a trigger a run: rows first, answer after the commit (design §4.1)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select

from app import clock
from app.engine import entry, gates
from app.engine.clock import iso
from app.engine.money import BudgetExhaustedError
from app.engine.records import IdempotencyMismatchError, NewRun, Parent, Started
from app.points import Point, reached
from app.store import bulk
from app.store.ids import new_id
from app.store.tables import idempotency, run, stage, step
from graphs.node import Json
from graphs.stale import KEPT, SPARE

RING_GRACE = 5.0
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NO_PARENT = {
    "parent_id": None,
    "parent_node": None,
    "parent_item": None,
    "parent_generation": 0,
    "depth": 0,
}
_INSERTS = {"run": insert(run), "stage": insert(stage), "step": insert(step), "key": insert(idempotency)}


def accept(connection: Connection, items: Sequence[NewRun]) -> list[Started | Exception]:
    """Store new runs with their first stage; one result per item, in order.

    A replayed idempotency key answers what was answered first; the same key with another payload is an
    IdempotencyMismatchError. Both leave no second run (S119). A trigger that its budget
    refuses is a BudgetExhaustedError and leaves nothing.
    """
    earlier = _earlier(connection, items)
    gates.lock_all(connection, items)
    # asked under the locks: whoever had them before is not in the future then, and nobody waits for moments
    now = clock.now()
    rows: dict[str, list[dict[str, Any]]] = {"run": [], "stage": [], "step": [], "key": []}
    results: list[Started | Exception] = []
    places: gates.Places = {}
    for new in items:
        known = earlier.get(new.idempotency[0]) if new.idempotency else None
        if known is not None:
            results.append(_replay(new, known))
            continue
        try:
            started = _store(connection, new, now, rows, places)
        except BudgetExhaustedError as refused:
            results.append(refused)
            continue
        results.append(started)
        if new.idempotency:
            earlier[new.idempotency[0]] = (new.idempotency[1], started.run_id, started.body)
    for name, statement in _INSERTS.items():
        if rows[name]:
            bulk.many(connection, statement, rows[name])
    reached(Point.ACCEPT_WRITTEN)
    return results


def _earlier(connection: Connection, items: Sequence[NewRun]) -> dict[str, tuple[str, str, bytes]]:
    scopes = [new.idempotency[0] for new in items if new.idempotency]
    if not scopes:
        return {}
    found = connection.execute(select(idempotency).where(idempotency.c.scope.in_(scopes)))
    return {row.scope: (row.payload_hash, row.run_id, row.response.encode()) for row in found}


def _replay(new: NewRun, known: tuple[str, str, bytes]) -> Started | Exception:
    payload_hash, run_id, body = known
    if new.idempotency and new.idempotency[1] != payload_hash:
        return IdempotencyMismatchError()
    return Started(run_id, body, replayed=True)


def _store(
    connection: Connection,
    new: NewRun,
    now: float,
    rows: dict[str, list[dict[str, Any]]],
    places: gates.Places,
) -> Started:
    run_id = new_id("run")
    admission = _spread(entry.admit(connection, new, run_id, now, places), new, now)
    body = answer(new, run_id, now, new.paused or admission.wait)
    rows["run"].append(run_values(new, run_id, now, admission.wait))
    rows["stage"].append(_root_stage(run_id, now, admission))
    rows["step"].extend(_kept_steps(new, run_id))
    if new.idempotency:
        scope, payload_hash = new.idempotency
        rows["key"].append(
            {
                "scope": scope,
                "payload_hash": payload_hash,
                "run_id": run_id,
                "response": body.decode(),
                "created_at": now,
            }
        )
    return Started(run_id, body, replayed=False)


def _spread(admission: gates.Admission, new: NewRun, now: float) -> gates.Admission:
    """Hold a run back until its own moment, unless a gate holds it longer."""
    at = new.start_at
    if at is None or at <= max(now, admission.wake_at or 0.0) or (admission.held and not admission.wake_at):
        return admission
    wait: Json = {
        "reason": "rate_limited",
        "position": None,
        "expected_start": iso(at),
        "explanation": "repeated with others, spread over time",
    }
    return replace(admission, wait=wait, wake_at=at)


def run_values(new: NewRun, run_id: str, now: float, wait: Any) -> dict[str, Any]:
    """The row of a run that was just accepted."""
    inputs = _JSON(new.inputs)
    return {
        "id": run_id,
        "org_id": new.org_id,
        "project_id": new.project_id,
        "workflow_id": new.workflow_id,
        "workflow": new.workflow,
        "version": new.version,
        "version_id": new.version_id,
        "caller_id": new.caller_id,
        "caller": new.caller,
        "source": new.source,
        "status": "queued",
        "wait": json.dumps(wait) if wait else None,
        "trigger": _JSON(new.trigger),
        "inputs": inputs,
        "callback_url": new.callback_url,
        "external_id": new.external_id,
        "trace_id": new.trace_id,
        "request_id": new.request_id,
        "input_version": hashlib.sha256(inputs.encode()).hexdigest()[:16],
        "created_at": now,
        "callback_status": "pending" if new.callback_url else "none",
        "rerun_of": new.rerun_of,
        "deadline": None if new.deadline_seconds is None else now + new.deadline_seconds,
        **_parentage(new.parent),
        "targets": json.dumps(new.targets) if new.targets else None,
        "schedule_id": new.schedule_id,
        "batch_id": new.batch_id,
        "fresh": new.fresh,
        "budget": new.budget.dump() if new.budget else None,
    }


def _parentage(parent: Parent | None) -> dict[str, Any]:
    if parent is None:
        return dict(_NO_PARENT)
    return {
        "parent_id": parent.run_id,
        "parent_node": parent.node_id,
        "parent_item": parent.item,
        "parent_generation": parent.generation,
        "depth": parent.depth,
    }


def _root_stage(run_id: str, now: float, admission: gates.Admission) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "number": 0,
        "state": "waiting" if admission.held else "ready",
        "fence": 0,
        "attempt": 1,
        "crashes": 0,
        "pending": 0,
        "rings": 0,
        "wake_at": admission.wake_at if admission.held else now + RING_GRACE,
        "gate": admission.gate,
        "detail": json.dumps(admission.detail) if admission.detail else None,
    }


def _kept_steps(new: NewRun, run_id: str) -> list[dict[str, Any]]:
    """Results that a run builds on without making them: done, at no cost (S120)."""
    if not (new.keep or new.spare) or new.plan is None:
        return []
    plan, why = new.plan, new.kept_as or {}

    def row(node_id: str, status: str, outputs: Json | None, reason: str) -> dict[str, Any]:
        return {
            "run_id": run_id,
            "node_id": node_id,
            "position": plan.position(node_id),
            "status": status,
            "attempts": 0,
            "outputs": None if outputs is None else json.dumps(outputs, ensure_ascii=False),
            "reason": reason,
            "credits": 0.0,
        }

    ids = {node.id for node in plan.nodes}
    kept = {node_id: each for node_id, each in (new.keep or {}).items() if node_id in ids}
    rows = [row(node_id, "succeeded", each, why.get(node_id, KEPT)) for node_id, each in kept.items()]
    return rows + [row(node_id, "skipped", None, SPARE) for node_id in new.spare if node_id in ids]


def answer(new: NewRun, run_id: str, now: float, wait: Any) -> bytes:
    """The body of the 202 (contract §3)."""
    here = f"/v1/runs/{run_id}"
    body = {
        "job_id": run_id,
        "task_id": run_id,
        "project_id": new.project_id,
        "workflow": new.workflow,
        "version": new.version,
        "status": "queued",
        "wait": wait,
        "callback_url": new.callback_url,
        "external_id": new.external_id,
        "trace_id": new.trace_id,
        "request_id": new.request_id,
        "created_at": iso(now),
        "ignored_fields": list(new.ignored),
        "links": {"self": here, "events": f"{here}/events", "cancel": f"{here}/cancel"},
    }
    return _JSON(body).encode()
