"""A place on the page that takes files: dropped anywhere on it, or chosen."""

from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.ui.files.doors import LONGEST, Door, Take
from app.ui.lang.say import t
from app.ui.visitor import Visitor

ACCEPT = ".json,.png,.webp,.jpg,.jpeg,application/json,image/png,image/webp,image/jpeg"
PICTURES = ".png,.webp,.jpg,.jpeg,image/png,image/webp,image/jpeg"


class FileDrop(Element, component="sk_drop.js"):
    """Hands each file to ``take``; ``pick`` lets the visitor choose one.

    Args:
        scope: Selector of the part of the page around it that files may be dropped on; empty is all of it.
        pastes: Takes what is pasted anywhere on the page, not only over a canvas.
    """

    def __init__(
        self,
        visitor: Visitor,
        take: Take,
        *,
        title: str = "",
        hint: str = "",
        accept: str = ACCEPT,
        scope: str = "",
        pastes: bool = False,
    ) -> None:
        super().__init__()
        doors = visitor.house.doors
        self._door = doors.add(Door(ui.context.client, visitor.session, take))
        self._shut = doors.close
        self.props["url"] = f"/files/{self._door}"
        self.props["accept"] = accept
        self.props["scope"] = scope
        self.props["pastes"] = pastes
        self.props["longest"] = LONGEST
        self.props["title"] = title or t("Drop a graph or a picture")
        self.props["hint"] = hint or t("A graph file, or a PNG or WebP that was made here")
        self.on("refused", _refused)

    def _handle_delete(self) -> None:
        self._shut(self._door)
        super()._handle_delete()

    def pick(self) -> None:
        """Open the browser's file chooser."""
        self.run_method("pick")


def _refused(event: Any) -> None:
    if event.args == "large":
        ui.notify(t("The file is larger than {size} MiB.", size=LONGEST // 1024 // 1024))
    else:
        ui.notify(t("The file could not be sent. Try again."))
