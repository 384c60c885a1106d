"""Measures and variants of stored pictures, remembered by content."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from app.assets.imaging.errors import ImageRefusedError
from app.assets.imaging.jobs import export_job, measure_job
from app.assets.imaging.presets import Platform, load_platforms
from app.assets.library import AssetMissingError, Library, Stored, StoreFailedError
from app.assets.once import Once
from app.cpu import CpuPool
from graphs.errors import OperatorError, PermanentError, TransientError
from graphs.node import Json
from graphs.sockets import Image

_REMEMBERED = 4096


class Darkroom:
    """What nodes may do with pictures; the same question about the same bytes is answered once."""

    def __init__(self, library: Library, pool: CpuPool) -> None:
        self._library = library
        self._pool = pool
        self._platforms = load_platforms()
        self._described = {key: platform.model_dump(mode="json") for key, platform in self._platforms.items()}
        self._answers: Once[Any] = Once(_REMEMBERED)

    async def measure(self, image: Image) -> Mapping[str, Any]:
        """Every measure of a picture as plain values (see imaging.measure)."""
        found: Mapping[str, Any] = await self._answers.get(
            ("measure", image.sha256), lambda: self._measure(image)
        )
        return found

    async def export(self, image: Image, platform: str, options: Json) -> Image:
        """A variant for a platform preset; options: ``fit``, ``focus``, ``description``."""
        preset = self._platforms[platform]
        source = _source_of(image)
        words = tuple(str(options.get(name)) for name in ("fit", "focus", "description"))
        key = ("export", image.sha256, platform, source, *words)
        stored: Stored = await self._answers.get(key, lambda: self._export(image, preset, options, source))
        return image.model_copy(
            update={
                "asset_id": asset_id(stored.sha256),
                "sha256": stored.sha256,
                "format": stored.format,
                "width": stored.width,
                "height": stored.height,
                "bytes": stored.bytes,
                "platform_code": platform,
            }
        )

    def platforms(self) -> Mapping[str, Mapping[str, Any]]:
        """Platform presets as plain values, by key."""
        return self._described

    async def _measure(self, image: Image) -> Mapping[str, Any]:
        return dataclasses.asdict(await self._job(measure_job, await self._bytes(image)))

    async def _export(self, image: Image, preset: Platform, options: Json, source: str | None) -> Stored:
        data = await self._bytes(image)
        focus = options.get("focus")
        made = await self._job(
            export_job, data, preset, options.get("fit"), focus, options.get("description"), source
        )
        try:
            return await self._library.put_made(made)
        except StoreFailedError as error:
            raise OperatorError("node.storage_full", "the asset store did not take the picture") from error

    async def _bytes(self, image: Image) -> bytes:
        try:
            return await self._library.get(image.sha256, image.format)
        except AssetMissingError as error:
            raise OperatorError(
                "node.input_missing", f"asset {image.asset_id} is not in the store"
            ) from error
        except StoreFailedError as error:
            raise TransientError(
                "node.provider_unavailable", f"asset {image.asset_id} could not be read from the store"
            ) from error

    async def _job(self, job: Callable[..., Any], *args: Any) -> Any:
        try:
            return await self._pool.run(job, *args)
        except ImageRefusedError as error:
            raise PermanentError("node.asset_type_refused", str(error)) from error


def _source_of(image: Image) -> str | None:
    """How a picture was made (IPTC digital source type); nobody here knows it of one that people brought."""
    if image.uploaded:
        return None
    return "trainedAlgorithmicMedia" if image.ai_model else "algorithmicMedia"


def asset_id(sha256: str) -> str:
    """The id of an asset follows from its content."""
    return f"ast_{sha256[:32]}"
