"""A picture let go over the canvas: it becomes a node there, or the picture of the node it fell on."""

from pathlib import PurePath
from typing import Any

from nicegui import ui

from app.store.pictures import PictureRow
from app.ui.editor.desk import Desk
from app.ui.files.doors import Brought, Spot
from app.ui.forms.values import fresh_name
from app.ui.lang.say import t
from app.ui.pictures.bringing import keep
from app.workflows.pictures import PictureUnknownError
from graphs.pictures import FORMAT

KIND = "picture"
_APART = 340
_LONGEST = 80
# a card hangs a little left of and above the place it is dropped on
_LEFT, _ABOVE = 120, 20


async def use_picture(desk: Desk, brought: Brought) -> None:
    """Keep the picture and put it on the canvas, as one step of undo."""
    if desk.read_only:
        ui.notify(t("This workflow can only be read here."))
        return
    await desk.visitor.require("workflows.write")
    row = await keep(desk.visitor, brought)
    if row is None:
        return
    name = row.name or ""
    if await _replaced(desk, row, brought.spot):
        ui.notify(t("“{name}” takes the place of the picture before.", name=name))
        return
    made = await _added(desk, row, brought.spot)
    if desk.canvas is not None:
        desk.canvas.select([made])
    ui.notify(t("“{name}” is on the canvas. Link it to a node that takes a picture.", name=name))


async def _replaced(desk: Desk, row: PictureRow, spot: Spot | None) -> bool:
    """Give the picture to the node under it, if that holds one."""
    node = next((each for each in desk.document["nodes"] if spot and each["id"] == spot.node), None)
    setting = _setting(desk, node["type"]) if node else None
    if node is None or setting is None:
        return False
    settings = node.get("settings") or {}
    changed = {**node, "settings": {**settings, setting: row.id}}
    if node.get("title") and node["title"] == await _title(desk, settings.get(setting)):
        changed["title"] = title_of(row)
    nodes = [changed if each is node else each for each in desk.document["nodes"]]
    await desk.amend({**desk.document, "nodes": nodes})
    return True


async def _added(desk: Desk, row: PictureRow, spot: Spot | None) -> str:
    nodes = desk.document["nodes"]
    identifier = fresh_name({each["id"] for each in nodes}, KIND)
    made = {
        "id": identifier,
        "type": KIND,
        "title": title_of(row),
        "position": _position(nodes, spot),
        "settings": {"asset": row.id},
    }
    await desk.amend({**desk.document, "nodes": [*nodes, made]})
    return identifier


def title_of(row: PictureRow) -> str:
    """What a node with this picture is called at first."""
    return PurePath(row.name or "").stem[:_LONGEST]


async def _title(desk: Desk, identifier: Any) -> str | None:
    """What the node was called for the picture it held, as long as nobody renamed it."""
    pictures, visitor = desk.visitor.house.system.pictures, desk.visitor
    try:
        return title_of(await visitor.call(pictures.get, visitor.scope, str(identifier)))
    except PictureUnknownError:
        return None


def _position(nodes: list[dict[str, Any]], spot: Spot | None) -> list[int]:
    if spot is not None:
        return [round(spot.x) - _LEFT, round(spot.y) - _ABOVE]
    right = max((each.get("position", [0, 0])[0] for each in nodes), default=-_APART)
    return [round(right) + _APART, 0]


def _setting(desk: Desk, kind: str) -> str | None:
    """The setting of a node type that holds a picture."""
    found = next((each for each in desk.types if each["type"] == kind), None)
    fields = found["settings_schema"].get("properties", {}) if found else {}
    return next((name for name, schema in fields.items() if schema.get("format") == FORMAT), None)
