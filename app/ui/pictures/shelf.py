"""The pictures of an organisation as forms know them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from app.ui.forms.spec import FormField
from app.ui.pictures.dialog import PictureDialog
from app.ui.visitor import Visitor
from app.workflows.pictures import PictureUnknownError


class Shelf:
    """What a form of an open editor asks of pictures."""

    def __init__(self, visitor: Visitor, *, read_only: bool) -> None:
        self._visitor = visitor
        self._read_only = read_only

    def thumb(self, identifier: str) -> str:
        """Address of a small picture."""
        return f"/pictures/{identifier}"

    async def describe(self, identifier: str) -> str | None:
        """What people call a picture; None for one that is not there."""
        pictures = self._visitor.house.system.pictures
        try:
            row = await self._visitor.call(pictures.get, self._visitor.scope, identifier)
        except PictureUnknownError:
            return None
        return row.name or f"{row.width} × {row.height} · {row.format.upper()}"

    async def choose(self, current: str, chosen: Callable[[str], Any]) -> None:
        """Let people choose among the pictures there are, or bring one."""
        if not self._read_only:
            await PictureDialog(self._visitor, current, chosen).open()


def with_pictures(fields: Iterable[FormField], shelf: Shelf) -> tuple[FormField, ...]:
    """The fields with the shelf at hand wherever a picture is named."""
    return tuple(
        replace(
            field,
            shelf=shelf if field.kind == "asset" else field.shelf,
            fields=with_pictures(field.fields, shelf),
        )
        for field in fields
    )
