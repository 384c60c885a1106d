"""Pinning a node's result, changing it first if wanted, and the list of what is pinned."""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui
from sqlalchemy import Connection

from app.store import runs as run_rows
from app.store.generations import steps
from app.store.runs import RunFilter, Scope
from app.ui.editor.desk import Desk
from app.ui.editor.model import node_of
from app.ui.editor.why import titled
from app.ui.forms.fields import labelled, switch
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import When, dialog, empty
from app.ui.progress import pictures
from app.ui.words import title
from app.workflows.errors import WorkflowError
from app.workflows.pins import Pins
from app.workflows.starts import RunUnknownError
from graphs.document import NodeSpec

Done = Callable[[], Awaitable[None]]
_RUNS, _PICTURES = 30, 24


class Pinning:
    """What the panel and the menus do with pins; `done` is called after each change."""

    def __init__(self, desk: Desk, done: Done) -> None:
        self._desk = desk
        self._done = done
        system = desk.visitor.house.system
        self._pins = Pins(desk.visitor.house.db, system.workflows, system.catalogue)

    async def pin(self, node_id: str, run_id: str) -> None:
        """Pin what a node made in a run."""
        if await self._put(node_id, None, run_id):
            self._desk.tell(t("Pinned. Runs of this draft take it as it is."))

    async def remove(self, *node_ids: str) -> None:
        """Take pins away: of these nodes, or all."""
        who = await self._desk.visitor.require("workflows.write")
        count = await self._desk.visitor.call(self._pins.remove, who, self._desk.slug, node_ids)
        self._desk.tell(
            n("{count} result is no longer pinned.", "{count} results are no longer pinned.", count=count)
        )
        await self._done()

    async def edit(self, node_id: str, outputs: Mapping[str, Any], run_id: str | None) -> None:
        """Change a result by hand and pin it."""
        node = node_of(self._desk.document, node_id)
        if node is None:
            return
        kinds = self._pins.sockets(NodeSpec.model_validate({**node, "position": (0, 0), "size": None}))
        await _Edit(self, self._desk, node_id, dict(outputs), kinds, run_id).open()

    async def list(self) -> None:
        """Show everything that is pinned in this draft."""
        desk = self._desk
        rows = await desk.visitor.call(self._pins.list, desk.visitor.org_id, desk.slug)
        with dialog(t("Pinned results")) as (window, foot):
            if not rows:
                told = t(
                    "Pin what a node made, and runs of this draft use it instead of doing the node again."
                )
                empty("o_push_pin", t("Nothing is pinned"), told)
            for row in rows:
                with box("sk-row sk-row--between"):
                    with box("sk-stack sk-stack--tight sk-grow"):
                        text(titled(desk.document, desk.types, row.node_id), "sk-strong sk-cut")
                        with box("sk-row sk-small sk-muted"):
                            text(t("edited by hand") if row.edited else t("from a run"))
                            text(row.pinned_by or "", "sk-cut")
                            When(row.pinned_at)
                    if not desk.read_only:
                        act = partial(self._remove_and_close, window, row.node_id)
                        button(t("Unpin"), act, small=True)
            with foot:
                button(t("Close"), window.close, kind="ghost")
                if rows and not desk.read_only:
                    button(t("Unpin all"), partial(self._remove_and_close, window), kind="danger")
        window.open()

    async def _remove_and_close(self, window: Any, *node_ids: str) -> None:
        window.close()
        await self.remove(*node_ids)

    async def save(self, node_id: str, outputs: dict[str, Any], run_id: str | None) -> str:
        """Pin a changed result; gives why it cannot be."""
        return await self._tried(node_id, outputs, run_id)

    async def _put(self, node_id: str, outputs: dict[str, Any] | None, run_id: str | None) -> bool:
        refused = await self._tried(node_id, outputs, run_id)
        if refused:
            self._desk.tell(refused)
        return not refused

    async def _tried(self, node_id: str, outputs: dict[str, Any] | None, run_id: str | None) -> str:
        desk = self._desk
        who = await desk.visitor.require("workflows.write")
        await desk.flush()
        try:
            await desk.visitor.call(self._pins.put, who, desk.slug, node_id, outputs, run_id)
        except RunUnknownError:
            return t("That run cannot be found any more.")
        except WorkflowError as error:
            return heard(error)
        await self._done()
        return ""


class _Edit:
    """The dialog in which a result is changed."""

    def __init__(  # noqa: PLR0917
        self,
        pinning: Pinning,
        desk: Desk,
        node_id: str,
        outputs: dict[str, Any],
        kinds: dict[str, str],
        run_id: str | None,
    ) -> None:
        self._pinning, self._desk, self._node_id = pinning, desk, node_id
        self._outputs, self._kinds, self._run_id = outputs, kinds, run_id
        self._raw: dict[str, Any] = {}

    async def open(self) -> None:
        name = titled(self._desk.document, self._desk.types, self._node_id)
        found: list[dict[str, Any]] = []
        if any("Image" in kind for kind in self._kinds.values()):
            scope, slug = self._desk.visitor.scope, self._desk.slug
            found = await self._desk.visitor.read(_pictures_of, scope, slug, self._node_id)
        with dialog(t("Edit the result of {title}", title=name)) as (window, foot):
            for socket, kind in self._kinds.items():
                self._field(socket, kind, found)
            self._error = text("", "sk-field__error")
            with foot:
                button(t("Cancel"), window.close, kind="ghost")

                async def go() -> None:
                    if await self._save():
                        window.close()

                button(t("Pin this"), go, kind="primary", icon="o_push_pin")
        window.open()

    def _field(self, socket: str, kind: str, found: list[dict[str, Any]]) -> None:
        value = self._outputs.get(socket)
        with box("sk-stack sk-stack--tight"):
            match kind:
                case "Text":
                    self._lines(title(socket), value, partial(self._set, socket))
                case "Integer" | "Number":
                    self._number(socket, kind, value)
                case "Boolean":
                    with box("sk-row sk-row--between"):
                        text(title(socket), "sk-field__label")
                        switch(title(socket), bool(value), partial(self._set, socket))
                case "Prompt" if isinstance(value, dict | None):
                    prompt = dict(value or {})
                    for part, label in (("positive", t("Prompt")), ("negative", t("What to avoid"))):
                        self._lines(label, prompt.get(part), partial(self._part, socket, prompt, part))
                case "Image" | "List[Image]":
                    text(title(socket), "sk-field__label")
                    self._choose(socket, kind, found)
                case _:
                    text(title(socket), "sk-field__label")
            self._as_json(socket)

    def _set(self, socket: str, value: Any) -> None:
        self._outputs[socket] = value
        self._raw.pop(socket, None)

    def _part(self, socket: str, whole: dict[str, Any], part: str, value: Any) -> None:
        whole[part] = value or ""
        self._set(socket, whole)

    def _lines(self, label: str, value: Any, changed: Callable[[Any], None]) -> None:
        with labelled(label) as adopt:
            made = ui.textarea(value=str(value or ""), on_change=lambda event: changed(event.value or ""))
            attrs(adopt(made), debounce=150, autogrow=True)

    def _number(self, socket: str, kind: str, value: Any) -> None:
        def changed(event: Any) -> None:
            given = event.value
            whole = kind == "Integer" and isinstance(given, float) and given.is_integer()
            self._set(socket, int(given) if whole else given)

        with labelled(title(socket)) as adopt:
            attrs(adopt(ui.number(value=value, on_change=changed)), debounce=150)

    def _choose(self, socket: str, kind: str, found: list[dict[str, Any]]) -> None:
        chosen = {each["sha256"] for each in pictures(json.dumps(self._outputs.get(socket)))}
        if not found:
            text(t("No earlier run of this node made a picture."), "sk-hint")
            return
        place = box("sk-choose", role="group", aria_label=t("Pictures of earlier runs"))

        def pick(picture: dict[str, Any]) -> None:
            sha = picture["sha256"]
            if kind == "Image":
                chosen.clear()
            chosen.symmetric_difference_update({sha})
            taken = [each for each in found if each["sha256"] in chosen]
            self._set(socket, taken if kind != "Image" else next(iter(taken), None))
            draw()

        def draw() -> None:
            place.clear()
            with place:
                for picture in found:
                    on = picture["sha256"] in chosen
                    label = t("Take this picture")
                    with box("sk-pick", "button", type="button", aria_pressed=str(on).lower()) as made:
                        src = self._desk.visitor.house.thumb(picture["sha256"])
                        attrs(box(tag="img"), src=src, alt=str(picture.get("alt_text") or label))
                    attrs(made, aria_label=label)
                    made.on("click", partial(pick, picture))

        draw()

    def _as_json(self, socket: str) -> None:
        with box(tag="details"):
            text(t("As JSON"), "sk-small sk-muted", tag="summary")
            shown = json.dumps(self._outputs.get(socket), indent=1, ensure_ascii=False)
            area = ui.textarea(value=shown, on_change=lambda event: self._typed(socket, event.value))
            area.classes("sk-input sk-mono").props("outlined dense autogrow debounce=200")
            attrs(area, aria_label=t("{name} as JSON", name=title(socket)))

    def _typed(self, socket: str, given: str | None) -> None:
        self._raw[socket] = given or ""

    async def _save(self) -> bool:
        outputs = {name: value for name, value in self._outputs.items() if name in self._kinds}
        for socket, given in self._raw.items():
            try:
                outputs[socket] = json.loads(given)
            except ValueError as error:
                self._error.text = t("{name} is no JSON: {reason}", name=title(socket), reason=str(error))
                return False
        refused = await self._pinning.save(self._node_id, outputs, self._run_id)
        self._error.text = refused
        if not refused:
            self._desk.tell(t("Pinned. Runs of this draft take it as it is."))
        return not refused


def _pictures_of(connection: Connection, scope: Scope, slug: str, node_id: str) -> list[dict[str, Any]]:
    """Pictures that a node made in the last runs of a workflow, newest first."""
    found: dict[str, dict[str, Any]] = {}
    for run_id in run_rows.ids(connection, scope, RunFilter(workflow=slug), _RUNS):
        step = next((each for each in steps(connection, run_id) if each.node_id == node_id), None)
        for picture in pictures(step.outputs if step else None):
            found.setdefault(picture["sha256"], picture)
        if len(found) >= _PICTURES:
            break
    return list(found.values())[:_PICTURES]
