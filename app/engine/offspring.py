"""Child runs in words and values: what their parent waits for, and what it gets. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from app.engine.records import NewRun, Spawning
from graphs.node import Json
from graphs.plan import PlanNode
from graphs.sockets import Image
from graphs.spawn import ChildResult, Spawn
from graphs.trigger import TriggerInvalid

_TOLD = ("job_id", "workflow", "version", "status", "quality_warning", "outputs", "metadata", "error")


def waiting(  # noqa: PLR0917
    planned: PlanNode,
    generation: int,
    spawn: Spawn,
    version: int,
    news: tuple[NewRun, ...],
    known: Sequence[Any],
    taken: int = 0,
) -> Spawning:
    """The node waits: for whom, in words with numbers; ``taken`` are results of the run before."""
    own = sum(row.finished_at is not None for row in known)
    total, ended = len(spawn.items), own + taken
    begun = len(known) + len(news) - own
    left = total - ended - begun
    words = [f"{ended} of {total} runs of {spawn.call.workflow} have ended", f"{begun} are open"]
    if left:
        words.append(f"{left} wait for their turn, {spawn.parallel} at a time")
    wait: Json = {
        "reason": "children",
        "node_id": planned.id,
        "explanation": f"{planned.title}: {', '.join(words)}",
        "children": {"total": total, "ended": ended, "open": begun},
    }
    detail: Json = {"node": planned.id, "spawn": {"version": version, "total": total}}
    return Spawning(planned.id, generation, news, own, detail, wait)


def result(row: Any, images: Sequence[Image]) -> ChildResult:
    """How a child run ended."""
    told = json.loads(row.result or "{}")
    return ChildResult(
        item=row.parent_item,
        job_id=row.id,
        status=row.status,
        images=tuple(images),
        result={name: told.get(name) for name in _TOLD},
        error_code=row.error_code,
        error_description=str((told.get("error") or {}).get("error_description") or ""),
        credit_cost=row.credit_cost,
        quality_warning=bool(row.quality_warning),
    )


def refusal(item: int, trouble: TriggerInvalid) -> ChildResult:
    """An item that never became a run: its fields were refused."""
    first = trouble.errors[0]
    error = {"error_code": first.code, "error_description": first.detail, "invalid_field": first.field}
    body: dict[str, Any] = {"job_id": None, "status": "failed", "outputs": [], "error": error}
    return ChildResult(item, "", "failed", (), body, first.code, first.detail)
