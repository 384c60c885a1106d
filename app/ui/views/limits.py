"""Rate limits and circuit breakers: what is used, what waits, and what an operator can decide."""

from collections.abc import Mapping
from functools import partial

from nicegui import ui
from nicegui.element import Element

from app.ui.lang.heard import heard
from app.ui.lang.say import decimal, n, number, t
from app.ui.live import Changed
from app.ui.parts.base import Tag, anchor, attrs, box, button, link_button, text
from app.ui.parts.show import When, banner, card, dialog, empty, status
from app.ui.rows import load_object
from app.ui.shell import frame, head
from app.ui.views import held_services
from app.ui.views.gates import Gate, gates
from app.ui.views.held import open_held
from app.ui.views.pauses import callers_card, holdable, paused_banners
from app.ui.visitor import Visitor
from app.ui.words import Look, duration, waiting_for

_OPEN = Look("o_power_off", "Breaker open", "bad")
_QUEUE = Look("o_hourglass_empty", "Queueing", "warn")
_FREE = Look("o_check_circle", "Flowing", "good")


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page; it updates by itself."""
    await visitor.require("limits.read")
    page = _Page(visitor)
    with frame(visitor, "limits", t("Limits"), page="sk-page sk-page--narrow"):
        with head(t("Limits"), t("Nothing is rejected: what is over a limit waits here in order.")):
            pass
        page.place = box("sk-stack")
        await page.update(None)
    visitor.follow(page.update)


class _Page:
    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._shown: object = None
        self.place: Element | None = None

    async def update(self, _: Changed) -> None:
        found = await self._visitor.read(gates, self._visitor.org_id)
        pauses = await self._visitor.read(holdable, self._visitor.org_id)
        held_up = await self._visitor.read(held_services.troubles, self._visitor.org_id)
        if (found, pauses, held_up) == self._shown or self.place is None:
            return
        self._shown = (found, pauses, held_up)
        self.place.clear()
        with self.place:
            held_services.draw(held_up)
            paused_banners(self._visitor, pauses, self._again)
            for gate in found:
                _gate(self._visitor, gate)
            if not found:
                _nothing()
            callers_card(self._visitor, pauses, self._again)

    async def _again(self) -> None:
        await self.update(None)


def _nothing() -> None:
    with (
        card(),
        empty(
            "o_speed",
            t("No limit has been touched"),
            t(
                "Put a rate limiter or a circuit breaker after the webhook input of a workflow. As soon as "
                "a caller triggers it, its window and its queue show here."
            ),
        ),
    ):
        link_button(t("Open the workflows"), "/workflows")


def _gate(visitor: Visitor, gate: Gate) -> None:
    with card(f"{gate.workflow} · {gate.caller or t('unknown caller')}") as top:
        with top:
            status(_OPEN if gate.is_open else _QUEUE if gate.waiting else _FREE)
        if gate.limit is not None:
            _meter(gate)
        if gate.is_open:
            _breaker(visitor, gate)
        elif gate.breaker is not None and gate.breaker.closed_at:
            with box("sk-row sk-small sk-muted"):
                text(t("The breaker was closed by {who}", who=_who(gate.breaker.closed_by)))
                When(gate.breaker.closed_at)
        elif gate.queue:
            _budget(gate)
        if gate.queue:
            _queue(gate)


def _meter(gate: Gate) -> None:
    limit = gate.limit or 1
    share = min(gate.used / limit, 1.0)
    with box("sk-stack sk-stack--tight"):
        with box("sk-row sk-row--between sk-small"):
            text(
                t(
                    "{used} of {limit} starts in {duration}",
                    used=gate.used,
                    limit=limit,
                    duration=duration(gate.window),
                ),
                "sk-num",
            )
            if gate.factor is not None:
                text(
                    t("breaker opens above {number}", number=decimal(gate.factor * limit)), "sk-muted sk-num"
                )
        tone = "bad" if gate.is_open else "warn" if share >= 1 else "live"
        meter = box("sk-meter", role="meter", data_tone=tone, aria_label=t("Starts used"))
        attrs(meter, aria_valuenow=str(gate.used), aria_valuemin="0", aria_valuemax=str(limit))
        with meter:
            box(tag="span").style(f"width:{share * 100:.1f}%")


def _breaker(visitor: Visitor, gate: Gate) -> None:
    reason = gate.breaker.reason if gate.breaker else ""
    if gate.limit and gate.factor:
        most, window = decimal(gate.factor * gate.limit), duration(gate.window)
        why = t("More than {count} triggers arrived within {duration}.", count=most, duration=window)
    else:
        why = heard(reason or "")
    held = n("{count} run held.", "{count} runs held.", gate.waiting) + " " if gate.waiting else ""
    with banner("bad", "o_power_off", t("The circuit breaker is open"), f"{held}{why}"):
        if visitor.may("limits.resume"):
            title = f"{gate.workflow} · {gate.caller}"
            button(t("Look into it"), partial(open_held, visitor, gate.key, title), small=True)
            button(t("Release all"), partial(_resume, visitor, gate, drop=False), kind="primary", small=True)
            button(t("Drop all"), partial(_ask_drop, visitor, gate), kind="danger", small=True)


def _budget(gate: Gate) -> None:
    """Says so where it is not the limiter that holds the next one."""
    wait = load_object(gate.queue[0].wait)
    if wait.get("reason") == "budget":
        told = heard(str(wait.get("explanation") or ""))
        with banner("warn", "o_savings", waiting_for("budget"), told):
            link_button(t("Open the spend"), "/spend", small=True)


def _queue(gate: Gate) -> None:
    labels = [t("Position"), t("Run"), t("Waiting since")]
    with box("sk-scroll"), box("sk-table sk-table--tight", "table"):
        with box(tag="thead"), box(tag="tr"):
            for label in labels if gate.is_open else [*labels, t("Expected start")]:
                attrs(Tag("th", label), scope="col")
        with box(tag="tbody"):
            for waiting in gate.queue:
                with box(tag="tr"):
                    Tag("td", str(waiting.position), "sk-num")
                    with box(tag="td"):
                        anchor(f"…{waiting.run_id[-10:]}", f"/runs/{waiting.run_id}", "sk-link sk-mono")
                    with box(tag="td"):
                        When(waiting.since)
                    if not gate.is_open:
                        with box(tag="td"):
                            When(waiting.expected_start)
    if gate.waiting > len(gate.queue):
        with box("sk-row sk-row--between sk-small sk-muted"):
            text(t("and {number} more", number=number(gate.waiting - len(gate.queue))))
            anchor(t("All waiting runs"), f"/runs?workflow={gate.workflow}&status=waiting")


async def _resume(visitor: Visitor, gate: Gate, *, drop: bool) -> None:
    identity = await visitor.require("limits.resume")
    engine = visitor.house.system.engine
    count = await engine.resume_gate(identity.org_id, gate.key, identity.actor, drop=drop)
    if count is None:
        ui.notify(t("The breaker was closed already."))
        return
    dropped = n("{count} run dropped.", "{count} runs dropped.", count)
    released = n("{count} run released, each in its turn.", "{count} runs released, each in its turn.", count)
    ui.notify(dropped if drop else released)


async def _ask_drop(visitor: Visitor, gate: Gate) -> None:
    with dialog(t("Drop every held run?"), size="narrow") as (window, foot):
        text(
            n(
                "{count} run ends as cancelled and its caller is told.",
                "{count} runs end as cancelled and their callers are told.",
                gate.waiting,
            ),
            "sk-muted",
            tag="p",
        )
        with foot:
            button(t("Keep them"), window.close, kind="ghost")

            async def go() -> None:
                window.close()
                await _resume(visitor, gate, drop=True)

            button(t("Drop all"), go, kind="danger")
    window.open()


def _who(actor: str | None) -> str:
    """The name of who did something, without the id of the key; the system when nobody did."""
    return (actor or t("the system")).partition(" (")[0]
