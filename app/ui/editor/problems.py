"""The panel of problems; each leads to its node."""

from collections.abc import Callable
from typing import Any

from app.ui.editor.desk import Desk
from app.ui.editor.judged import worded
from app.ui.lang.say import n, t
from app.ui.parts.base import box, icon, text

# a page of thousands of lines takes longer to build than anybody waits
_LISTED = 100


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
        with self._place:
            for problem in sorted(problems, key=lambda each: each["severity"] != "error")[:_LISTED]:
                bad = problem["severity"] == "error"
                line = box("sk-problem", "button", type="button", data_tone="bad" if bad else "warn")
                with line:
                    icon("error_outline" if bad else "o_warning_amber")
                    text(t("Error:") if bad else t("Warning:"), "sk-sr")
                    text(worded(problem, self._desk.document, self._desk.types), "sk-grow sk-wrap")
                line.on("click", lambda problem=problem: self._go(problem))
            if (rest := len(problems) - _LISTED) > 0:
                text(n("and {count} more problem", "and {count} more problems", rest), "sk-hint", tag="p")

    def _go(self, problem: dict[str, Any]) -> None:
        if problem["node"] and self._desk.canvas is not None:
            self._desk.canvas.focus(problem["node"])
            if str(problem["field"] or "").startswith("settings."):
                self._reveal(problem)
