"""Everything the page of a run shows, read in one go."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.engine import so_far, under_way, waits
from app.store import deliveries as delivery_rows
from app.store import generations
from app.store import runs as run_rows
from app.store.deliveries import DeliveryAttemptRow, DeliveryRow
from app.store.runs import AttemptRow, Payloads, RunRow, Scope, StepRow
from app.ui.rows import load_object
from graphs.generations import Redoing

# a map may start a thousand runs; a page shows the first, and a link leads to all
_CHILDREN = 60


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the page shows of a run."""

    run: RunRow
    payloads: Payloads
    steps: dict[str, StepRow]
    attempts: tuple[AttemptRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    delivery_attempts: dict[str, list[DeliveryAttemptRow]]
    children: tuple[RunRow, ...] = ()
    earlier: tuple[StepRow, ...] = ()
    redos: tuple[Redoing, ...] = ()

    @property
    def result(self) -> dict[str, Any]:
        return load_object(self.payloads.result)


def load_story(connection: Connection, scope: Scope, run_id: str, *, broker: bool = True) -> Story | None:
    """The run with its steps, attempts and deliveries; None when it is unknown or another's."""
    run = run_rows.get(connection, scope, run_id)
    payloads = run_rows.payloads(connection, run_id)
    if run is None or payloads is None:
        return None
    deliveries = delivery_rows.of_run(connection, run_id)
    done = generations.history(connection, run_id)
    return Story(
        waits.closely(connection, so_far.counted(connection, run), broker=broker),
        payloads,
        {step.node_id: step for step in under_way.with_cancelled(connection, run, done.steps)},
        run_rows.attempts(connection, run_id),
        deliveries,
        delivery_rows.attempts(connection, [each.id for each in deliveries]),
        run_rows.children(connection, run_id, limit=_CHILDREN),
        done.earlier,
        done.redos,
    )
