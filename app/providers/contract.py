"""One contract for every generation service: submit, poll, cancel, price (capabilities notes §1.1)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from graphs.node import GenerationRequest, Json
from graphs.offers import REFERENCE

# hash and format of a stored picture → its bytes
Load = Callable[[str, str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One picture as a service made it.

    Args:
        shared: The bytes belong to many runs, so they tell of none.
        texts: Whether texts inside the file may stay; some services write too much into it.
    """

    data: bytes
    seed: int | None
    ai_model: bool = True
    shared: bool = False
    texts: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """A finished job; the cost is in credits."""

    pictures: tuple[Rendered, ...]
    model_id: str
    credit_cost: float


@dataclass(frozen=True, slots=True)
class Pending:
    """A job the service works on: ``job`` is all that is needed to ask again, after a restart too."""

    job: Json
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a service; the price is in credits per picture.

    Args:
        reference: Whether it takes a picture beside the prompt.
    """

    id: str
    title: str
    price: float
    description: str = ""
    reference: bool = False

    @property
    def abilities(self) -> frozenset[str]:
        """What graphs may ask of it beyond a picture from words."""
        return frozenset({REFERENCE}) if self.reference else frozenset()


class Provider(Protocol):
    """A generation service. Failures are NodeErrors of the fitting class."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def models(self) -> tuple[Model, ...]: ...

    async def submit(self, request: GenerationRequest, idempotency_key: str) -> Done | Pending:
        """Ask for pictures; a service with job ids answers Pending at once."""
        ...

    async def poll(self, job: Json) -> Done | Pending:
        """Ask how a job is doing."""
        ...

    async def cancel(self, job: Json) -> bool:
        """Ask a service to stop a job; False when it cannot."""
        ...
