"""Pictures that people bring, and all that is known of any picture of the store (contract §7)."""

import asyncio
import unicodedata
from dataclasses import dataclass
from typing import Any

import structlog

from app import clock
from app.assets.darkroom import asset_id
from app.assets.imaging.decode import MAX_PIXELS
from app.assets.library import Library, StoreFailedError
from app.identity.roles import Identity
from app.store import audit
from app.store import pictures as rows
from app.store.database import Database
from app.store.pictures import Appearance, Naming, PictureRow, Source, StoredPicture
from app.store.rows import Page
from app.store.runs import Scope
from graphs.document import parse
from graphs.errors import MalformedDocumentError
from graphs.pictures import picture_ids

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "Lineage",
    "PictureInUseError",
    "PictureUnknownError",
    "Pictures",
    "Use",
]

MAX_BYTES = 32 * 1024 * 1024
_LONGEST_NAME = 200
_APPEARANCES = 50
_LOG = structlog.get_logger()


class PictureUnknownError(Exception):
    """There is no such picture in what the identity may see."""


class PictureInUseError(Exception):
    """A picture cannot be deleted; ``uses`` says where it is named, empty where runs made it."""

    def __init__(self, reason: str, uses: tuple["Use", ...] = ()) -> None:
        super().__init__(reason)
        self.uses = uses


@dataclass(frozen=True, slots=True)
class Use:
    """Nodes of a workflow that name a picture; version None is its draft."""

    slug: str
    name: str
    version: int | None
    current: bool
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a picture comes from, and where it goes."""

    picture: PictureRow
    appearances: tuple[Appearance, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of a picture: whether it is gone, or stays because runs gave it out."""

    asset_id: str
    gone: bool


class Pictures:
    """Takes pictures in, finds them, and lets them go."""

    def __init__(self, db: Database, library: Library) -> None:
        self._db = db
        self._library = library

    async def add(
        self, who: Identity, data: bytes, name: str = "", request_id: str | None = None
    ) -> tuple[PictureRow, bool]:
        """Keep a picture, without what its file tells besides; and whether it is a new upload.

        Raises:
            ImageRefusedError: The bytes are no picture we take.
            StoreFailedError: The asset store did not take it.
        """
        stored = await self._library.take_in(data)
        facts: dict[str, Any] = {name: getattr(stored, name) for name in stored.__slots__}
        picture = StoredPicture(id=asset_id(stored.sha256), created_at=clock.now(), **facts)
        return await asyncio.to_thread(self._keep, who, picture, called(name, stored.format), request_id)

    def _keep(
        self, who: Identity, picture: StoredPicture, name: str, request_id: str | None
    ) -> tuple[PictureRow, bool]:
        with self._db.write() as connection:
            fresh = rows.put_upload(connection, who.scope, picture, name, who.actor)
            detail = {
                "name": name,
                "format": picture.format,
                "bytes": picture.bytes,
                "sha256": picture.sha256,
            }
            audit.write(connection, who.acting(request_id), "asset.upload", picture.id, detail)
        with self._db.read() as connection:
            found = rows.get(connection, who.scope, picture.id)
        if found is None:
            raise PictureUnknownError
        return found, fresh

    def list(
        self,
        scope: Scope,
        source: Source | None = None,
        q: str = "",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[PictureRow]:
        """One page, newest first; see ``store.pictures.list_page``."""
        with self._db.read() as connection:
            return rows.list_page(connection, scope, source, q, cursor, limit)

    def get(self, scope: Scope, wanted: str) -> PictureRow:
        """Raises PictureUnknownError."""
        with self._db.read() as connection:
            found = rows.get(connection, scope, wanted)
        if found is None:
            raise PictureUnknownError
        return found

    def lineage(self, scope: Scope, wanted: str) -> Lineage:
        """A picture with the steps that gave it out and the workflows that name it (not for services).

        Raises:
            PictureUnknownError
        """
        picture = self.get(scope, wanted)
        with self._db.read() as connection:
            seen = rows.appearances(connection, scope, wanted, _APPEARANCES)
            named = (
                () if scope.caller_id else rows.namings(connection, scope.org_id, wanted, all_versions=True)
            )
        return Lineage(picture, seen, tuple(use for each in named if (use := _use(each, wanted))))

    async def delete(
        self, who: Identity, wanted: str, *, in_drafts: bool = False, request_id: str | None = None
    ) -> Deleted:
        """Let an upload go; what runs have given out of it stays for their history.

        With `in_drafts` also when drafts name it, which then have a problem.

        Raises:
            PictureUnknownError
            PictureInUseError: What is published names it, or a draft does, or nobody uploaded it.
        """
        picture, orphaned = await asyncio.to_thread(self._remove, who, wanted, in_drafts, request_id)
        if orphaned:
            try:
                await self._library.remove(picture.sha256, picture.format)
            except StoreFailedError:
                # nobody finds it any more; it only takes room
                _LOG.warning("picture_file_left", asset_id=wanted, exc_info=True)
        return Deleted(wanted, orphaned is not None)

    def _remove(
        self, who: Identity, wanted: str, in_drafts: bool, request_id: str | None
    ) -> tuple[PictureRow, bool | None]:
        with self._db.write() as connection:
            picture = rows.get(connection, who.scope, wanted)
            if picture is None:
                raise PictureUnknownError
            if picture.source == "run":
                raise PictureInUseError("a run made this picture; it belongs to the run's history")
            named = rows.namings(connection, who.org_id, wanted, all_versions=False)
            _refuse(tuple(use for each in named if (use := _use(each, wanted))), in_drafts=in_drafts)
            rows.remove_upload(connection, who.org_id, wanted)
            given_out = rows.appearances(connection, Scope(who.org_id), wanted, 1)
            orphaned = None if given_out else rows.remove(connection, who.org_id, wanted)
            detail = {"name": picture.name, "kept_for_runs": bool(given_out)}
            audit.write(connection, who.acting(request_id), "asset.delete", wanted, detail)
        return picture, orphaned


def called(name: str, form: str) -> str:
    """The name that an upload gets: one line, without a path, never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(each if each.isprintable() else " " for each in unicodedata.normalize("NFC", last))
    said = " ".join(printable.encode("utf-8", "ignore").decode().split())
    return said[:_LONGEST_NAME] or f"picture.{form}"


def _refuse(uses: tuple[Use, ...], *, in_drafts: bool) -> None:
    published = tuple(each for each in uses if each.current)
    if published:
        raise PictureInUseError(f"what is published of {_listed(published)} uses this picture", published)
    if uses and not in_drafts:
        raise PictureInUseError(f"the draft of {_listed(uses)} uses this picture", uses)


def _listed(uses: tuple[Use, ...]) -> str:
    slugs = list(dict.fromkeys(each.slug for each in uses))
    return ", ".join(f"'{slug}'" for slug in slugs[:5]) + (" and others" if len(slugs) > 5 else "")


def _use(naming: Naming, wanted: str) -> Use | None:
    """Which nodes it is; None where the id only stands in a text."""
    try:
        nodes = tuple(node for node, each in picture_ids(parse(naming.graph)) if each == wanted)
    except MalformedDocumentError:
        nodes = ("?",)
    return Use(naming.slug, naming.name, naming.version, naming.current, nodes) if nodes else None
