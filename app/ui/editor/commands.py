"""What the canvas page adds to the palette: its actions, the nodes there are, and node types to add."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from app.ui.command.entries import Command
from app.ui.editor.desk import Desk
from app.ui.lang.say import said, t

# act, label, icon, keys, whether it changes something
_ACTS = (
    ("run", said("Run##verb"), "play_arrow", "mod+enter", True),
    ("run_stale", said("Run only what changed"), "o_update", "mod+shift+enter", True),
    ("publish", said("Publish"), "o_publish", "", True),
    ("versions", said("Versions, and what changed since"), "o_history", "", False),
    ("call", said("How to call it"), "o_code", "", False),
    ("form", said("Form"), "o_dynamic_form", "", False),
    ("export", said("Export as file"), "o_download", "", False),
    ("runs", said("Runs of this workflow"), "o_play_circle", "", False),
    ("rows", said("Run a table of rows"), "o_table_rows", "", True),
    ("schedules", said("Schedules of this workflow"), "o_event_repeat", "", False),
    ("limits", said("Pause or limit its runs"), "o_speed", "", False),
)
_CANVAS = (
    ("undo", said("Undo"), "undo", "mod+z", True),
    ("redo", said("Redo"), "redo", "mod+y", True),
    ("fit", said("Fit to view"), "o_fit_screen", "f", False),
    ("duplicate_selection", said("Duplicate"), "o_content_copy", "mod+d", True),
    ("delete_selection", said("Delete the selection"), "o_delete", "delete", True),
)
_MOST_NODES = 400


def editor_commands(desk: Desk, acts: Mapping[str, Any]) -> list[Command]:
    """Everything that can be done here now."""
    return [*_actions(desk, acts), *_nodes(desk), *_types(desk)]


def _actions(desk: Desk, acts: Mapping[str, Any]) -> list[Command]:
    group = t("Actions")
    found = [
        Command(f"act:{name}", group, t(label), icon, keys=keys, act=acts[name])
        for name, label, icon, keys, changes in _ACTS
        if name in acts and not (changes and desk.read_only)
    ]
    found += [
        Command(f"canvas:{name}", group, t(label), icon, keys=keys, act=getattr(desk.canvas, name))
        for name, label, icon, keys, changes in _CANVAS
        if desk.canvas is not None and not (changes and desk.read_only)
    ]
    return found


def _nodes(desk: Desk) -> list[Command]:
    canvas = desk.canvas
    if canvas is None:
        return []
    icons = {each["type"]: str(each.get("icon") or "widgets") for each in desk.types}
    return [
        Command(
            f"node:{desk.slug}:{node['id']}",
            t("Nodes on the canvas"),
            desk.title_of(node),
            icons.get(node["type"], "widgets"),
            hint=str(node["id"]),
            words=f"{node['id']} {node['type']}",
            act=partial(canvas.focus, str(node["id"])),
        )
        for node in desk.document["nodes"][:_MOST_NODES]
    ]


def _types(desk: Desk) -> list[Command]:
    canvas = desk.canvas
    if canvas is None or desk.read_only:
        return []
    return [
        Command(
            f"add:{each['type']}",
            t("Add a node"),
            str(each["title"]),
            str(each.get("icon") or "widgets"),
            hint=str(each.get("group_label") or each["group"]),
            words=f"{each['type']} {each.get('english', '')} {each['description']}",
            act=partial(_add, canvas, str(each["type"])),
        )
        for each in desk.types
    ]


def _add(canvas: Any, kind: str) -> None:
    canvas.add_node(kind)
