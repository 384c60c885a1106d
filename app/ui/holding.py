"""Pausing and resuming from pages: the buttons, and the banner that says what is paused and by whom."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui

from app.store.pauses import What
from app.ui.lang.say import said, t
from app.ui.parts.base import button
from app.ui.parts.show import banner
from app.ui.visitor import Visitor
from app.workflows.holding import Holding

_ACTIONS: dict[What, str] = {"run": "runs.pause", "workflow": "workflows.pause", "caller": "callers.pause"}
_PAUSED_WHAT: dict[What, str] = {
    "run": said("This run is paused"),
    "workflow": said("Workflow {name} is paused"),
    "caller": said("Caller {name} is paused"),
}
Then = Callable[[], Awaitable[None]]


def may_hold(visitor: Visitor, what: What) -> bool:
    """Whether to offer pausing and resuming."""
    return visitor.may(_ACTIONS[what])


async def hold(visitor: Visitor, what: What, name: str, *, pause: bool, then: Then | None = None) -> None:
    """Pause or resume a run by id, a workflow by its slug, a caller by name; `then` draws what changed."""
    who = await visitor.require(_ACTIONS[what])
    system = visitor.house.system
    holding = Holding(system.engine, system.workflows, system.callers)
    if what == "run":
        await holding.run(who, name, pause=pause)
    elif what == "workflow":
        await holding.workflow(who, name, pause=pause)
    else:
        await holding.caller(who, name, pause=pause)
    if then is not None:
        await then()
    ui.notify(t("Paused. What is running now still ends.") if pause else t("Resumed: it goes on in order."))


def held_banner(  # noqa: PLR0917
    visitor: Visitor, what: What, name: str, at: float, by: str | None, then: Then | None = None
) -> None:
    """Says that something is paused, by whom and since when, and lets it go on."""
    who = (by or t("somebody")).partition(" (")[0]
    words = {
        "run": t("Its running step ends; nothing that follows is started."),
        "workflow": t("Triggers are accepted and wait. Nothing is started until it is resumed."),
        "caller": t("Its triggers are accepted and wait, in every workflow, until it is resumed."),
    }
    title = t(_PAUSED_WHAT[what], name=name)
    with banner(
        "warn",
        "o_pause_circle",
        title,
        f"{t('By {who}.', who=who)} {words[what]}",
        moment=at,
    ):
        if may_hold(visitor, what):
            go = partial(hold, visitor, what, name, pause=False, then=then)
            button(t("Resume"), go, kind="primary", small=True)
