"""A small context for node tests: real values in, real values out, nothing leaves the process."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import pytest

from graphs.node import Generated, GenerationRequest, RunInfo, Wait
from graphs.sockets import Image

PLATFORMS = {"web": (1600, 1200), "instagram_feed": (1080, 1350), "amazon": (2000, 2000)}
GOOD = {"sharpness": 120.0, "clip_low": 0.0, "clip_high": 0.01, "contrast": 40.0, "entropy": 6.8}
RUN = RunInfo("run_1", "product-image", 1, {}, "node", 1, "key", "trace")


def picture(**changes: Any) -> Image:
    """A picture of 1280 by 1280 pixels whose digest follows from its facts."""
    facts = {"asset_id": "a1", "format": "png", "width": 1280, "height": 1280, "bytes": 9, **changes}
    return Image(**({"sha256": hashlib.sha256(repr(facts).encode()).hexdigest()} | facts))


@dataclass
class FakeContext:
    """Assets, services and run in one object; what was asked of it is kept in ``calls``."""

    run: RunInfo = RUN
    measures: dict[str, Any] = field(default_factory=dict)
    answer: Generated | Wait = field(default_factory=lambda: Generated((picture(),), "procedural/x", 2.0))
    calls: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.assets = self.services = self

    async def generate(self, request: GenerationRequest) -> Generated | Wait:
        self.calls.append(request)
        return self.answer

    async def measure(self, image: Image) -> dict[str, Any]:
        return {"width": image.width, "height": image.height, **GOOD, **self.measures}

    async def export(self, image: Image, platform: str, options: dict[str, Any]) -> Image:
        self.calls.append((image.asset_id, platform, options))
        width, height = PLATFORMS[platform]
        return picture(asset_id=f"{image.asset_id}/{platform}", width=width, height=height, format="webp")

    async def picture(self, asset_id: str) -> Image:
        self.calls.append(("picture", asset_id))
        return picture(asset_id=asset_id, uploaded=True)

    def platforms(self) -> dict[str, tuple[int, int]]:
        return PLATFORMS

    def report(self, fraction: float, note: str = "") -> None:
        self.calls.append(("report", fraction, note))


@pytest.fixture
def ctx() -> FakeContext:
    return FakeContext()


@pytest.fixture
def image() -> Any:
    return picture
