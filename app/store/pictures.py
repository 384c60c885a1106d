"""Pictures: what people brought and what runs made, and which workflows name them."""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.rows import Page, columns, record, records
from app.store.runs import Scope
from app.store.tables import asset, run, run_asset, step, upload, workflow, workflow_version

Source = Literal["upload", "run"]
_CURSOR = "at_"
_ID = "ast_"


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """The file of a picture; sizes in pixels and bytes, times in seconds since the epoch."""

    id: str
    sha256: str
    format: str
    width: int
    height: int
    bytes: int
    created_at: float


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture as lists show it; `name` and what follows are None for one that nobody uploaded."""

    id: str
    sha256: str
    format: str
    width: int
    height: int
    bytes: int
    created_at: float
    name: str | None = None
    uploaded_by: str | None = None
    uploaded_at: float | None = None

    @property
    def source(self) -> Source:
        return "run" if self.name is None else "upload"


@dataclass(frozen=True, slots=True)
class Appearance:
    """A step that gave a picture out."""

    run_id: str
    node_id: str
    platform_code: str | None
    workflow: str
    version: int
    created_at: float


@dataclass(frozen=True, slots=True)
class Naming:
    """A graph that names a picture: the draft (version None), or a version, of a workflow."""

    slug: str
    name: str
    version: int | None
    # whether this is what runs now
    current: bool
    graph: str


def find(connection: Connection, org_id: str, asset_id: str) -> StoredPicture | None:
    """The file of a picture of an organisation."""
    query = select(*columns(asset, StoredPicture)).where(asset.c.org_id == org_id, asset.c.id == asset_id)
    return record(StoredPicture, connection.execute(query).one_or_none())


def made_as(connection: Connection, org_id: str, asset_id: str) -> str | None:
    """The outputs of the first step that gave a picture out, as JSON; None for one that no run had."""
    same = and_(step.c.run_id == run_asset.c.run_id, step.c.node_id == run_asset.c.node_id)
    query = (
        select(step.c.outputs)
        .select_from(run_asset.join(run, run.c.id == run_asset.c.run_id).join(step, same))
        .where(
            run_asset.c.asset_id == asset_id,
            run.c.org_id == org_id,
            step.c.outputs.contains(asset_id, autoescape=True),
        )
        .order_by(run_asset.c.run_id, step.c.generation.desc())
    )
    return connection.execute(query.limit(1)).scalar()


def known(connection: Connection, org_id: str, ids: Collection[str]) -> frozenset[str]:
    """Those of some ids that an organisation has pictures of."""
    query = select(asset.c.id).where(asset.c.org_id == org_id, asset.c.id.in_(sorted(ids)))
    return frozenset(connection.execute(query).scalars())


def get(connection: Connection, scope: Scope, asset_id: str) -> PictureRow | None:
    """A picture, or None when it is unknown or another's."""
    query = _rows().where(asset.c.id == asset_id, *_visible(scope))
    return record(PictureRow, connection.execute(query).one_or_none())


def list_page(  # noqa: PLR0917 - a filter and a place
    connection: Connection,
    scope: Scope,
    source: Source | None = None,
    q: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PictureRow]:
    """One keyset page, newest first: by when it was uploaded, or by when it was first there.

    `q` is part of an upload's name; of the workflow that made it, for pictures of runs.
    """
    at, key = (
        (upload.c.created_at, upload.c.asset_id) if source == "upload" else (asset.c.created_at, asset.c.id)
    )
    query = _rows().where(*_visible(scope))
    if source is not None:
        query = query.where(
            upload.c.asset_id.is_(None) if source == "run" else upload.c.asset_id.is_not(None)
        )
    if q:
        query = query.where(_named(scope, q))
    if cursor:
        when, before = read_cursor(cursor)
        query = query.where(or_(at < when, and_(at == when, key < before)))
    found = records(PictureRow, connection.execute(query.order_by(at.desc(), key.desc()).limit(limit + 1)))
    items = found[:limit]
    if len(found) <= limit:
        return Page(items, None)
    last = items[-1]
    return Page(items, _cursor((last.uploaded_at or 0.0) if source == "upload" else last.created_at, last.id))


def read_cursor(cursor: str) -> tuple[float, str]:
    """The place that a cursor means; one that nobody gave out means the beginning of time."""
    code, _, key = cursor.removeprefix(_CURSOR).partition("z")
    try:
        (when,) = struct.unpack(">d", bytes.fromhex(code))
    except (ValueError, struct.error):
        return 0.0, ""
    return when, _ID + key


def appearances(connection: Connection, scope: Scope, asset_id: str, limit: int) -> tuple[Appearance, ...]:
    """The steps that gave a picture out, the first ones first."""
    query = (
        select(
            *(run_asset.c.run_id, run_asset.c.node_id, run_asset.c.platform_code),
            *(run.c.workflow, run.c.version, run.c.created_at),
        )
        .join(run, run.c.id == run_asset.c.run_id)
        .where(run_asset.c.asset_id == asset_id, *_own_runs(scope))
    )
    return records(Appearance, connection.execute(query.order_by(run_asset.c.run_id).limit(limit)))


def namings(connection: Connection, org_id: str, asset_id: str, *, all_versions: bool) -> tuple[Naming, ...]:
    """Graphs of workflows in use that name a picture: drafts and what is published, or every version."""
    mine = (workflow.c.org_id == org_id, workflow.c.archived_at.is_(None))
    drafts = select(workflow.c.slug, workflow.c.name, workflow.c.draft).where(
        *mine, workflow.c.draft.contains(asset_id, autoescape=True)
    )
    found = [
        Naming(slug, name, None, False, graph)
        for slug, name, graph in connection.execute(drafts.order_by(workflow.c.slug))
    ]
    versions = (
        select(
            *(workflow.c.slug, workflow.c.name, workflow_version.c.number),
            *(workflow_version.c.number == workflow.c.published, workflow_version.c.graph),
        )
        .join(workflow_version, workflow_version.c.workflow_id == workflow.c.id)
        .where(*mine, workflow_version.c.graph.contains(asset_id, autoescape=True))
        .order_by(workflow.c.slug, workflow_version.c.number.desc())
    )
    if not all_versions:
        versions = versions.where(workflow_version.c.number == workflow.c.published)
    found += [
        Naming(slug, name, number, bool(current), graph)
        for slug, name, number, current, graph in connection.execute(versions)
    ]
    return tuple(found)


def put_upload(connection: Connection, scope: Scope, picture: StoredPicture, name: str, by: str) -> bool:
    """Keep a picture that somebody brought; False when it was among the uploads before.

    Whoever brings the same picture again gives it its present name, and moves it to the front.
    """
    org_id = scope.org_id
    values = {field: getattr(picture, field) for field in picture.__slots__}
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # a run may be storing the same picture at this moment
    connection.execute(upsert(asset).values(**values, org_id=org_id, kind="image").on_conflict_do_nothing())
    told: dict[str, Any] = {
        "name": name,
        "search": folded(name),
        "uploaded_by": by,
        "created_at": picture.created_at,
        # what a service brought is its own; what members bring is the organisation's
        "caller_id": scope.caller_id or "",
    }
    mine = (upload.c.org_id == org_id, upload.c.asset_id == picture.id)
    fresh = not connection.execute(update(upload).where(*mine).values(**told)).rowcount
    if fresh:
        row = upsert(upload).values(**told, org_id=org_id, asset_id=picture.id)
        connection.execute(row.on_conflict_do_update(index_elements=["org_id", "asset_id"], set_=told))
    return fresh


def remove_upload(connection: Connection, org_id: str, asset_id: str) -> bool:
    """Forget who brought a picture; says whether anybody did."""
    mine = (upload.c.org_id == org_id, upload.c.asset_id == asset_id)
    return bool(connection.execute(delete(upload).where(*mine)).rowcount)


def remove(connection: Connection, org_id: str, asset_id: str) -> bool:
    """Forget a picture; says whether its file is nobody's any more."""
    connection.execute(delete(asset).where(asset.c.org_id == org_id, asset.c.id == asset_id))
    others = select(func.count()).select_from(asset).where(asset.c.id == asset_id)
    return connection.scalar(others) == 0


def folded(text: str) -> str:
    """A name as it is searched for."""
    return text.casefold()[:400]


def _rows() -> Select[Any]:
    both = and_(upload.c.org_id == asset.c.org_id, upload.c.asset_id == asset.c.id)
    return select(
        *columns(asset, StoredPicture), upload.c.name, upload.c.uploaded_by, upload.c.created_at
    ).select_from(asset.outerjoin(upload, both))


def _visible(scope: Scope) -> list[Any]:
    clauses = [asset.c.org_id == scope.org_id]
    if scope.caller_id is not None:
        clauses.append(or_(upload.c.caller_id == scope.caller_id, _made_by(scope)))
    return clauses


def _own_runs(scope: Scope) -> list[Any]:
    own = [run.c.org_id == scope.org_id]
    return own if scope.caller_id is None else [*own, run.c.caller_id == scope.caller_id]


def _made_by(scope: Scope, *more: Any) -> Any:
    return exists().where(
        run_asset.c.asset_id == asset.c.id, run.c.id == run_asset.c.run_id, *_own_runs(scope), *more
    )


def _named(scope: Scope, q: str) -> Any:
    slug = run.c.workflow.contains(q.strip().lower(), autoescape=True)
    return or_(
        upload.c.search.contains(folded(q.strip()), autoescape=True),
        and_(upload.c.asset_id.is_(None), _made_by(scope, slug)),
    )


def _cursor(at: float, asset_id: str) -> str:
    return f"{_CURSOR}{struct.pack('>d', at).hex()}z{asset_id.removeprefix(_ID)}"
