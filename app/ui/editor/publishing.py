"""Publishing a draft: what blocks it, what it changes for colleagues, which callers it would break."""

from typing import Any

from nicegui import ui

from app.ui.editor.broken import callers
from app.ui.editor.changes import change_list
from app.ui.editor.desk import Desk
from app.ui.editor.history import history_dialog
from app.ui.editor.judged import worded
from app.ui.editor.said import Names
from app.ui.forms.fields import labelled, switch
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import box, button, icon, row, text
from app.ui.parts.show import banner, dialog
from app.ui.rows import load_object
from app.ui.words import Tone
from app.workflows.errors import WorkflowError
from app.workflows.guard import Affected
from app.workflows.service import Compared
from graphs.errors import GraphError


async def publish_dialog(desk: Desk) -> None:
    """Show what blocks publishing, or what it changes for callers, and publish with a note."""
    await desk.flush()
    compared = await _compared(desk)
    breaking = [each for each in compared.contract if each.change.breaking] if compared else []
    with dialog(t("Publish {name}", name=desk.name)) as (window, foot):
        if desk.judged.errors:
            _blocked(desk, window)
        else:
            _for_callers(desk, compared)
            _for_colleagues(desk, compared, window)
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

                label = t("Publish") if desk.version else t("Publish as v{number}", number=1)
                button(label, go, kind="primary")
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
            service.publish,
            identity.org_id,
            desk.slug,
            note,
            allow_breaking,
            actor=identity.actor,
            request_id=identity.request_id,
        )
    except (WorkflowError, GraphError) as error:
        ui.notify(heard(error))
        return False
    desk.first_published = desk.version is None
    await desk.reread()
    ui.notify(t("Published as version {number}.", number=info.number))
    return True


async def _compared(desk: Desk) -> Compared | None:
    if desk.version is None or desk.judged.errors:
        return None
    service = desk.visitor.house.system.workflows
    return await desk.visitor.call(service.diff, desk.visitor.org_id, desk.slug, desk.version.number, None)


def _blocked(desk: Desk, window: Any) -> None:
    errors = [problem for problem in desk.judged.problems if problem["severity"] == "error"]
    what = n("{count} problem to mend first.", "{count} problems to mend first.", len(errors))
    banner("bad", "error_outline", t("Not ready yet"), what)
    for problem in errors[:100]:
        line = box("sk-problem", "button", type="button", data_tone="bad")
        with line:
            icon("error_outline")
            text(worded(problem, desk.document, desk.types), "sk-grow sk-wrap")

        def go(problem: dict[str, Any] = problem) -> None:
            window.close()
            if problem["node"] and desk.canvas is not None:
                desk.canvas.focus(problem["node"])

        line.on("click", go)


def _for_callers(desk: Desk, compared: Compared | None) -> None:
    if desk.version is None or compared is None:
        text(t("The first version. Callers can trigger it as soon as it is published."), "sk-muted", tag="p")
    elif not compared.contract:
        text(t("Nothing changes for callers: the trigger takes the same fields."), "sk-muted", tag="p")
    for each in compared.contract if compared else ():
        breaks = each.change.breaking
        tone: Tone = "warn" if breaks else "good"
        with banner(tone, "o_warning_amber" if breaks else "o_check_circle", heard(each.change.text)):
            if breaks:
                callers(each, t("These called so in the last 30 days and would be refused:"))


def _for_colleagues(desk: Desk, compared: Compared | None, window: Any) -> None:
    if compared is None or desk.version is None:
        return
    found = compared.differences
    with box("sk-more", "details"):
        with box("sk-row", "summary"):
            said = n(
                "{count} change since v{number}",
                "{count} changes since v{number}",
                len(found),
                number=desk.version.number,
            )
            text(said, "sk-strong")
        names = Names(desk.types, desk.document, load_object(desk.version.graph))
        change_list(found, names, None)

        async def compare() -> None:
            window.close()
            await history_dialog(desk)

        button(t("Compare on the canvas"), compare, small=True)


def _accept(breaking: list[Affected]) -> Any:
    if not breaking:
        return None
    label = t("Publish as a new major although callers may break")
    with row("sk-row--between"):
        text(label, "sk-field__label")
        return switch(label, value=False)
