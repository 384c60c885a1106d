"""The panel of problems; each leads to its node, and mends itself where one change is plainly right."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.editor.judged import worded
from app.ui.lang.say import n, said, t
from app.ui.parts.base import attrs, box, button, icon, row, text
from app.ui.secrets.moving import movable, move_to_secret
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
    "unpin": said("Unpin"),
}
Unpin = Callable[[str], Awaitable[None]]


class Problems:
    """Hidden while there is nothing to say."""

    def __init__(self, desk: Desk, reveal: Callable[[dict[str, Any]], None], unpin: Unpin) -> None:
        self._desk = desk
        self._reveal = reveal
        self._unpin = unpin
        self._shown: object = None
        self._lines: dict[str, Any] = {}
        self._place = box("sk-problems", "section", aria_label=t("Problems"))
        with self._place:
            self._head, self._list, self._foot = (box("sk-problems__part") for _ in range(3))
        self.refresh()
        desk.watchers.append(self.refresh)

    def refresh(self) -> None:
        """Draw the problems as they are judged now."""
        problems = self._desk.judged.problems
        if problems == self._shown:
            return
        self._shown = problems
        self._place.set_visibility(bool(problems))
        mendable = not self._desk.read_only and sum(
            bool(each["repair"] and each["repair"]["change"]) for each in problems
        )
        self._head.clear()
        if mendable and mendable > 1:
            with self._head, row("sk-problems__head"):
                text(n("{count} problem", "{count} problems", len(problems)), "sk-strong sk-grow")
                label = n("Mend {count} of them", "Mend {count} of them", mendable)
                button(label, self._mend_all, icon="o_auto_fix_high", small=True)
        self._draw_lines(sorted(problems, key=lambda each: each["severity"] != "error")[:_LISTED])
        self._foot.clear()
        if (rest := len(problems) - _LISTED) > 0:
            with self._foot:
                text(n("and {count} more problem", "and {count} more problems", rest), "sk-hint", tag="p")

    def _draw_lines(self, problems: list[dict[str, Any]]) -> None:
        """Lines that stand already stay: of many problems, a change touches few."""
        messages = (worded(each, self._desk.document, self._desk.types) for each in problems)
        wanted = {
            f"{each} {message}": (each, message) for each, message in zip(problems, messages, strict=True)
        }
        for gone in self._lines.keys() - wanted.keys():
            self._lines.pop(gone).delete()
        if [each for each in wanted if each in self._lines] != list(self._lines):
            self._list.clear()
            self._lines.clear()
        for place, (name, what) in enumerate(wanted.items()):
            if name not in self._lines:
                with self._list:
                    made = self._lines[name] = self._line(*what)
                if place < len(self._lines) - 1:
                    made.move(target_index=place)
        self._lines = {name: self._lines[name] for name in wanted}

    def _line(self, problem: dict[str, Any], message: str) -> ui.element:
        bad = problem["severity"] == "error"
        with box("sk-problemrow") as line_row:
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
            elif movable(self._desk, problem):
                label = t("Move to a secret")
                made = button(label, partial(move_to_secret, self._desk, problem), icon="o_key", small=True)
                attrs(made, aria_label=f"{label} ({message})")
        return line_row

    def _go(self, problem: dict[str, Any]) -> None:
        if problem["node"] and self._desk.canvas is not None:
            self._desk.canvas.focus(problem["node"])
            if str(problem["field"] or "").startswith("settings."):
                self._reveal(problem)

    async def _mend(self, problem: dict[str, Any]) -> None:
        await self._desk.visitor.require("workflows.write")
        if problem["repair"]["kind"] == "unpin":
            await self._unpin(str(problem["node"]))
        elif self._desk.canvas is not None:
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
