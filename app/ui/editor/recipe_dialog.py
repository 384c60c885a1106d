"""How much the pictures of a workflow say of their making."""

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.lang.say import said, t
from app.ui.parts.base import box, button, text
from app.ui.parts.show import dialog

_LEVELS = {
    "on": (
        said("The recipe"),
        said("Graph, model, seed and style. Words of the caller are replaced by field names."),
    ),
    "values": (
        said("The recipe with values"),
        said("Also what the caller sent, and the prompt word for word."),
    ),
    "off": (said("Nothing"), said("Pictures carry no recipe.")),
}


def recipe_dialog(desk: Desk) -> None:
    """Choose; it holds for pictures of the next published version."""
    current = str(desk.document.get("recipe") or "on")
    with dialog(t("Put the recipe into pictures"), size="narrow") as (window, foot):
        about = t(
            "PNG and WebP pictures can carry how they were made. Drop one on a canvas to open its graph."
        )
        text(about, "sk-muted", tag="p")
        chosen = ui.radio({key: t(label) for key, (label, _) in _LEVELS.items()}, value=current)
        chosen.set_enabled(not desk.read_only)
        with box("sk-stack sk-stack--tight"):
            for label, meaning in _LEVELS.values():
                text(f"{t(label)}: {t(meaning)}", "sk-small sk-muted")
        text(t("Credentials, services and callback addresses are never in a picture."), "sk-small sk-muted")
        with foot:
            button(t("Close") if desk.read_only else t("Cancel"), window.close, kind="ghost")
            if not desk.read_only:

                async def save() -> None:
                    await desk.edit({**desk.document, "recipe": chosen.value})
                    window.close()
                    ui.notify(t("Saved in the draft. Publish it to let it hold."))

                button(t("Save"), save, kind="primary")
    window.open()
