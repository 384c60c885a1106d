"""Tiny node types, and graphs made of them."""

from collections.abc import Callable
from typing import Literal

import pytest
from pydantic import BaseModel, Field, JsonValue

from graphs.catalogue import Catalogue
from graphs.document import Document, parse
from graphs.fields import Fields, sockets
from graphs.node import Node, Nothing, Open, Settings, Socket
from graphs.sockets import Image, Payload


class TriggerSettings(Settings):
    fields: Fields = Field((), description="Declared fields.")


class WebhookInput(Node[TriggerSettings, Nothing, Open]):
    """Entry point."""

    kind, title, group = "webhook_input", "Webhook input", "Trigger"

    @classmethod
    def outputs_for(cls, settings: TriggerSettings) -> tuple[Socket, ...]:
        return sockets(settings.fields)


class LimiterSettings(Settings):
    limit: int = Field(100, ge=1, le=1000, description="Starts.")
    window_seconds: int = Field(3600, ge=1, description="Seconds.")


class GateInputs(BaseModel):
    trigger: Payload = Field(description="Payload.")


class RateLimiter(Node[LimiterSettings, GateInputs, GateInputs]):
    """Gate."""

    kind, title, group = "rate_limiter", "Rate limiter", "Gates"


class BreakerSettings(Settings):
    factor: float = Field(3, gt=0, description="Times the rate.")


class CircuitBreaker(Node[BreakerSettings, GateInputs, GateInputs]):
    """Gate."""

    kind, title, group = "circuit_breaker", "Circuit breaker", "Gates"


class Many(Settings):
    size: int = Field(512, ge=64, le=2048, description="Edge in pixels.")
    mode: Literal["fast", "good"] = Field("fast", description="Mode.")
    inputs: list[str] = Field([], description="Names of optional inputs.")


class Any1(BaseModel):
    out: JsonValue = Field(None, description="Whatever.")


class _Mixer(Node[Many, Open, Any1]):
    """Takes any inputs its settings name."""

    kind, title, group = "mixer", "Mixer", "Test"

    @classmethod
    def inputs_for(cls, settings: Many) -> tuple[Socket, ...]:
        return tuple(Socket(name, "Any") for name in settings.inputs)


class Cheap(_Mixer):
    """Arithmetic."""

    kind, title, group = "cheap", "Cheap", "Test"


class Slow(_Mixer):
    """Takes long."""

    kind, title, group = "slow", "Slow", "Test"
    weight = "slow"


class DrawInputs(BaseModel):
    prompt: str = Field(description="What to draw.")
    style: str | None = Field(None, description="How.")


class Pictures(BaseModel):
    images: list[Image] = Field([], description="Pictures.")


class GeneratorSettings(Settings):
    size: int = Field(512, ge=64, le=2048, description="Edge in pixels.")


class Generator(Node[GeneratorSettings, DrawInputs, Pictures]):
    """Draws."""

    kind, title, group = "generator", "Generator", "Generate"
    weight = "slow"


class PicturesIn(BaseModel):
    images: list[Image] = Field(description="Pictures.")


class Qc(Node[Settings, PicturesIn, Pictures]):
    """Measures."""

    kind, title, group = "qc", "Quality control", "Quality"


class Delivery(Node[Settings, PicturesIn, Pictures]):
    """Ends the run."""

    kind, title, group = "webhook_delivery", "Webhook delivery", "Deliver"


TYPES = (WebhookInput, RateLimiter, CircuitBreaker, Cheap, Slow, Generator, Qc, Delivery)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(TYPES)


def product_graph() -> dict:
    """The main line of a product picture, small."""
    fields = [{"name": "subject", "type": "string", "required": True}, {"name": "count", "type": "integer"}]
    nodes = [
        {"id": "input", "type": "webhook_input", "settings": {"fields": fields}},
        {"id": "limit", "type": "rate_limiter", "settings": {"limit": 5, "window_seconds": 60}},
        {"id": "breaker", "type": "circuit_breaker"},
        {"id": "draw", "type": "generator"},
        {"id": "qc", "type": "qc"},
        {"id": "deliver", "type": "webhook_delivery"},
    ]
    links = [
        ("input.trigger", "limit.trigger"),
        ("limit.trigger", "breaker.trigger"),
        ("input.subject", "draw.prompt"),
        ("draw.images", "qc.images"),
        ("qc.images", "deliver.images"),
    ]
    pairs = [{"from": a.split("."), "to": b.split(".")} for a, b in links]
    return {"format": "sakuga.graph/1", "name": "Product", "nodes": nodes, "links": pairs}


@pytest.fixture
def product() -> dict:
    return product_graph()


@pytest.fixture(scope="session")
def mixed_graph() -> Callable[..., Document]:
    return mixed


def mixed(edges: list[tuple[str, str]], slow: set[str], extra: tuple[str, ...] = ()) -> Document:
    """A graph of cheap and slow nodes behind the trigger ``in``.

    A node without a source hangs on the trigger, one named in ``extra`` on nothing.
    """
    names = sorted({end for edge in edges for end in edge} - {"in"} | set(extra))
    linked = {target for _, target in edges} | set(extra)
    edges = edges + [("in", name) for name in names if name not in linked]
    nodes: list[dict] = [{"id": "in", "type": "webhook_input"}]
    sockets_of: dict[str, list[str]] = {name: [] for name in names}
    for index, (_, target) in enumerate(edges):
        sockets_of[target].append(f"i{index}")
    for name, inputs in sockets_of.items():
        kind = "slow" if name in slow else "cheap"
        nodes.append({"id": name, "type": kind, "settings": {"inputs": inputs}})
    links = [
        {"from": [source, "trigger" if source == "in" else "out"], "to": [target, f"i{index}"]}
        for index, (source, target) in enumerate(edges)
    ]
    return parse({"format": "sakuga.graph/1", "nodes": nodes, "links": links})
