"""A node that has its work done by other runs: what it asks for, and what it gets back (design §3)."""

from dataclasses import dataclass
from typing import Literal

from graphs.sockets import Image, Payload

OnFailure = Literal["fail", "skip", "collect"]

MAX_DEPTH = 5
MAX_ITEMS = 1_000
MAX_PARALLEL = 50


@dataclass(frozen=True, slots=True)
class Call:
    """Which workflow a node calls, known from its settings alone.

    Args:
        workflow: Slug; empty while nobody has chosen one.
        version: None for whatever is published.
        fields: Business fields it sends.
        open: Whether it may send others too, which only the data tells.
    """

    workflow: str
    version: int | None
    fields: frozenset[str]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Spawn:
    """Start a child run for each item and come back when all have ended.

    Args:
        call: What is called.
        items: The business fields of each child run, in order.
        parallel: Child runs open at the same time at most.
        on_failure: ``fail`` ends the step with the first failure; the others go on to the end.
    """

    call: Call
    items: tuple[Payload, ...]
    parallel: int = 1
    on_failure: OnFailure = "fail"


@dataclass(frozen=True, slots=True)
class ChildResult:
    """How one child run ended; without a run (``job_id`` empty) its fields were refused."""

    item: int
    job_id: str
    status: Literal["succeeded", "failed", "cancelled"]
    images: tuple[Image, ...] = ()
    result: Payload | None = None
    error_code: str | None = None
    error_description: str = ""
    credit_cost: float = 0.0
    quality_warning: bool = False
