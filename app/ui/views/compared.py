"""One side of a comparison: a run with its graph and its pictures, and what can be said about both sides."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.store import generations
from app.store import runs as run_rows
from app.store.runs import RunRow, Scope
from app.store.workflows import version_by_id
from app.ui.lang.say import t
from app.ui.progress import pictures
from app.ui.rows import load_object, run_seconds
from app.ui.words import credit_text, duration, title

Picture = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """A run in a comparison; `pictures` are (where it comes from, picture), `picture` the one looked at."""

    run: RunRow
    document: dict[str, Any]
    payload: dict[str, Any]
    pictures: tuple[tuple[str, Picture], ...]
    picture: Picture | None

    @property
    def version(self) -> str:
        if self.run.version:
            return f"{self.run.workflow} v{self.run.version}"
        return f"{self.run.workflow} · {t('draft')}"


def load_side(connection: Connection, scope: Scope, run_id: str, sha256: str) -> Side | None:
    """A run with its pictures; of these the named one, or the first that was delivered or made last."""
    run = run_rows.get(connection, scope, run_id)
    payloads = run_rows.payloads(connection, run_id) if run else None
    if run is None or payloads is None:
        return None
    version = version_by_id(connection, run.version_id) if run.version_id else None
    document = load_object(version.graph if version else None)
    found = tuple(_pictures(connection, run_id, load_object(payloads.result), document))
    chosen = next((each for _, each in found if each["sha256"] == sha256), None)
    chosen = chosen or (found[0][1] if found else None)
    return Side(run, document, json.loads(payloads.trigger), found, chosen)


def _pictures(
    connection: Connection, run_id: str, result: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[tuple[str, Picture]]:
    """Every picture once: what was delivered, then what steps made, the last ones first."""
    history = generations.history(connection, run_id)
    titles = {node["id"]: str(node.get("title") or node["id"]) for node in document.get("nodes", ())}
    known: dict[str, Picture] = {}
    rows = sorted((*history.steps, *history.earlier), key=lambda row: (-row.position, -row.generation))
    named: list[tuple[str, Picture]] = []
    for row in rows:
        turn = f" · {row.generation + 1}" if history.redos else ""
        for picture in pictures(row.outputs):
            if picture["sha256"] not in known:
                known[picture["sha256"]] = picture
                named.append((titles.get(row.node_id, row.node_id) + turn, picture))
    delivered = [str(each.get("sha256")) for each in result.get("outputs") or ()]
    yield from ((t("Delivered"), known[sha]) for sha in dict.fromkeys(delivered) if sha in known)
    yield from ((label, each) for label, each in named if each["sha256"] not in delivered)


def differing_facts(a: Side, b: Side) -> list[tuple[str, str, str]]:
    """What is worth knowing of both: (label, of A, of B); fields of the payload where they differ."""
    rows = [
        (t("Version"), a.version, b.version),
        (t("Model"), _of(a, "model_id"), _of(b, "model_id")),
        (t("Seed"), _of(a, "seed"), _of(b, "seed")),
        (t("Style"), _of(a, "style"), _of(b, "style")),
        (t("Size"), _size(a), _size(b)),
        (t("Credits"), credit_text(a.run.credit_cost), credit_text(b.run.credit_cost)),
        (t("Duration"), duration(run_seconds(a.run)), duration(run_seconds(b.run))),
        (t("Caller"), a.run.caller, b.run.caller),
    ]
    names = sorted(a.payload.keys() | b.payload.keys())
    fields = [(title(name), _plain(a.payload.get(name)), _plain(b.payload.get(name))) for name in names]
    return rows + [row for row in fields if row[1] != row[2]]


def _of(side: Side, name: str) -> str:
    value = (side.picture or {}).get(name)
    return "" if value is None else str(value)


def _size(side: Side) -> str:
    picture = side.picture
    return f"{picture['width']} × {picture['height']}" if picture else ""


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:200]
