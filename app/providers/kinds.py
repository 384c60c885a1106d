"""The protocols that connected services may speak; one entry for each file that knows one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from app.egress.client import Egress
from app.providers.comfyui import ComfyUi
from app.providers.connection import Connection
from app.providers.contract import Load, Provider
from app.providers.fal_queue import FalQueue
from app.providers.openai_images import OpenAiImages


class Connected(Provider, Protocol):
    """A generation service over HTTP."""

    async def probe(self) -> str:
        """Try the connection without paying for anything; what came of it, in words."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A protocol: its name for people, an example of an address, and how a service of it is built."""

    title: str
    example: str
    make: Callable[[Connection, Egress, Load | None], Connected]


KINDS: Mapping[str, Kind] = {
    "openai_images": Kind("OpenAI-compatible images", "https://api.openai.com/v1", OpenAiImages),
    "fal_queue": Kind("Job queue (fal)", "https://queue.fal.run", FalQueue),
    "comfyui": Kind("ComfyUI", "http://127.0.0.1:8188", ComfyUi),
}


def connect(connection: Connection, egress: Egress, load: Load | None = None) -> Connected:
    """The service behind a connection; ``load`` reads stored pictures, where calls may send some."""
    return KINDS[connection.kind].make(connection, egress, load)
