"""The panel of problems; each leads to its node, and mends itself where one change is plainly right."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.editor.judged import worded
from app.ui.lang.say import n, said, t
from app.ui.parts.base import attrs, box, button, icon, row, text
from graphs.document import to_json

# a page of thousands of lines takes longer to build than anybody waits
_LISTED = 100
_REPAIRS = {
    "remove_link": said("Remove the link"),
    "relink": said("Link it to {socket}"),
    "convert": said("Put {node} in between"),
    "connect": said("Link {source} to it"),
    "break_cycle": said("Remove the link back"),
    "remove_node": said("Remove this node"),
    "add_trigger": said("Add a trigger"),
    "add_delivery": said("Add a callback"),
    "add_qc": said("Add quality control"),
    "retype": said("Use {node} instead"),
    "reset": said("Use what fits: {setting}"),
}


class Problems:
    """Hidden while there is nothing to say."""

    def __init__(self, desk: Desk, reveal: Callable[[dict[str, Any]], None]) -> None:
        self._desk = desk
        self._reveal = reveal
        self._shown: object = None
        self._place = box("sk-problems", "section", aria_label=t("Problems"))
        self.refresh()
        desk.watchers.append(self.refresh)

    def refresh(self) -> None:
        """Draw the problems as they are judged now."""
        problems = self._desk.judged.problems
        if problems == self._shown:
            return
        self._shown = problems
        self._place.clear()
        self._place.set_visibility(bool(problems))
        mendable = not self._desk.read_only and [each for each in problems if each["repair"]]
        with self._place:
            if mendable and len(mendable) > 1:
                with row("sk-problems__head"):
                    text(n("{count} problem", "{count} problems", len(problems)), "sk-strong sk-grow")
                    label = n("Mend {count} of them", "Mend {count} of them", len(mendable))
                    button(label, self._mend_all, icon="o_auto_fix_high", small=True)
            for problem in sorted(problems, key=lambda each: each["severity"] != "error")[:_LISTED]:
                self._line(problem)
            if (rest := len(problems) - _LISTED) > 0:
                text(n("and {count} more problem", "and {count} more problems", rest), "sk-hint", tag="p")

    def _line(self, problem: dict[str, Any]) -> None:
        bad = problem["severity"] == "error"
        message = worded(problem, self._desk.document, self._desk.types)
        with box("sk-problemrow"):
            line = box("sk-problem", "button", type="button", data_tone="bad" if bad else "warn")
            with line:
                icon("error_outline" if bad else "o_warning_amber")
                text(t("Error:") if bad else t("Warning:"), "sk-sr")
                text(message, "sk-grow sk-wrap")
            line.on("click", partial(self._go, problem))
            if problem["repair"] and not self._desk.read_only:
                label = repair_label(problem["repair"])
                made = button(label, partial(self._mend, problem), icon="o_auto_fix_high", small=True)
                attrs(made, aria_label=f"{label} ({message})")

    def _go(self, problem: dict[str, Any]) -> None:
        if problem["node"] and self._desk.canvas is not None:
            self._desk.canvas.focus(problem["node"])
            if str(problem["field"] or "").startswith("settings."):
                self._reveal(problem)

    async def _mend(self, problem: dict[str, Any]) -> None:
        await self._desk.visitor.require("workflows.write")
        if self._desk.canvas is not None:
            self._desk.canvas.apply(problem["repair"]["change"])

    async def _mend_all(self) -> None:
        desk = self._desk
        await desk.visitor.require("workflows.write")
        await desk.flush()
        service = desk.visitor.house.system.workflows
        document, count = await desk.visitor.call(service.mend, desk.document, desk.visitor.org_id, desk.slug)
        if count:
            await desk.amend(to_json(document))
        ui.notify(
            n(
                "{count} problem mended. Undo takes it back.",
                "{count} problems mended. Undo takes it back.",
                count,
            )
        )


def repair_label(repair: dict[str, Any]) -> str:
    """What a repair does, for its button."""
    return t(_REPAIRS[repair["kind"]], **repair["values"])
