"""A place on the page that takes files: dropped anywhere on it, or chosen."""

from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.ui.files.doors import LONGEST, Door, Take
from app.ui.lang.say import t
from app.ui.visitor import Visitor

ACCEPT = ".json,.png,.webp,application/json,image/png,image/webp"


class FileDrop(Element, component="sk_drop.js"):
    """Hands each file to ``take`` with its name; ``pick`` lets the visitor choose one."""

    def __init__(self, visitor: Visitor, take: Take, *, title: str = "", hint: str = "") -> None:
        super().__init__()
        door = visitor.house.doors.add(Door(ui.context.client, visitor.session, take))
        self.props["url"] = f"/files/{door}"
        self.props["accept"] = ACCEPT
        self.props["longest"] = LONGEST
        self.props["title"] = title or t("Drop a graph or a picture")
        self.props["hint"] = hint or t("A graph file, or a PNG or WebP that was made here")
        self.on("refused", _refused)

    def pick(self) -> None:
        """Open the browser's file chooser."""
        self.run_method("pick")


def _refused(event: Any) -> None:
    if event.args == "large":
        ui.notify(t("The file is larger than {size} MiB.", size=LONGEST // 1024 // 1024))
    else:
        ui.notify(t("The file could not be sent. Try again."))
