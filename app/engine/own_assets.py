"""The pictures of one organisation, as its nodes find them by id."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.assets.darkroom import Darkroom
from app.store import pictures
from app.store.database import Database
from app.store.runs import Scope
from graphs.errors import PermanentError
from graphs.node import Json
from graphs.sockets import Image


class Shelf:
    """Looks pictures up in the database, anew each time: one may have been deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, org_id: str, asset_id: str) -> Image | None:
        """A picture as it travels along links, with what is known of its making; blocks."""
        with self._database.read() as connection:
            found = pictures.get(connection, Scope(org_id), asset_id)
            made = pictures.made_as(connection, org_id, asset_id) if found and found.source == "run" else None
        if found is None:
            return None
        facts: dict[str, Any] = {name: getattr(found, name) for name in _FILE}
        if found.source == "upload":
            return Image(asset_id=found.id, ai_model=False, uploaded=True, **facts)
        # what is not known to be made by rules counts as made by a model
        return Image(asset_id=found.id, **{**_making(made, asset_id), **facts})


_FILE = ("sha256", "format", "width", "height", "bytes")
_MAKING = ("model_id", "seed", "prompt", "style", "ai_model", "uploaded")


def _making(outputs: str | None, asset_id: str) -> Json:
    """How a run made a picture; its price and verdict belong to that run alone."""
    lists = json.loads(outputs).values() if outputs else ()
    items = (item for each in lists if isinstance(each, list) for item in each)
    found: Json = next(
        (item for item in items if isinstance(item, dict) and item.get("asset_id") == asset_id), {}
    )
    return {name: found[name] for name in _MAKING if name in found}


@dataclass(frozen=True, slots=True)
class OwnAssets:
    """What nodes of an organisation may do with pictures."""

    darkroom: Darkroom
    shelf: Shelf
    org_id: str

    async def measure(self, image: Image) -> Mapping[str, Any]:
        return await self.darkroom.measure(image)

    async def export(self, image: Image, platform: str, options: Json) -> Image:
        return await self.darkroom.export(image, platform, options)

    def platforms(self) -> Mapping[str, Mapping[str, Any]]:
        return self.darkroom.platforms()

    async def picture(self, asset_id: str) -> Image:
        """A picture of the organisation.

        Raises:
            PermanentError: It is not there, or not there any more.
        """
        found = await asyncio.to_thread(self.shelf.find, self.org_id, asset_id)
        if found is None:
            words = f"There is no picture {asset_id} any more; choose another one."
            raise PermanentError("node.input_missing", words, field="asset")
        return found
