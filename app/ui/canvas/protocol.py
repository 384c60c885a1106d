"""What travels between the canvas in the browser and Python. All of it is JSON; nothing is trusted.

Node, link, group and note objects are those of the graph file (contract §8).
"""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

Json = dict[str, Any]
State = Literal["queued", "running", "waiting", "succeeded", "failed", "skipped"]


class Patch(TypedDict):
    """What one gesture changed.

    ``rev`` is one more than the ``rev`` before (the first after a load is ``revision + 1``); on a gap call
    ``GraphCanvas.send_document``, whose answer carries ``document`` instead of the lists.
    ``nodes`` holds every added or changed node whole; ``groups`` and ``notes`` are whole lists, present only
    when they changed.
    """

    rev: int
    nodes: NotRequired[list[Json]]
    links: NotRequired[list[Json]]
    removed_nodes: NotRequired[list[str]]
    removed_links: NotRequired[list[Json]]
    groups: NotRequired[list[Json]]
    notes: NotRequired[list[Json]]
    document: NotRequired[Json]


class Selection(TypedDict):
    """Ids of the selected nodes, notes and groups."""

    ids: list[str]
    notes: list[str]
    groups: list[str]


class Place(TypedDict):
    """A point: in the graph (for ``add_node``) and in the window, in CSS pixels (for menus)."""

    x: int
    y: int
    screenX: float
    screenY: float


class NodeDrop(Place):
    """A node that was dragged in from the palette and is already part of the graph."""

    id: str
    type: str


class Ask(TypedDict):
    """Something Python does, asked for in a menu of the canvas, for these nodes."""

    name: str
    ids: list[str]


class MenuRequest(Place):
    """A right click; ``id`` is None on empty canvas and on links."""

    kind: Literal["node", "note", "group", "canvas", "link", "selection"]
    id: str | None


class Undoable(TypedDict):
    """Whether there is something to undo and to redo."""

    undo: bool
    redo: bool


class RunStatus(TypedDict, total=False):
    """Run state of one node; ``state`` is needed once, later updates may name only what changed.

    ``progress`` is 0 to 1, ``ms`` the time so far or in all, ``thumb_url`` a picture of at most 256 pixels.
    """

    state: State
    progress: float | None
    ms: float | None
    thumb_url: str | None
    note: str | None
    credits: float | None


class Mark(TypedDict, total=False):
    """What a node says without a run: why its last result does not hold (words), and that one is pinned."""

    stale: str | None
    pinned: Literal["pinned", "edited"] | None


class Problem(TypedDict):
    """One finding of ``graphs.check``; ``node`` is None when it concerns the whole graph."""

    node: str | None
    field: str | None
    code: str
    message: str
    severity: Literal["error", "warning"]


Sockets = Mapping[str, Mapping[str, list[Json]]]
"""Sockets of dynamic nodes: node id → {"inputs": [socket], "outputs": [socket]}."""
