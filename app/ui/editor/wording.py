"""What the inspector says besides forms: the help of a node type, and the words of the workflow itself."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from app.ui.editor.desk import Desk
from app.ui.forms.fields import labelled
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, text

Rename = Callable[[str, str | None], Awaitable[None]]


def workflow_words(desk: Desk, rename: Rename) -> dict[str, Any]:
    """Name and description of the workflow; their fields by name."""
    made: dict[str, Any] = {}
    with box("sk-inspector__head"):
        text(t("Workflow"), tag="h2")
    with box("sk-inspector__body"):
        for name, label, limit in (("name", t("Name"), 200), ("description", t("Description"), 10_000)):
            with labelled(label) as adopt:
                build = ui.input if name == "name" else ui.textarea
                value = str(desk.document.get(name) or "")
                made[name] = adopt(build(value=value, on_change=partial(_told, rename, name)))
                attrs(made[name], debounce=300, maxlength=limit)
                made[name].set_enabled(not desk.read_only)
        text(t("Called at /v1/hooks/{slug}", slug=desk.slug), "sk-hint", tag="p")
        hint = t("Select a node to change its settings. Drag from a socket to link two nodes.")
        text(hint, "sk-hint", tag="p")
    return made


async def _told(rename: Rename, name: str, event: ValueChangeEventArguments[Any]) -> None:
    await rename(name, event.value)


def help_text(description: str) -> None:
    """The first paragraph at once, the rest on demand."""
    first, *rest = (" ".join(part.split()) for part in description.replace("`", "").split("\n\n"))
    text(first, "sk-help", tag="p")
    if rest:
        with box(tag="details"):
            text(t("More about it"), "sk-small sk-muted", tag="summary")
            for paragraph in rest:
                text(paragraph, "sk-help", tag="p")
