"""Results of rows as cells."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui.element import Element

from app.ui.lang.say import t
from app.ui.parts.base import attrs

Cell = Mapping[str, Any]


class Grid(Element, component="sk_grid.js"):
    """Cells to look at and to judge, by mouse and by keys (arrows, A, R, G, E, U, Enter).

    Args:
        cells: Each with ``key``, ``number``, ``thumb``, ``status``, ``fields``, ``problem``, ``verdict``,
            ``verdictText``, ``ended`` and ``said``, what is read aloud.
        acts: Which of approve, reject, again and edit are offered.
        on_act: Gets the key of a cell and the name of the act; ``open`` and ``clear`` come too.
    """

    def __init__(self, cells: Sequence[Cell], acts: Sequence[str], on_act: Callable[[str, str], Any]) -> None:
        super().__init__()
        words = {
            "label": t("Results by row"),
            "open": t("Look at it"),
            "approve": t("Approve (A)"),
            "reject": t("Reject (R)"),
            "again": t("Make again (G)"),
            "edit": t("Change fields and make again (E)"),
        }
        attrs(self, cells=[dict(each) for each in cells], words=words, acts=list(acts))
        self.on("act", lambda event: on_act(str(event.args["key"]), str(event.args["name"])))

    def set_cells(self, cells: Sequence[Cell]) -> None:
        """Show other cells."""
        fresh = [dict(each) for each in cells]
        if fresh != self.props["cells"]:
            self.props["cells"] = fresh
            self.update()
