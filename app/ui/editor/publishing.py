"""Publishing a draft, and the versions there are."""

from functools import partial
from typing import Any

from nicegui import ui

from app.store.workflows import VersionInfo
from app.ui.editor.desk import Desk
from app.ui.editor.judged import worded
from app.ui.forms.fields import labelled, switch
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import box, button, icon, row, text
from app.ui.parts.show import When, banner, dialog
from app.ui.rows import load_object
from app.ui.words import Tone
from app.workflows.errors import WorkflowError
from graphs.errors import GraphError


async def publish_dialog(desk: Desk) -> None:
    """Show what blocks publishing, or what it changes for callers, and publish with a note."""
    await desk.flush()
    changes = await _changes(desk)
    breaking = [change for change in changes if change.breaking]
    with dialog(t("Publish {name}", name=desk.name)) as (window, foot):
        if desk.judged.errors:
            _blocked(desk, window)
        else:
            _what_changes(desk, changes)
            accept = _accept(breaking)
            with labelled(t("Note"), t("What changed, for your colleagues.")) as adopt:
                note = adopt(ui.textarea(placeholder=t("Warmer light, new platform"))).props("maxlength=1000")
        with foot:
            button(t("Cancel"), window.close, kind="ghost")
            if not desk.judged.errors:

                async def go() -> None:
                    if breaking and not (accept and accept.value):
                        ui.notify(t("Confirm that callers may break first."))
                        return
                    window.close()
                    await publish(desk, str(note.value or ""), allow_breaking=bool(breaking))

                number = (desk.version.number if desk.version else 0) + 1
                button(
                    t("Publish as v{number}", number=number) if not desk.version else t("Publish"),
                    go,
                    kind="primary",
                )
    window.open()


async def publish(desk: Desk, note: str, *, allow_breaking: bool = False) -> bool:
    """Make the draft the version that runs; says whether it is."""
    identity = await desk.visitor.require("workflows.publish")
    if not await desk.flush():
        ui.notify(t("The draft is not saved yet; publish again in a moment."))
        return False
    service = desk.visitor.house.system.workflows
    try:
        info = await desk.visitor.call(
            service.publish, identity.org_id, desk.slug, note, allow_breaking, actor=identity.actor
        )
    except (WorkflowError, GraphError) as error:
        ui.notify(heard(error))
        return False
    await desk.reread()
    ui.notify(t("Published as version {number}.", number=info.number))
    return True


async def versions_dialog(desk: Desk) -> None:
    """List the versions; restore one into the draft, or let an earlier one run again."""
    infos = await desk.visitor.call(
        desk.visitor.house.system.workflows.versions, desk.visitor.org_id, desk.slug
    )
    with dialog(t("Versions")) as (window, foot):
        if not infos:
            text(
                t("Nothing was published yet. Callers get an error until the first version exists."),
                "sk-muted",
            )
        for info in infos:
            _version(desk, info, window)
        with foot:
            button(t("Close"), window.close, kind="ghost")
    window.open()


def _version(desk: Desk, info: VersionInfo, window: Any) -> None:
    current = desk.version is not None and desk.version.number == info.number
    with row("sk-row--between"):
        with box("sk-stack sk-stack--tight sk-grow"):
            with row():
                text(t("Version {number}", number=info.number), "sk-strong")
                if current:
                    text(t("running"), "sk-tag")
            text(info.note or t("No note"), "sk-muted sk-wrap")
            with row("sk-small sk-faint"):
                text(info.created_by or t("unknown"), "sk-cut")
                When(info.created_at)
        if not desk.read_only:
            button(t("Restore to draft"), partial(_restore, desk, info, window), small=True)
            if not current:
                button(t("Run this one"), partial(_rollback, desk, info, window), small=True)


async def _restore(desk: Desk, info: VersionInfo, window: Any) -> None:
    service = desk.visitor.house.system.workflows
    version = await desk.visitor.call(service.version, desk.visitor.org_id, desk.slug, info.number)
    await desk.edit(load_object(version.graph))
    if desk.canvas is not None:
        desk.canvas.load()
    window.close()
    ui.notify(t("The draft is version {number} again. Publish it to run it.", number=info.number))


async def _rollback(desk: Desk, info: VersionInfo, window: Any) -> None:
    identity = await desk.visitor.require("workflows.publish")
    service = desk.visitor.house.system.workflows
    try:
        await desk.visitor.call(
            service.rollback, identity.org_id, desk.slug, info.number, actor=identity.actor
        )
    except WorkflowError as error:
        ui.notify(heard(error))
        return
    window.close()
    await desk.reread()
    ui.notify(t("Version {number} runs from now on. The draft stays as it is.", number=info.number))


async def _changes(desk: Desk) -> list[Any]:
    if desk.version is None or desk.judged.errors:
        return []
    service = desk.visitor.house.system.workflows
    _, changes = await desk.visitor.call(
        service.diff, desk.visitor.org_id, desk.slug, desk.version.number, None
    )
    return list(changes)


def _blocked(desk: Desk, window: Any) -> None:
    errors = [problem for problem in desk.judged.problems if problem["severity"] == "error"]
    banner(
        "bad",
        "error_outline",
        t("Not ready yet"),
        n("{count} problem to mend first.", "{count} problems to mend first.", len(errors)),
    )
    for problem in errors:
        line = box("sk-problem", "button", type="button", data_tone="bad")
        with line:
            icon("error_outline")
            text(worded(problem, desk.document, desk.types), "sk-grow sk-wrap")

        def go(problem: dict[str, Any] = problem) -> None:
            window.close()
            if problem["node"] and desk.canvas is not None:
                desk.canvas.focus(problem["node"])

        line.on("click", go)


def _what_changes(desk: Desk, changes: list[Any]) -> None:
    if desk.version is None:
        text(t("The first version. Callers can trigger it as soon as it is published."), "sk-muted", tag="p")
    elif not changes:
        text(t("Nothing changes for callers: the trigger takes the same fields."), "sk-muted", tag="p")
    for change in changes:
        tone: Tone = "warn" if change.breaking else "good"
        banner(tone, "o_warning_amber" if change.breaking else "o_check_circle", heard(change.text))


def _accept(breaking: list[Any]) -> Any:
    if not breaking:
        return None
    with row("sk-row--between"):
        text(t("Publish although callers may break"), "sk-field__label")
        return switch(t("Publish although callers may break"), value=False)
