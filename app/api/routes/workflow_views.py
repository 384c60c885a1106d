"""Workflows as JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from app.api.times import iso
from app.api.views import loaded
from app.store.workflows import VersionInfo, VersionRow, WorkflowRow
from app.workflows.guard import load
from app.workflows.service import Compared
from app.workflows.usage import CallerUse
from graphs.compare import Difference
from graphs.errors import MalformedDocumentError
from graphs.parts import ABSENT
from graphs.problem import Problem
from graphs.repair import Repair
from graphs.words import word_diff

Json = dict[str, Any]


def workflow_json(row: WorkflowRow) -> Json:
    here = f"/v1/workflows/{row.slug}"
    return {
        "id": row.id,
        "slug": row.slug,
        "name": row.name,
        "project_id": row.project_id,
        "published": row.published,
        "draft_revision": row.draft_revision,
        "draft_by": row.draft_by,
        "archived_at": iso(row.archived_at),
        "paused_at": iso(row.paused_at),
        "paused_by": row.paused_by,
        "deadline_seconds": row.deadline_seconds,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "links": {
            "self": here,
            "draft": f"{here}/draft",
            "versions": f"{here}/versions",
            "openapi": f"{here}/openapi.json",
            "contract": f"{here}/contract",
            "trigger": f"/v1/hooks/{row.slug}",
        },
    }


def version_json(info: VersionInfo | VersionRow, slug: str) -> Json:
    return {
        "id": info.id,
        "workflow": slug,
        "version": info.number,
        "hash": info.hash,
        "note": info.note,
        "breaking": info.breaking is not None,
        "breaking_changes": [
            {
                "field": each.change.field,
                "kind": each.change.kind,
                "text": each.change.text,
                "callers": callers_json(each.callers),
            }
            for each in load(info.breaking)
        ],
        "created_by": info.created_by,
        "created_at": iso(info.created_at),
        "links": {"self": f"/v1/workflows/{slug}/versions/{info.number}"},
    }


def full_version_json(row: VersionRow, slug: str) -> Json:
    return version_json(row, slug) | {"graph": loaded(row.graph)}


def problem_json(problem: Problem, repair: Repair | None = None) -> Json:
    return {
        "code": problem.code,
        "node_id": problem.node_id,
        "field": problem.field,
        "message": problem.message,
        "severity": problem.severity,
        **({"did_you_mean": problem.did_you_mean} if problem.did_you_mean else {}),
        "repair": repair and {"kind": repair.kind, "text": repair.text, "change": repair.change},
    }


def malformed_json(error: MalformedDocumentError) -> list[Json]:
    return [
        {
            "code": each.code,
            "node_id": each.node_id,
            "field": each.field,
            "message": each.reason,
            "severity": "error",
        }
        for each in (error, *error.others)
    ]


def diff_json(compared: Compared) -> Json:
    """A comparison: ``graph`` and ``contract`` in short, ``changes`` one by one, texts with their words."""
    return {
        "graph": asdict(compared.graph),
        "contract": [
            {**asdict(each.change), "callers": callers_json(each.callers)} for each in compared.contract
        ],
        "changes": [_difference(each) for each in compared.differences],
    }


def callers_json(callers: Iterable[CallerUse]) -> list[Json]:
    return [{"caller": each.caller, "runs": each.runs, "last_at": iso(each.last_at)} for each in callers]


def _difference(change: Difference) -> Json:
    found: Json = {
        "change": change.mark,
        "what": change.what,
        "id": change.id,
        "path": [part.removeprefix("@") for part in change.path],
        "before": None if change.before is ABSENT else change.before,
        "after": None if change.after is ABSENT else change.after,
    }
    if change.path and isinstance(change.before, str) and isinstance(change.after, str):
        pieces = word_diff(change.before, change.after)
        found["words"] = [{"kind": piece.kind, "text": piece.text} for piece in pieces]
    return found
