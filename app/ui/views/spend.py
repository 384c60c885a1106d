"""What callers spend: today against their limits, and the last thirty days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial

from nicegui import ui
from nicegui.element import Element

from app import clock
from app.engine.raising import Raise
from app.store import spending
from app.store.days import day_of
from app.store.spending import Account, Wanted
from app.ui.forms.fields import text_input
from app.ui.lang.say import current, decimal, n, t
from app.ui.live import Changed
from app.ui.parts.base import Tag, anchor, attrs, box, button, link_button, text
from app.ui.parts.show import card, dialog, empty
from app.ui.shell import frame, head
from app.ui.visitor import Visitor
from app.ui.words import day_text
from graphs.pricing import credits_of, micro

_DAYS = 30
_MOST = 10**9


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page; it updates by itself."""
    await visitor.require("limits.read")
    page = _Page(visitor)
    with frame(visitor, "spend", t("Spend"), page="sk-page sk-page--narrow"):
        with head(t("Spend"), t("Credits that callers spend, by workflow and day.")):
            pass
        page.place = box("sk-stack")
        await page.update(None)
    visitor.follow(page.update)


class _Page:
    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._shown: tuple[Account, ...] | None = None
        self.place: Element | None = None

    async def update(self, _: Changed) -> None:
        since = (date.fromisoformat(day_of(clock.now(), "UTC")) - timedelta(days=_DAYS)).isoformat()
        found = await self._visitor.read(spending.accounts, self._visitor.org_id, Wanted(since=since), 10_000)
        if found == self._shown or self.place is None:
            return
        self._shown = found
        self.place.clear()
        with self.place:
            if not found:
                _nothing()
                return
            _today(self._visitor, [each for each in found if each.day == day_of(clock.now(), each.zone)])
            _chart(found)
            _workflows(found)


def _nothing() -> None:
    words = t(
        "What runs cost shows here. To limit it, put a cost monitor behind the webhook input of a workflow, "
        "with the credits a caller may spend a day."
    )
    with card(), empty("o_savings", t("Nothing was spent yet"), words):
        link_button(t("Open the workflows"), "/workflows")


def _today(visitor: Visitor, accounts: Sequence[Account]) -> None:
    with card(t("Today")):
        if not accounts:
            text(t("Nothing was spent or reserved today."), "sk-muted")
        for account in sorted(accounts, key=lambda each: (each.caller, each.workflow)):
            _account(visitor, account)


def _account(visitor: Visitor, account: Account) -> None:
    limit = account.limit
    with box("sk-stack sk-stack--tight"):
        with box("sk-row sk-row--between"):
            with box("sk-row"):
                text(account.caller, "sk-strong")
                anchor(account.workflow, f"/workflows/{account.workflow}", "sk-link sk-small")
            if limit is not None and visitor.may("limits.resume"):
                button(t("Change limit"), partial(_ask_limit, visitor, account), kind="ghost", small=True)
        if limit is not None:
            _meter(account.caller, account.spent + account.reserved, limit)
        with box("sk-row sk-row--between sk-small sk-muted"):
            text(_used(account), "sk-num")
            text(" · ".join((*_limit_words(account), account.zone)), "sk-num")


def _meter(caller: str, used: int, limit: int) -> None:
    share = used / limit if limit else 1.0
    tone = "bad" if share >= 1 else "warn" if share >= 0.8 else "live"
    label = t("Credits of {caller} today", caller=caller)
    meter = box("sk-meter", role="meter", data_tone=tone, aria_label=label)
    attrs(
        meter,
        aria_valuenow=f"{credits_of(used):f}",
        aria_valuemin="0",
        aria_valuemax=f"{credits_of(limit):f}",
    )
    with meter:
        box(tag="span").style(f"width:{min(share, 1) * 100:.1f}%")


def _limit_words(account: Account) -> tuple[str, ...]:
    if account.limit is None:
        return (t("no daily limit"),)
    least = t("of {credits} credits", credits=_credits(account.limit))
    return (least, t("set for today")) if account.raised else (least,)


def _used(account: Account) -> str:
    spent = _credits(account.spent)
    if not account.reserved:
        return t("{spent} spent", spent=spent)
    return t("{spent} spent and {reserved} reserved", spent=spent, reserved=_credits(account.reserved))


def _chart(accounts: Sequence[Account]) -> None:
    """One column a day; the highest fills the height."""
    sums: dict[str, int] = defaultdict(int)
    for each in accounts:
        sums[each.day] += each.spent
    last = date.fromisoformat(max(sums))
    days = [(last - timedelta(days=back)).isoformat() for back in range(_DAYS - 1, -1, -1)]
    highest = max(sums.values()) or 1
    total = sum(sums[day] for day in days if day in sums)
    with card(t("Last 30 days")) as top:
        with top:
            text(_in_credits(total), "sk-small sk-muted sk-num")
        label = t(
            "Credits spent a day; {highest} at most, {total} in all",
            highest=_credits(highest),
            total=_credits(total),
        )
        with box("sk-columns", role="img", aria_label=label):
            for day in days:
                amount = sums.get(day, 0)
                column = attrs(box(tag="span"), title=f"{day_text(day)}: {_in_credits(amount)}")
                column.style(f"height:{max(amount / highest * 100, 2):.1f}%")
                if not amount:
                    attrs(column, data_tone="none")
        with box("sk-row sk-row--between sk-small sk-faint"):
            text(day_text(days[0]), "sk-num")
            text(day_text(days[-1]), "sk-num")


def _workflows(accounts: Sequence[Account]) -> None:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for each in accounts:
        sums[each.workflow, each.caller] += each.spent
    with card(t("By workflow and caller"), flush=True), box("sk-scroll"), box("sk-table", "table"):
        with box(tag="thead"), box(tag="tr"):
            for label in (t("Workflow"), t("Caller"), t("Credits in 30 days")):
                attrs(Tag("th", label), scope="col")
        with box(tag="tbody"):
            for (workflow, caller), amount in sorted(sums.items(), key=lambda each: -each[1]):
                with box(tag="tr"):
                    with box(tag="td"):
                        anchor(workflow, f"/workflows/{workflow}")
                    Tag("td", caller)
                    Tag("td", _credits(amount), "sk-num")


async def _ask_limit(visitor: Visitor, account: Account) -> None:
    with dialog(t("Change today's limit"), size="narrow") as (window, foot):
        words = t(
            "How many credits {caller} may spend in {workflow} today. Held runs that fit start at once. "
            "Tomorrow the cost monitor's own limit holds again.",
            caller=account.caller,
            workflow=account.workflow,
        )
        text(words, "sk-muted", tag="p")
        wanted = text_input(t("Credits today"), f"{credits_of(account.limit or 0):f}")
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def go() -> None:
                limit = _typed(wanted.value)
                if limit is None:
                    ui.notify(t("Type a number of credits from 0 on, with six decimals at most."))
                    return
                window.close()
                await _set_limit(visitor, account, limit)

            button(t("Set the limit"), go, kind="primary")
    window.open()


async def _set_limit(visitor: Visitor, account: Account, limit: int) -> None:
    identity = await visitor.require("limits.resume")
    asked = Raise(account.scope, identity.org_id, identity.actor, limit)
    done = await visitor.house.system.engine.raise_budget(asked)
    if done is None:
        ui.notify(t("This workflow or caller is gone."))
        return
    ui.notify(
        n(
            "{credits} credits hold for today; {count} held run was asked again.",
            "{credits} credits hold for today; {count} held runs were asked again.",
            done.woken,
            credits=_credits(limit),
        )
    )


def _typed(raw: str | None) -> int | None:
    try:
        typed = (raw or "").strip()
        amount = Decimal(typed.replace(",", ".") if current() == "de" and "." not in typed else typed)
        exact = micro(amount) if 0 <= amount <= _MOST else None
    except InvalidOperation:
        return None
    return exact if exact is not None and credits_of(exact) == amount else None


def _credits(amount: int) -> str:
    return decimal(credits_of(amount), ",f")


def _in_credits(amount: int) -> str:
    few = 1 if credits_of(amount) == 1 else 2
    return n("{amount} credit", "{amount} credits", few, amount=_credits(amount))
