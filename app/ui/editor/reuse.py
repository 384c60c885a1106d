"""Reusing earlier results: a switch and a time for the node types that allow it, and forgetting them all."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.forms.fields import select, switch
from app.ui.lang.say import n, said, t
from app.ui.parts.base import box, button, text
from app.ui.parts.show import dialog
from app.workflows.forgetting import forget_results, kept_results

_USUAL = 86_400
_TIMES = {
    3_600: said("for an hour"),
    86_400: said("for a day"),
    604_800: said("for a week"),
    2_592_000: said("for 30 days"),
    31_536_000: said("for a year"),
}
Send = Callable[[str, dict[str, int] | None], None]


class ReuseSection:
    """The part of the inspector that is about earlier results of one node.

    Args:
        desk: The open editor.
        node: The node as it is drawn.
        send: Takes the node's id and what its `cache` shall be.
    """

    def __init__(self, desk: Desk, node: Mapping[str, Any], send: Send) -> None:
        self._desk = desk
        self._id = str(node["id"])
        self._send = send
        given = node.get("cache")
        self._seconds = int(given["seconds"]) if isinstance(given, Mapping) else None
        with box("sk-field"):
            with box("sk-row sk-row--between"):
                label = t("Reuse earlier results")
                text(label, "sk-field__label")
                self._switch = switch(label, self._seconds is not None, self._turn)
                self._switch.set_enabled(not desk.read_only)
            text(t("The same settings and inputs give the earlier result at no credits."), "sk-field__help")
            self._problem = text("", "sk-field__error")
            self._more = box("sk-stack")
        self._draw()

    def show(self, problems: list[dict[str, Any]]) -> None:
        """Say what the server says about it."""
        found = (each for each in problems if each["node"] == self._id and each["field"] == "cache")
        words = str(next(found, {"message": ""})["message"]).removeprefix(f"node '{self._id}': ")
        self._problem.text = words[:1].upper() + words[1:]

    def take(self, cache: Any) -> None:
        """Show what somebody else chose, leaving all else as it is."""
        seconds = int(cache["seconds"]) if isinstance(cache, Mapping) else None
        if seconds == self._seconds:
            return
        self._seconds = seconds
        self._switch.value = seconds is not None
        self._draw()

    def _turn(self, on: bool) -> None:
        if on == (self._seconds is not None):
            return
        self._take(_USUAL if on else None)
        self._draw()

    def _take(self, seconds: int | None) -> None:
        self._seconds = seconds
        self._send(self._id, None if seconds is None else {"seconds": seconds})

    def _draw(self) -> None:
        self._more.clear()
        if self._seconds is None:
            return
        times = {seconds: t(words) for seconds, words in _TIMES.items()}
        times.setdefault(self._seconds, n("for {count} second", "for {count} seconds", self._seconds))
        with self._more, box("sk-row"):
            made = select(dict(sorted(times.items())), self._seconds, lambda value: self._take(int(value)))
            made.props["aria-label"] = t("How long results are reused")
            made.classes("sk-grow")
            made.set_enabled(not self._desk.read_only)
            if not self._desk.read_only:
                button(t("Forget …"), self._ask, small=True)

    async def _ask(self) -> None:
        visitor, slug = self._desk.visitor, self._desk.slug
        system = visitor.house.system
        number = await visitor.call(kept_results, system.db, visitor.org_id, slug)
        with dialog(t("Forget earlier results?"), size="narrow") as (window, foot):
            kept = n("{count} result is kept.", "{count} results are kept.", number)
            more = t("The next runs of this workflow make everything anew, and pay for it.")
            text(f"{kept} {more}", "sk-muted", tag="p")
            with foot:
                button(t("Keep them"), window.close, kind="ghost")

                async def go() -> None:
                    identity = await visitor.require("workflows.write")
                    gone = await visitor.call(forget_results, system.db, identity.acting(), slug)
                    window.close()
                    ui.notify(n("{count} result forgotten", "{count} results forgotten", gone))

                button(t("Forget them"), go, kind="danger")
        window.open()
