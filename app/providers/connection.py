"""A generation service that an organisation has connected: where it is, what it offers, how it behaves."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.providers.contract import Model

_SIZE = r"^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$"


class OfferedModel(BaseModel):
    """One model of a connected service."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(
        min_length=1, max_length=200, pattern=r"^[\w.:/@+-]+$", description="As the service calls it."
    )
    title: str = Field("", max_length=200, description="Name for people; empty shows the id.")
    price: float = Field(0.0, ge=0, le=1_000_000, allow_inf_nan=False, description="Credits per picture.")
    description: str = Field("", max_length=1000, description="What it is good for.")
    reference: bool = Field(
        False,
        strict=True,
        description="Takes a reference picture beside the prompt, as the protocol does it.",
    )


class ConnectionSettings(BaseModel):
    """How a connected service behaves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idempotent: bool = Field(
        False,
        strict=True,
        description="The service charges once for an Idempotency-Key however often it comes. Leave it off "
        "unless its documentation promises that: without it an unanswered call is never sent twice.",
    )
    timeout_seconds: float = Field(
        120.0, ge=1, le=600, description="Longest time for one request, connecting to last byte."
    )
    poll_seconds: float = Field(2.0, ge=0.05, le=300, description="Pause between two questions after a job.")
    send_seed: bool | None = Field(
        None, description="Whether the seed is sent; empty: what is usual for the protocol."
    )
    sizes: tuple[Annotated[str, Field(pattern=_SIZE)], ...] = Field(
        (), max_length=50, description="Sizes the service knows, such as 1024x1024; empty: any."
    )
    reference_member: str = Field(
        "",
        max_length=60,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$|^$",
        description="Member of a request that carries a reference picture; empty: what is usual for the "
        "protocol. A name that ends in s carries a list.",
    )
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict, description="Further members of each request; null leaves one out."
    )


@dataclass(frozen=True, slots=True)
class Connection:
    """One connected service with its credential opened; the credential is in no text made of it."""

    id: str
    org_id: str
    name: str
    kind: str
    base_url: str
    models: tuple[Model, ...]
    settings: ConnectionSettings
    enabled: bool
    created_at: float
    updated_at: float
    credential: str = field(default="", repr=False)

    def model(self, identifier: str) -> Model | None:
        return next((each for each in self.models if each.id == identifier), None)
