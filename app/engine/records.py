"""What the engine hands around: plain frozen records, decided in one place and written in another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from app.engine.inherited import Inherited
from app.engine.money import Money
from graphs.generations import Redoing
from graphs.node import Json
from graphs.plan import Plan

StageState = Literal["blocked", "ready", "running", "waiting", "paused", "done", "failed", "cancelled"]
StepStatus = Literal["succeeded", "failed", "skipped", "waiting", "cancelled", "redone"]
Source = Literal["api", "canvas", "form", "schedule", "rerun", "csv", "workflow"]


@dataclass(frozen=True, slots=True)
class Parent:
    """Which item of which node of which run a child run works for; ``depth`` is the child's own."""

    run_id: str
    node_id: str
    item: int
    generation: int
    depth: int


@dataclass(frozen=True, slots=True)
class NewRun:
    """A trigger that passed every check and shall become a run."""

    org_id: str
    project_id: str
    workflow_id: str
    workflow: str
    version: int
    version_id: str | None
    plan: Plan | None
    caller_id: str
    caller: str
    source: Source
    trigger: Json
    inputs: Json
    trace_id: str
    request_id: str
    ignored: tuple[str, ...] = ()
    callback_url: str | None = None
    external_id: str | None = None
    idempotency: tuple[str, str] | None = None
    rerun_of: str | None = None
    keep: dict[str, Json] | None = None
    # why a result is kept, by node, where it is not that an earlier run made it; and nodes nobody needs then
    kept_as: Mapping[str, str] | None = None
    spare: tuple[str, ...] = ()
    # not before this moment, seconds since the epoch
    start_at: float | None = None
    # a partial run ends after these nodes; empty runs all. `plan` is then the plan of what leads to them
    targets: tuple[str, ...] = ()
    # at the end of so many seconds after its acceptance an open run fails
    deadline_seconds: float | None = None
    # what the answer says when workflow or caller are paused; who works decides by the rows
    paused: Json | None = None
    parent: Parent | None = None
    # the schedule that fired, or the file this is a row of
    schedule_id: str | None = None
    batch_id: str | None = None
    # reuse no earlier results
    fresh: bool = False
    # counts for the budget of a run above it
    budget: Inherited | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """The answer to a trigger: ``body`` is the JSON of the 202, the same bytes at every replay."""

    run_id: str
    body: bytes
    replayed: bool


class IdempotencyMismatchError(Exception):
    """The idempotency key was used before with another payload."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a worker needs of a run."""

    id: str
    org_id: str
    project_id: str
    workflow: str
    version: int
    version_id: str
    caller_id: str
    caller: str
    trigger: Json
    inputs: Json
    callback_url: str | None
    external_id: str | None
    trace_id: str
    request_id: str
    created_at: float
    started_at: float
    parent_id: str | None = None
    depth: int = 0
    targets: tuple[str, ...] = ()
    redos: tuple[Redoing, ...] = ()
    workflow_id: str = ""
    fresh: bool = False
    budget: Inherited | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A stage that this worker may execute until its lease ends; a higher fence takes it away.

    ``steps`` are the rows that hold, ``earlier`` those of generations that were opened again.
    """

    run: RunRow
    number: int
    fence: int
    attempt: int
    detail: Json | None
    steps: dict[str, "StepRow"]
    earlier: tuple["StepRow", ...] = ()


class StepRow(NamedTuple):
    """One node of a run, as the history keeps it; a named tuple, for every run makes one for each node.

    ``outputs`` are objects while they travel within a worker and JSON when they were read back;
    ``text`` is the JSON to store. ``keep`` says that the result may be reused: its key, and for how many
    seconds; ``cached_from`` is the step it was taken from, as JSON.
    """

    node_id: str
    position: int
    status: StepStatus
    attempts: int
    started_at: float | None
    duration: float | None
    outputs: Mapping[str, Any] | None
    error_code: str | None = None
    reason: str | None = None
    credits: float = 0
    model_id: str | None = None
    executor: str | None = None
    text: str | None = None
    generation: int = 0
    cached_from: str | None = None
    keep: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try of a step that did not succeed at once."""

    node_id: str
    number: int
    status: str
    error_code: str | None
    reason: str | None
    started_at: float
    duration: float
    next_at: float | None = None
    generation: int = 0


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A picture that a step made."""

    node_id: str
    asset_id: str
    sha256: str
    format: str
    width: int
    height: int
    bytes: int
    platform_code: str | None


@dataclass(frozen=True, slots=True)
class Finish:
    """How a run ends: its terminal state, and the callback body that says so."""

    status: Literal["succeeded", "failed", "cancelled"]
    event: str
    body: str
    credit_cost: float
    quality_warning: bool = False
    error_code: str | None = None
    error: Json | None = None
    thumb: str | None = None


@dataclass(frozen=True, slots=True)
class Spawning:
    """A node waits for child runs, and these are to be started now.

    Args:
        generation: Which time the node is done, from 0.
        news: Child runs to start.
        ended: How many had ended when this was decided; more by now means that it is decided anew.
    """

    node_id: str
    generation: int
    news: tuple[NewRun, ...]
    ended: int
    detail: Json
    wait: Json


@dataclass(frozen=True, slots=True)
class Settlement:
    """Everything one execution of a stage changes, applied in one transaction if the fence still holds."""

    claimed: Claimed
    state: StageState
    # which try of the node that stopped comes next; tries are counted per node
    attempt: int = 1
    steps: tuple[StepRow, ...] = ()
    attempts: tuple[AttemptRow, ...] = ()
    assets: tuple[AssetRow, ...] = ()
    wake_at: float | None = None
    detail: Json | None = None
    wait: Json | None = None
    following: tuple[tuple[int, int], ...] = ()
    finish: Finish | None = None
    alert: tuple[str, str] | None = None
    money: Money | None = None
    # what steps of a run without a budget cost: (node, generation, micro-credits)
    costs: tuple[tuple[str, int, int], ...] = ()
    spawning: Spawning | None = None
    # what runs of one family are changed under, one transaction at a time; None for a run without any
    family: str | None = None
    # of a graph in which a node may ask for a redo, and what one asked for
    plan: Plan | None = None
    redo: Redoing | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a settlement: False when another worker owns the stage by now."""

    applied: bool
    claimed: tuple[Claimed, ...] = ()
    rung: tuple[tuple[str, int], ...] = ()
    delivery: "Outgoing | None" = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery that this worker may attempt until its lease ends."""

    id: str
    org_id: str
    run_id: str
    caller_id: str
    message_id: str
    url: str
    body: str
    attempts: int
    attempt_base: int
    fence: int


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What one attempt of a delivery came to, and when the next one is due."""

    delivery: Outgoing
    started_at: float
    duration: float
    status: Literal["delivered", "retrying", "permanently_failed"]
    status_code: int | None
    error_code: str | None
    reason: str | None
    response: str | None
    next_at: float | None
    extra: dict[str, Any] = field(default_factory=dict)
