"""The records of the ledger of paid calls."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from graphs.node import Json

State = Literal["intent", "submitted", "done", "failed", "unknown"]
OPEN: tuple[State, ...] = ("intent", "submitted", "unknown")
SAME = (
    *("id", "org_id", "caller_id", "run_id", "node_id", "generation", "provider", "model"),
    *("state", "reserved", "charged", "day"),
)
OUTCOME_UNKNOWN = "node.provider_outcome_unknown"


class FenceLostError(Exception):
    """Another worker owns the stage, or its run has ended: the call must not leave."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A paid call that is about to leave.

    Args:
        stage: Number of the claimed stage, held with ``fence``.
        key: Names run, node and generation.
        price: What it may cost at most, in credits.
        keyed: Whether the service is told the key and charges once for it.
        hard: Whether the call may not leave once the limit of its budget is passed.
    """

    org_id: str
    caller_id: str
    run_id: str
    stage: int
    fence: int
    node_id: str
    generation: int
    key: str
    provider: str
    model: str
    price: float
    keyed: bool
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One row of the ledger; money in micro-credits.

    ``memo`` is what has to be known to go on: the job to ask for, the pictures that were answered, or what a
    person decided. ``fresh`` means that this intent may be sent now; ``unsure`` that it may have been sent
    before, under the same key, and was not answered.
    """

    id: str
    org_id: str
    caller_id: str
    run_id: str
    node_id: str
    generation: int
    provider: str
    model: str
    key: str
    state: State
    memo: Json
    reserved: int
    charged: int
    day: str
    fresh: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service took the call and works on it; ``job`` is all that is needed to ask for it."""

    id: str
    job: Json


@dataclass(frozen=True, slots=True)
class Answered:
    """How a call ended: done and charged (credits), or failed and certainly not charged."""

    id: str
    state: Literal["done", "failed"]
    charged: float = 0.0
    memo: Json | None = None
    error_code: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """A call that left and was not answered."""

    id: str
    error_code: str
    note: str


def read_call(row: Any) -> Call:
    memo = json.loads(row.job) if row.job else {}
    same = {name: getattr(row, name) for name in SAME}
    return Call(**same, key=row.idempotency_key, memo=memo)
