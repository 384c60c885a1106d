"""What came of it: progress while a run is open, then its pictures, large."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nicegui.element import Element
from sqlalchemy import Connection

from app.store import generations
from app.store import runs as run_rows
from app.store.runs import RunRow, Scope
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, icon, link_button, text
from app.ui.parts.show import When, status
from app.ui.rows import load_object
from app.ui.visitor import Visitor
from app.ui.words import RUN, expected, held_up, look

_DONE = {"succeeded", "skipped"}
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """How a run stands: its row, what went in, its pictures, and how many of its steps are done."""

    run: RunRow
    inputs: Mapping[str, Any]
    outputs: tuple[Mapping[str, Any], ...]
    done: int


def standing(connection: Connection, scope: Scope, run_id: str) -> Standing | None:
    run = run_rows.get(connection, scope, run_id)
    payloads = run_rows.payloads(connection, run_id) if run else None
    if run is None or payloads is None:
        return None
    outputs = load_object(payloads.result).get("outputs") or []
    steps = generations.steps(connection, run_id)
    done = sum(each.status in _DONE for each in steps)
    return Standing(run, load_object(payloads.inputs), tuple(outputs), done)


class Result:
    """One run at a time; ``again`` gets the values that it had."""

    def __init__(self, visitor: Visitor, nodes: int, again: Callable[[Mapping[str, Any]], None]) -> None:
        self._visitor = visitor
        self._nodes = max(nodes, 1)
        self._again = again
        self._shown: Standing | None = None
        self.run_id = ""
        self._place: Element = box("sk-app__result", aria_live="polite")
        self._draw()

    async def show(self, run_id: str) -> None:
        """Show another run, as it is now."""
        self.run_id = run_id
        await self.update()

    async def update(self) -> None:
        """Read the run again; says nothing when nothing changed."""
        if not self.run_id:
            return
        found = await self._visitor.read(standing, self._visitor.scope, self.run_id)
        if found != self._shown:
            self._shown = found
            self._draw()

    def _draw(self) -> None:
        self._place.clear()
        with self._place:
            if self._shown is None:
                self._nothing()
            elif self._shown.run.is_open:
                self._working(self._shown)
            else:
                self._ended(self._shown)

    @staticmethod
    def _nothing() -> None:
        with box("sk-app__empty"):
            icon("o_image")
            text(t("Your picture appears here"), "sk-strong")
            text(t("Fill in the fields and press Create."), "sk-muted")

    def _working(self, now: Standing) -> None:
        share = max(_LEAST, round(100 * now.done / self._nodes))
        wait = load_object(now.run.wait)
        with box("sk-app__working"):
            box("sk-app__shimmer", aria_hidden="true")
            with box(
                "sk-meter",
                role="progressbar",
                aria_valuenow=str(share),
                aria_valuemin="0",
                aria_valuemax="100",
            ):
                box(tag="span").style(f"width: {share}%")
            if wait:
                text(held_up(wait), "sk-strong")
                with box("sk-row sk-row--wrap sk-muted"):
                    text(heard(str(wait.get("explanation") or "")))
                    When(expected(wait))
            else:
                text(t("Your picture is being made …"), "sk-strong")

    def _ended(self, now: Standing) -> None:
        for output in now.outputs:
            self._picture(output)
        if now.run.status != "succeeded":
            status(look(RUN, now.run.status))
            told = load_object(now.run.error).get("error_description")
            text(heard(str(told or t("This one did not work out."))), "sk-wrap")
        with box("sk-row sk-row--wrap"):
            button(t("Again with other values"), lambda: self._again(now.inputs), icon="o_replay")
            link_button(t("How it was made"), f"/runs/{now.run.id}", kind="ghost")

    def _picture(self, output: Mapping[str, Any]) -> None:
        address = self._visitor.house.picture(str(output["sha256"]), str(output["format"]))
        alt = str(output.get("alt_text") or t("Generated picture"))
        name = str(output.get("filename_suggestion") or f"picture.{output['format']}")
        with box("sk-app__picture", "figure"):
            with attrs(box(tag="a"), href=address, target="_blank", rel="noopener"):
                size = {"width": str(output["width"]), "height": str(output["height"])}
                attrs(box(tag="img"), src=address, alt=alt, decoding="async", **size)
            with box("sk-row sk-row--between", "figcaption"):
                text(f"{output['width']} × {output['height']} · {output['format']}", "sk-small sk-muted")
                save = link_button(t("Download"), address, icon="o_download", small=True)
                attrs(save, download=name)
