"""What a run would take, said on the Run button before it is pressed, as the draft stands now."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.ui.editor.delay import Delayed
from app.ui.editor.desk import Desk
from app.ui.editor.freshness import Freshness
from app.ui.lang.say import t
from app.ui.words import duration, plural_credits
from app.workflows.estimating import Guess, guess
from graphs.document import parse
from graphs.errors import GraphError
from graphs.plan import compile_plan
from graphs.trigger import TriggerContract, TriggerInvalid

_SECONDS = 0.3


class Estimate:
    """Keeps a guess about the whole draft, and about what is stale of it."""

    def __init__(self, desk: Desk, fresh: Freshness, payload: Callable[[], dict[str, Any]]) -> None:
        self._desk = desk
        self._fresh = fresh
        self._payload = payload
        self._later = Delayed(self._work, _SECONDS)
        self._seen: Any = None
        self.whole: Guess | None = None
        self.rest: Guess | None = None
        self.told: list[Callable[[], None]] = []
        desk.watchers.append(self._noticed)
        fresh.told.append(self.soon)

    @property
    def by_node(self) -> Mapping[str, float]:
        """Usual seconds by node."""
        return self.whole.by_node if self.whole is not None else {}

    def soon(self) -> None:
        """Guess again in a moment."""
        self._later.soon()

    def _noticed(self) -> None:
        now = self._desk.document, self._desk.judged.errors
        if self._seen is None or now[0] is not self._seen[0] or now[1] != self._seen[1]:
            self._seen = now
            self.soon()

    async def _work(self) -> None:
        desk = self._desk
        if desk.closed:
            return
        kept = set(self._fresh.pins)
        if self._fresh.base is not None:
            kept |= {node["id"] for node in desk.document["nodes"]} - set(self._fresh.stale)
        try:
            self.whole, self.rest = await desk.visitor.read(
                _guesses, desk, self._payload(), frozenset(self._fresh.pins), frozenset(kept)
            )
        except GraphError:  # a draft that cannot run has no estimate
            self.whole = self.rest = None
        with desk.client:
            for each in self.told:
                each()


def _guesses(
    connection: Connection, desk: Desk, body: dict[str, Any], pinned: frozenset[str], kept: frozenset[str]
) -> tuple[Guess, Guess]:
    document = parse(desk.document)
    plan = compile_plan(document, desk.visitor.house.system.catalogue)
    contract = TriggerContract.of(document)
    try:
        inputs = contract.read(body).values
    except TriggerInvalid:
        inputs = {field.name: None for field in contract.fields}
    who = desk.visitor.identity.org_id, desk.slug
    return (
        guess(connection, *who, plan, inputs, pinned),
        guess(connection, *who, plan, inputs, kept),
    )


def about(found: Guess | None) -> str:
    """``≈ 2 credits · 12 s`` as short as it goes; empty while nobody knows anything."""
    if found is None:
        return ""
    cost = plural_credits(found.credits)
    if found.unpriced:
        cost = t("price unknown") if not found.credits else f"{cost} + ?"
    time = t("time unknown")
    if found.seconds is not None:
        time = duration(found.seconds) + (" + ?" if found.untimed else "")
    elif not found.untimed:
        time = t("under a second")
    return f"≈ {cost} · {time}"


def explained(found: Guess | None) -> str:
    """The same in whole sentences, for the tooltip and for those who cannot see it."""
    if found is None:
        return t("The draft has errors: nobody can say what a run would take.")
    told = [t("A run costs about {cost}.", cost=plural_credits(found.credits))]
    if found.seconds is not None:
        told.append(t("It takes about {time}, as earlier runs did.", time=duration(found.seconds)))
    if found.unpriced:
        told.append(t("No price is known of: {titles}.", titles=", ".join(found.unpriced[:5])))
    if found.untimed:
        told.append(
            t("Never ran like this, so its time is unknown: {titles}.", titles=", ".join(found.untimed[:5]))
        )
    return " ".join(told)
