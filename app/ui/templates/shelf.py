"""What the gallery offers: the graphs that ship, and the workflows an organisation marked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.store import runs as run_rows
from app.store import templates as rows
from app.store import workflows as workflow_rows
from app.store.runs import RunFilter, Scope
from app.store.templates import TemplateRow
from app.ui.editor.sketch import Sketch, sketch
from app.ui.examples import Example, example, examples
from app.ui.lang.say import said, t
from graphs.kinds import TRIGGER

CATEGORIES = {
    "": said("All"),
    "products": said("Products"),
    "campaigns": said("Campaigns"),
    "stories": said("Stories"),
    "own": said("Ours"),
}
OWN = "own-"
_LOOK_BACK = 12
_PICTURES = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """One template as its card shows it.

    Attributes:
        key: Its place in addresses; ``own-`` and a slug for an organisation's own.
        pictures: Addresses of sample pictures, or hashes of thumbnails for own ones.
        seconds: Usual time of a run; None when it never ran.
    """

    key: str
    name: str
    description: str
    purpose: str
    category: str
    graph: Mapping[str, Any]
    pictures: tuple[str, ...]
    credits: float | None
    seconds: float | None
    slug: str = ""
    # width over height of each picture, where it is known
    shapes: tuple[float, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The node types it uses, in the order of the graph."""
        return tuple(dict.fromkeys(node["type"] for node in self.graph.get("nodes", [])))

    @property
    def drawn(self) -> Sketch | None:
        return sketch(self.graph)

    @property
    def fields(self) -> list[Mapping[str, Any]]:
        """What goes in: the fields of its trigger."""
        nodes: list[Mapping[str, Any]] = self.graph.get("nodes", [])
        found: Mapping[str, Any] = next((node["settings"] for node in nodes if node["type"] == TRIGGER), {})
        return [each for each in found.get("fields", []) if isinstance(each, Mapping)]


def shipped() -> list[Offer]:
    """What ships with the product, in the visitor's language."""
    return [_of_example(each) for each in examples()]


def shipped_one(key: str) -> Offer | None:
    found = example(key)
    return _of_example(found) if found else None


def own(connection: Connection, scope: Scope) -> list[Offer]:
    """What the organisation offers; pictures and figures come from its latest runs."""
    return [_of_row(connection, scope, each) for each in rows.list_all(connection, scope.org_id)]


def own_one(connection: Connection, scope: Scope, slug: str) -> Offer | None:
    return next((each for each in own(connection, scope) if each.slug == slug), None)


def matching(offers: Iterable[Offer], category: str, query: str) -> list[Offer]:
    """Those of a category that hold every word; searched are the texts of the card and the node types."""
    words = query.casefold().split()

    def text(each: Offer) -> str:
        return " ".join((each.name, each.description, each.purpose, *each.kinds)).casefold()

    return [
        each
        for each in offers
        if (category in {"", each.category} or (category == "own" and each.slug))
        and all(word in text(each) for word in words)
    ]


def _of_example(each: Example) -> Offer:
    return Offer(
        each.key,
        t(each.name),
        t(each.description),
        t(each.purpose),
        each.category,
        each.graph,
        tuple(f"/gallery/{picture.file}" for picture in each.pictures),
        each.credits,
        each.seconds,
        shapes=tuple(picture.width / picture.height for picture in each.pictures),
        payload=each.payload,
    )


def _of_row(connection: Connection, scope: Scope, row: TemplateRow) -> Offer:
    graph = json.loads(document_of(connection, row))
    recent = run_rows.list_page(connection, scope, RunFilter(workflow=row.slug), limit=_LOOK_BACK).items
    done = [run for run in recent if run.status == "succeeded"]
    thumbs = dict.fromkeys(run.thumb for run in done if run.thumb)
    last = done[0] if done else None
    took = last.finished_at - last.started_at if last and last.finished_at and last.started_at else None
    return Offer(
        OWN + row.slug,
        row.name,
        str(graph.get("description") or ""),
        row.purpose,
        row.category,
        graph,
        tuple(thumbs)[:_PICTURES],
        last.credit_cost if last else None,
        took,
        row.slug,
    )


def document_of(connection: Connection, row: TemplateRow) -> str:
    """What a template gives: the published version, else the draft."""
    version = workflow_rows.version(connection, row.workflow_id, row.published) if row.published else None
    return version.graph if version else workflow_rows.draft(connection, row.workflow_id)[0]
