"""One picture: what is known of it, where it is used, and letting it go."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from nicegui import ui

from app.store.pictures import PictureRow
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import anchor, attrs, box, button, text
from app.ui.parts.show import CopyId, When, banner, dialog, fact, facts
from app.ui.visitor import Visitor
from app.ui.words import size
from app.workflows.pictures import Lineage, PictureInUseError, PictureUnknownError, Use

Gone = Callable[[], Awaitable[Any]]
_SHOWN = 10


async def picture_dialog(visitor: Visitor, row: PictureRow, gone: Gone) -> None:
    """Show it; ``gone`` is called when it was deleted."""
    await visitor.require("assets.read")
    pictures = visitor.house.system.pictures
    try:
        lineage = await visitor.call(pictures.lineage, visitor.scope, row.id)
    except PictureUnknownError:
        ui.notify(t("This picture is not here."))
        await gone()
        return
    _Detail(visitor, lineage, gone).open()


class _Detail:
    """The dialog of one picture."""

    def __init__(self, visitor: Visitor, lineage: Lineage, gone: Gone) -> None:
        self._visitor, self._gone = visitor, gone
        self._lineage, self._row = lineage, lineage.picture
        self._client = ui.context.client

    def open(self) -> None:
        row = self._row
        address = self._visitor.house.picture(row.sha256, row.format)
        with dialog(row.name or t("Result of a run"), size="wide") as (self._window, foot):
            self._trouble = box()
            attrs(box("sk-big sk-big--low", "img"), src=address, alt=row.name or "")
            _facts(self._lineage)
            with foot:
                attrs(anchor(t("Open original"), address), target="_blank", rel="noopener")
                box("sk-grow")
                if row.source == "upload" and self._visitor.may("assets.delete"):
                    button(t("Delete"), self._sure, kind="danger", icon="o_delete")
                button(t("Close"), self._window.close, kind="ghost")
        self._window.open()

    def _sure(self) -> None:
        self._trouble.clear()
        told = t("It cannot be brought back. Runs keep what they have given out.")
        with self._trouble, banner("warn", "o_delete", t("Delete this picture?"), told):
            button(t("Delete for good"), self._delete, kind="danger", small=True)

    async def _delete(self, *, in_drafts: bool = False) -> None:
        identity = await self._visitor.require("assets.delete")
        pictures, wanted = self._visitor.house.system.pictures, self._row.id
        try:
            await pictures.delete(identity, wanted, in_drafts=in_drafts, request_id=identity.request_id)
        except PictureInUseError as error:
            self._trouble.clear()
            with self._trouble:
                _refused(error, partial(self._delete, in_drafts=True))
            return
        except PictureUnknownError:
            pass
        self._window.close()
        # the button that was pressed goes with its dialog
        with self._client:
            ui.notify(t("“{name}” is deleted.", name=self._row.name or ""))
            await self._gone()


def _refused(error: PictureInUseError, anyway: Callable[[], Any]) -> None:
    """Say why; where only drafts use it, let people decide."""
    with banner("warn", "o_warning_amber", t("It is in use"), heard(str(error))):
        if error.uses and not any(each.current for each in error.uses):
            button(t("Delete all the same"), anyway, small=True)


def _facts(lineage: Lineage) -> None:
    row = lineage.picture
    with facts():
        fact(t("Size"), f"{row.width} × {row.height} · {row.format.upper()} · {size(row.bytes)}")
        if row.uploaded_by:
            fact(t("Uploaded by"), row.uploaded_by.rpartition(" (")[0] or row.uploaded_by)
        with fact(t("Added")):
            When(row.uploaded_at or row.created_at)
        with fact(t("Workflows")):
            _uses(lineage.uses)
        with fact(t("Runs")):
            _runs(lineage)
        with fact(t("Id")):
            CopyId(row.id, label=t("picture id"))


def _uses(uses: tuple[Use, ...]) -> None:
    slugs = {each.slug: each.name for each in uses if each.current or each.version is None}
    with box("sk-row sk-row--wrap"):
        for slug, name in list(slugs.items())[:_SHOWN]:
            anchor(name or slug, f"/workflows/{slug}")
        if not slugs:
            text(t("No workflow uses it."), "sk-muted")


def _runs(lineage: Lineage) -> None:
    runs = list(dict.fromkeys((each.run_id, each.workflow) for each in lineage.appearances))
    with box("sk-row sk-row--wrap"):
        for run_id, workflow in runs[:_SHOWN]:
            anchor(f"{workflow} · {run_id[-6:]}", f"/runs/{run_id}")
        if not runs:
            text(t("No run has given it out."), "sk-muted")
