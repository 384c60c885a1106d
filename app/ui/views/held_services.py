"""For the page of limits: services whose calls are held back, and calls that wait for a decision."""

from dataclasses import dataclass

from sqlalchemy import Connection

from app.store import calls, connections
from app.store.calls import Filter
from app.store.connections import CircuitRow
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import link_button
from app.ui.parts.show import banner


@dataclass(frozen=True, slots=True)
class Troubles:
    """What services hold up."""

    failing: tuple[CircuitRow, ...]
    undecided: bool


def troubles(connection: Connection, org_id: str) -> Troubles:
    """Breakers of services that are not closed, and whether a call of unknown outcome waits."""
    failing = tuple(each for each in connections.circuits(connection, org_id) if each.state != "closed")
    unknown = calls.list_page(connection, org_id, Filter(state="unknown"), limit=1)
    return Troubles(failing, bool(unknown.items))


def draw(found: Troubles) -> None:
    """A banner for each."""
    for each in found.failing:
        trying = t("The service {name} is failing: one call is trying it out", name=each.name)
        waiting = t("The service {name} is failing: steps that need it wait", name=each.name)
        reason = heard(each.reason or "").rstrip(".")
        why = f"{reason}. {t('Runs go on by themselves when it works again.')}"
        with banner("bad", "o_power_off", trying if each.state == "half_open" else waiting, why):
            link_button(t("Services"), "/services")
    if found.undecided:
        words = t("Nobody answered, so nobody knows whether they were charged. Their runs wait for you.")
        with banner("warn", "o_help_outline", t("Calls need a decision"), words):
            link_button(t("Decide"), "/services")
