"""Recipes of pictures: what is written into a file when a run has made it (S124 to S126).

The graph of a version is read and cleaned once per process; a picture then costs a small compression and a
copy of its bytes. Nothing here is asked for pictures that many runs share.
"""

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.assets.imaging.embed import pack, put_in
from app.assets.imaging.xmp import SOURCE_TYPES
from app.providers.contract import Rendered
from app.store.database import Database, unreachable
from app.store.workflows import version_by_id
from graphs.catalogue import Catalogue
from graphs.document import parse
from graphs.errors import GraphError
from graphs.node import GenerationRequest, RunInfo
from graphs.recipe import FORMAT, business, masked, public_graph, scrubbed, written

_LOG = structlog.get_logger()
_REMEMBERED = 200
# seconds before each look: in all about as long as a database takes to start again
_PAUSES = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Making:
    """How one picture came to be."""

    version_id: str
    run: RunInfo
    request: GenerationRequest
    model_id: str


@dataclass(frozen=True, slots=True)
class _Version:
    """How much pictures of a version say, and its graph for everybody."""

    level: str
    graph: Json | None


class Recipes:
    """Writes recipes into pictures."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue
        self._versions: OrderedDict[str, _Version] = OrderedDict()

    async def into(self, made: Rendered, making: Making) -> bytes:
        """The picture's bytes with its recipe, as its version wants it."""
        version = await self._version(making.version_id)
        if version is None or version.level == "off":
            return made.data
        whole = recipe(making, made, version.graph, values=version.level == "values")
        packed = pack(written(whole)) or pack(written({**whole, "graph": None}))
        return put_in(made.data, packed) if packed else made.data

    async def _version(self, version_id: str) -> _Version | None:
        """What a version wants; None where the database does not say: the picture is made, perhaps paid."""
        known = self._versions.get(version_id)
        if known is None:
            known = await self._asked(version_id)
            if known is None:
                return None
            self._versions[version_id] = known
            if len(self._versions) > _REMEMBERED:
                self._versions.popitem(last=False)
        return known

    async def _asked(self, version_id: str) -> _Version | None:
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            try:
                return await asyncio.to_thread(self._read, version_id)
            except SQLAlchemyError as error:
                if not unreachable(error):
                    raise
                _LOG.warning("recipe.not_read", version_id=version_id, reason=type(error).__name__)
        return None

    def _read(self, version_id: str) -> _Version:
        with self._database.read() as connection:
            found = version_by_id(connection, version_id)
        if found is None:
            return _Version("off", None)
        try:
            document = parse(json.loads(found.graph))
        except (GraphError, ValueError):
            _LOG.warning("recipe.unreadable_graph", version_id=version_id)
            return _Version("off", None)
        graph = public_graph(document, self._catalogue) if document.recipe != "off" else None
        return _Version(document.recipe, graph)


def recipe(making: Making, made: Rendered, graph: Json | None, *, values: bool) -> Json:
    """What a picture says of itself; the fields of its trigger only with ``values``."""
    run, request = making.run, making.request
    source = "trainedAlgorithmicMedia" if made.ai_model else "algorithmicMedia"
    told: Json = {
        "format": FORMAT,
        "generator": "Sakuga",
        "action": "c2pa.created",
        "digital_source_type": SOURCE_TYPES + source,
        "workflow": run.workflow,
        "version": run.version,
        "run": run.job_id,
        "node": run.node_id,
        "model": making.model_id,
        "seed": made.seed,
        "style": request.style,
        "width": request.width,
        "height": request.height,
        "prompt": _words(request.prompt, run, values=values),
        "negative": _words(request.negative, run, values=values),
        "graph": graph,
    }
    return {**told, "inputs": business(run.trigger)} if values else told


def _words(text: str, run: RunInfo, *, values: bool) -> str:
    shown = text if values else masked(text, run.trigger)
    return str(scrubbed(shown))
