"""The engine without processes: its operations on a real database, one step at a time, on a clock of ours.

Every operation is the product's own; only the messages between processes are a list, and time is a number.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select

from app.assets.darkroom import Darkroom
from app.assets.library import Library
from app.assets.loading import Loading
from app.cpu import CpuPool
from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.engine.accept import accept
from app.engine.caching import Caching
from app.engine.children import Children
from app.engine.claim import Claims
from app.engine.control import Control
from app.engine.decide import Decider
from app.engine.deliver import settle_deliveries
from app.engine.lease import Leases
from app.engine.own_assets import Shelf
from app.engine.perform import Performer
from app.engine.records import Claimed, NewRun, Outgoing, Settled, Settlement, Started
from app.engine.secret_web import SecretKeeper
from app.engine.send import Sender
from app.engine.settle import Settlements
from app.engine.sweep import Due, Sweep, Sweeper
from app.engine.tools import Tools
from app.engine.web import NodeWeb
from app.identity.secrets import Secrets
from app.identity.vault import Vault
from app.providers.rehearsal import Rehearsal
from app.store import tables
from app.store.database import Database
from app.workflows.callees import Callees
from app.workflows.published import PublishedVersions
from app.workflows.secret_uses import SecretUses
from graphs.document import parse
from graphs.partial import leading_to
from graphs.plan import Plan, compile_plan
from tests.support import probes

SECRET = "whsec_" + "c2FrdWdh" * 4
DELAYS = (30.0, 120.0, 480.0)
LEASE = 10.0
ORG, CALLER = "org_1", "cal_1"


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self, start: float) -> None:
        self.now = start

    def __call__(self) -> float:
        return self.now


class Shop:
    """An organisation with one published workflow, and triggers for it."""

    def __init__(self, database: Database, plan: Plan) -> None:
        self.plan = plan
        with database.write() as connection:
            _add(connection, tables.organisation, id=ORG, name="O", created_at=0)
            _add(connection, tables.project, id="prj_1", org_id=ORG, slug="p", name="P", created_at=0)
            _add(
                connection,
                tables.caller,
                id=CALLER,
                org_id=ORG,
                name="shop",
                signing_secrets="",
                created_at=0,
            )
            _add(
                connection,
                tables.workflow,
                id="wfl_1",
                org_id=ORG,
                project_id="prj_1",
                slug="flow",
                name="F",
                draft="{}",
                created_at=0,
                updated_at=0,
            )
            _add(
                connection,
                tables.workflow_version,
                id="ver_1",
                workflow_id="wfl_1",
                number=1,
                graph="{}",
                plan=json.dumps(plan.to_json()),
                hash=plan.hash,
                created_at=0,
            )

    def publish(self, database: Database, slug: str, graph: dict[str, Any], plan: Plan) -> None:
        with database.write() as connection:
            _add(
                connection,
                tables.workflow,
                id=f"wfl_{slug}",
                org_id=ORG,
                project_id="prj_1",
                slug=slug,
                name=slug,
                draft="{}",
                published=1,
                created_at=0,
                updated_at=0,
            )
            _add(
                connection,
                tables.workflow_version,
                id=f"ver_{slug}",
                workflow_id=f"wfl_{slug}",
                number=1,
                graph=json.dumps(graph),
                plan=json.dumps(plan.to_json()),
                hash=plan.hash,
                created_at=0,
            )

    def new(self, **fields: Any) -> NewRun:
        """A trigger of the workflow; `fields` replace its own."""
        base = NewRun(
            ORG,
            "prj_1",
            "wfl_1",
            "flow",
            1,
            "ver_1",
            self.plan,
            CALLER,
            "shop",
            "api",
            {"k": "v"},
            {},
            "t",
            "r",
        )
        return replace(base, **fields)


def _add(connection: Any, table: Table, **values: Any) -> None:
    connection.execute(insert(table).values(**values))


class Rig:
    """A shop, its workers and their messages.

    Args:
        links: The graph, see ``probes.plan``.
        graph: A whole document instead.
        allow: Addresses deliveries may reach.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        folder: Path,
        links: str,
        gates: dict[str, dict[str, Any]] | None = None,
        cheap: str = "",
        paid: str = "",
        graph: dict[str, Any] | None = None,
        redos: dict[str, str] | None = None,
        cache: dict[str, int] | None = None,
    ) -> None:
        self.db, self.clock, self.acts = database, clock, probes.Acts()
        kinds = probes.catalogue(self.acts)
        self.kinds = kinds
        self.plan = (
            compile_plan(parse(graph), kinds)
            if graph
            else probes.plan(kinds, links, cheap=cheap, paid=paid, gates=gates, redos=redos, cache=cache)
        )
        self.shop = Shop(database, self.plan)
        self.plans = {"ver_1": self.plan}
        pool = CpuPool(1)
        library = Library((folder / "assets").as_uri(), b"s" * 32, "http://sakuga.test", pool)
        policy = EgressPolicy.of(("127.0.0.0/8",))
        egress = Egress(policy)
        self.secrets = Secrets(database, Vault("a secret key for tests only"), SecretUses(kinds))
        tools = Tools(
            kinds,
            Darkroom(library, pool),
            Shelf(database),
            library,
            {"rehearsal": Rehearsal(pool, Loading(library))},
            "rig",
            lambda *_: None,
            NodeWeb(egress),
            Children(database, Callees(PublishedVersions(database)).find),
            caching=Caching(database, library),
            secrets=SecretKeeper(self.secrets.opened, policy),
        )
        self.library = library
        self.performer, self.decider = Performer(tools), Decider(DELAYS, library)
        self.sweeper, self.control = Sweeper(database.dialect), Control(database.dialect)
        self.bells: list[tuple[str, int]] = []
        self.letters: list[str] = []
        self.loop = asyncio.new_event_loop()
        self.sender = Sender(egress, lambda _caller: [SECRET], DELAYS)

    def close(self) -> None:
        self.loop.close()

    def do(self, operation: Callable[..., Any], *items: Any) -> list[Any]:
        """One transaction of one operation."""
        with self.db.write() as connection:
            return list(operation(connection, items))

    def accept(self, *news: NewRun) -> list[Any]:
        answers = self.do(accept, *(news or (self.shop.new(),)))
        self.bells += [(each.run_id, 0) for each in answers if isinstance(each, Started)]
        return answers

    def start(self, **fields: Any) -> str:
        """Accept one trigger; its run's id."""
        return str(self.accept(self.shop.new(**fields))[0].run_id)

    def claims(self, worker: str = "w1") -> Claims:
        return Claims(self.db.dialect, worker, LEASE)

    def leases(self, worker: str = "w1") -> Leases:
        return Leases(self.db.dialect, worker, LEASE)

    def claim(self, *keys: tuple[str, int], worker: str = "w1") -> list[Claimed]:
        return list(self.do(self.claims(worker).stages, list(keys))[0])

    def decide(self, claimed: Claimed) -> Settlement:
        """Run the nodes and say what came of it; nothing is written."""
        plan = self.plans[claimed.run.version_id]
        if claimed.run.targets:
            plan = leading_to(plan, claimed.run.targets)
        done = self.loop.run_until_complete(self.performer.perform(claimed, plan))
        return self.decider.decide(claimed, plan, done, self.clock.now)

    def publish(self, slug: str, graph: dict[str, Any]) -> None:
        """Another workflow of the organisation, at version 1."""
        plan = compile_plan(parse(graph), self.kinds)
        self.shop.publish(self.db, slug, graph, plan)
        self.plans[f"ver_{slug}"] = plan

    def settle(self, *settlements: Settlement, worker: str = "w1") -> list[Settled]:
        settling = Settlements(self.db.dialect, worker, LEASE, self.claims(worker))
        return self.do(settling.settle, *settlements)

    def sweep(self, owner: str = "sweeper", backlog: int | None = 0) -> Due:
        due: Due = self.do(self.sweeper.sweep, Sweep(owner, backlog))[0]
        return due

    def turn(self) -> bool:
        """Wake what is due and work on it until nothing is left; False when there was nothing."""
        due = self.sweep()
        keys, self.bells = [*self.bells, *due.stages], []
        letters, self.letters = [*self.letters, *due.deliveries], []
        work = self.claim(*keys) if keys else []
        outgoing = self.do(self.claims().deliveries, letters)[0] if letters else []
        while work:
            settled = self.settle(*[self.decide(item) for item in work])
            work = [following for each in settled for following in each.claimed]
            self.bells += [key for each in settled for key in each.rung]
            outgoing += [each.delivery for each in settled if each.delivery]
        for item in outgoing:
            self.send(item)
        return bool(keys or outgoing)

    def send(self, item: Outgoing) -> None:
        """Make one attempt of a claimed delivery."""
        self.do(settle_deliveries, self.loop.run_until_complete(self.sender.attempt(item)))

    def run_dry(self, seconds: float = 86_400.0) -> None:
        """Work, and move the clock to what is due next, until nothing waits or the time is up."""
        end = self.clock.now + seconds
        while self.clock.now <= end:
            while self.turn():
                pass
            coming = self.next_wake()
            if coming is None or coming > end:
                return
            self.clock.now = max(coming, self.clock.now)

    def next_wake(self) -> float | None:
        """When the next row wants to be woken."""
        times = [self.value(select(func.min(each.c.wake_at))) for each in (tables.stage, tables.delivery)]
        return min((at for at in times if at is not None), default=None)

    def rows(self, table: Table, *where: Any, order: Any = None) -> Sequence[Any]:
        query = select(table).where(*where)
        with self.db.read() as connection:
            return connection.execute(query.order_by(order) if order is not None else query).all()

    def value(self, query: Any) -> Any:
        with self.db.read() as connection:
            return connection.scalar(query)

    def run(self, run_id: str) -> Any:
        return self.rows(tables.run, tables.run.c.id == run_id)[0]

    def stages(self, run_id: str) -> dict[int, Any]:
        found = self.rows(tables.stage, tables.stage.c.run_id == run_id)
        return {row.number: row for row in found}

    def steps(self, run_id: str) -> dict[str, Any]:
        found = self.rows(tables.step, tables.step.c.run_id == run_id)
        return {row.node_id: row for row in found}

    def attempts(self, run_id: str) -> Sequence[Any]:
        each = tables.attempt.c
        return self.rows(tables.attempt, each.run_id == run_id, order=each.number)

    def deliveries(self, run_id: str) -> Sequence[Any]:
        return self.rows(tables.delivery, tables.delivery.c.run_id == run_id)

    def tries(self, delivery_id: str) -> Sequence[Any]:
        each = tables.delivery_attempt.c
        return self.rows(tables.delivery_attempt, each.delivery_id == delivery_id, order=each.number)
