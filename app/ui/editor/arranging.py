"""The menu of the toolbar for what is drawn: the same acts as in the context menus of the canvas."""

from functools import partial

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.lang.say import said, t
from app.ui.parts.base import icon_button

# names of acts in static/src/acts-*.ts; None is a line
_ACTS: tuple[tuple[str, str] | None, ...] = (
    ("layout", said("Arrange")),
    ("snap", said("Snap to the grid")),
    ("minimap", said("Overview")),
    None,
    ("align-left", said("Align left")),
    ("align-centre", said("Align centres")),
    ("align-right", said("Align right")),
    ("align-top", said("Align top")),
    ("align-middle", said("Align middles")),
    ("align-bottom", said("Align bottom")),
    ("distribute-across", said("Distribute across")),
    ("distribute-down", said("Distribute down")),
    None,
    ("add-note", said("Add a note")),
    ("group", said("Group")),
    ("edit-group", said("Title and description")),
    ("collapse", said("Collapse or open")),
    ("pin", said("Fix in place or release")),
    None,
    ("fold", said("Make a workflow of these")),
    ("unfold", said("Unfold the workflow")),
)


def arrange_menu(desk: Desk) -> None:
    """A button that opens the menu; an act that has nothing to work on says so."""

    async def act(name: str) -> None:
        if desk.canvas is not None and not await desk.canvas.act(name):
            ui.notify(t("Select what this is meant for first."))

    opener = icon_button(t("Arrange"), "o_auto_awesome_mosaic").classes("sk-only-desk")
    with opener, ui.menu().props("auto-close"):
        for entry in _ACTS:
            if entry is None:
                ui.separator()
            else:
                ui.menu_item(t(entry[1]), on_click=partial(act, entry[0])).classes("sk-menu-item")
