"""Schedules on both databases: each due time once, whoever serves it and whatever the clock does (S1)."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

import nodes
from app.delivery.callbacks import CallbackRule
from app.egress.policy import EgressPolicy
from app.engine.feed import Rung
from app.engine.sweep import anything_due
from app.identity.bootstrap import ensure
from app.identity.keys import Keys
from app.identity.roles import Identity
from app.identity.vault import Vault
from app.serve.bootstrap import load_examples
from app.settings import Settings
from app.store import tables
from app.store.database import Database
from app.workflows.errors import InvalidFieldsError, WayUnknownError
from app.workflows.firing import Firing
from app.workflows.schedules import Schedules, Wanted
from app.workflows.service import WorkflowService
from graphs.catalogue import discover
from tests.support.rig import Clock

NINE = 1_767_258_000.0  # 2026-01-01T09:00:00Z
HOUR = 3600.0
HOURLY = Wanted("product-image", "0 * * * *", payload={"product_name": "Oak chair"})
KEY = "owner-key-0123456789abcdef"


class Shop:
    """A system without processes, whose workers sweep when they are told to."""

    def __init__(self, database: Database, clock: Clock, folder: Any) -> None:
        settings = Settings(data_dir=folder, secret_key="a secret key for tests only", bootstrap_key=KEY)
        ensure(database, settings, Vault(settings.secret_key_resolved))
        self.db, self.clock = database, clock
        self.workflows = WorkflowService(database, discover(nodes))
        found = Keys(database).authenticate(KEY)
        assert found is not None
        self.who: Identity = found
        load_examples(self.workflows, found.org_id)
        rule = CallbackRule(EgressPolicy.of(()), "http://sakuga.test")
        self.schedules = Schedules(database, self.workflows, None, rule)  # type: ignore[arg-type]
        clock.now = NINE + 1

    def submit(self, operation: Callable[..., Any], item: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        with self.db.write() as connection:
            result = operation(connection, [item])[0]
        future.set_result(result)
        return future

    def sweep(self) -> Rung:
        return Firing(self.db)(self.submit)

    def to(self, at: float) -> None:
        self.clock.now = at

    def runs(self) -> list[Any]:
        with self.db.read() as connection:
            return list(connection.execute(select(tables.run).order_by(tables.run.c.id)))

    def row(self, schedule_id: str) -> Any:
        return self.schedules.get(self.who.org_id, schedule_id)

    def due(self) -> bool:
        with self.db.read() as connection:
            return anything_due(connection)


@pytest.fixture
def shop(database: Database, clock: Clock, tmp_path: Any) -> Shop:
    return Shop(database, clock, tmp_path)


def test_a_schedule_runs_at_its_time_and_not_before(shop: Shop) -> None:
    """The run names the schedule, the caller and the payload; nothing is due until the next time."""
    made = shop.schedules.create(shop.who, HOURLY)
    assert (made.next_at, made.name, made.enabled) == (NINE + HOUR, "At the start of every hour", True)
    assert not shop.due()
    shop.to(NINE + HOUR - 0.01)
    assert shop.sweep() == Rung([], [])
    shop.to(NINE + HOUR + 0.2)
    assert shop.due()
    (key,) = shop.sweep().stages
    (run,) = shop.runs()
    assert (run.id, run.source, run.schedule_id, run.caller) == (key[0], "schedule", made.id, "default")
    assert json.loads(run.trigger) == {"product_name": "Oak chair"}
    after = shop.row(made.id)
    assert (after.last_at, after.next_at, after.last_run_id) == (NINE + HOUR, NINE + 2 * HOUR, run.id)
    assert shop.sweep() == Rung([], [])


def test_many_workers_serve_a_due_time_once(shop: Shop) -> None:
    """All read it as due, one of them stores the run."""
    made = [shop.schedules.create(shop.who, replace(HOURLY, name=str(each))) for each in range(3)]
    shop.to(NINE + HOUR + 1)
    gate = threading.Barrier(4)

    def work() -> None:
        firing = Firing(shop.db)
        gate.wait(10)
        firing(shop.submit)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(run.schedule_id for run in shop.runs()) == sorted(each.id for each in made)


def test_a_worker_that_dies_before_the_commit_leaves_it_due(shop: Shop) -> None:
    """And one that dies after it leaves a run that rings by itself."""
    shop.schedules.create(shop.who, HOURLY)
    shop.to(NINE + HOUR)

    def dying(operation: Callable[..., Any], item: Any) -> "Future[Any]":
        with shop.db.write() as connection:
            operation(connection, [item])
            raise SystemExit

    with pytest.raises(SystemExit):
        Firing(shop.db)(dying)
    assert (shop.runs(), shop.due()) == ([], True)
    shop.sweep()
    assert len(shop.runs()) == 1


@pytest.mark.parametrize(("missed", "count"), [("skip", 0), ("once", 1), ("all", 5)])
def test_times_that_nobody_served(shop: Shop, missed: str, count: int) -> None:
    """After five hours of standstill they pass, come once, or come all."""
    made = shop.schedules.create(shop.who, replace(HOURLY, missed=missed))
    shop.to(NINE + 5 * HOUR + 90)
    shop.sweep()
    assert len(shop.runs()) == count
    assert shop.row(made.id).next_at == NINE + 6 * HOUR


def test_a_clock_set_back_serves_nothing_again(shop: Shop) -> None:
    """Neither by itself nor when the schedule is saved anew, paused and resumed, or changed meanwhile."""
    made = shop.schedules.create(shop.who, HOURLY)
    for hour in (1, 2):
        shop.to(NINE + hour * HOUR)
        shop.sweep()
    shop.to(NINE + 5)
    shop.sweep()
    shop.schedules.switch(shop.who, made.id, enabled=False)
    shop.schedules.switch(shop.who, made.id, enabled=True)
    changed = shop.schedules.replace(shop.who, made.id, replace(HOURLY, cron="*/30 * * * *"))
    assert changed.next_at == NINE + 2.5 * HOUR
    shop.to(NINE + 2 * HOUR + 1)
    shop.sweep()
    assert len(shop.runs()) == 2


def test_a_changed_schedule_is_not_served_as_it_was(shop: Shop) -> None:
    """What was read before the change stores nothing."""
    made = shop.schedules.create(shop.who, HOURLY)
    shop.to(NINE + HOUR + 1)
    asked: list[Any] = []

    def later(operation: Callable[..., Any], item: Any) -> "Future[Any]":
        asked.append(item)
        shop.clock.now += 1
        shop.schedules.switch(shop.who, made.id, enabled=False)
        return shop.submit(operation, item)

    assert Firing(shop.db)(later) == Rung([], [])
    assert asked
    assert shop.runs() == []


def test_a_payload_that_no_longer_fits_is_a_failed_run_and_one_alert(shop: Shop) -> None:
    """The schedule shows why, goes on, and is clean again as soon as a run starts."""
    made = shop.schedules.create(shop.who, HOURLY)
    draft = json.loads(shop.workflows.draft(shop.who.org_id, "product-image").document)
    field = draft["nodes"][0]["settings"]["fields"][0]
    shop.workflows.save_draft(shop.who.org_id, "product-image", _with(draft, field | {"required": True}))
    shop.workflows.publish(shop.who.org_id, "product-image", allow_breaking=True)
    for hour in (1, 2):
        shop.to(NINE + hour * HOUR)
        shop.sweep()
    first, second = shop.runs()
    assert {first.status, second.status} == {"failed"}
    assert (first.error_code, first.schedule_id) == ("trigger.missing_field", made.id)
    assert json.loads(first.error)["invalid_field"] == "product_id"
    assert "product_id is required" in str(shop.row(made.id).error)
    with shop.db.read() as connection:
        (alert,) = connection.execute(select(tables.alert)).all()
    assert (alert.code, alert.subject) == ("schedule_failed", "product-image / At the start of every hour")
    shop.workflows.rollback(shop.who.org_id, "product-image")
    shop.to(NINE + 3 * HOUR)
    shop.sweep()
    assert (len(shop.runs()), shop.row(made.id).error) == (3, None)


def _with(draft: dict[str, Any], field: dict[str, Any]) -> dict[str, Any]:
    draft["nodes"][0]["settings"]["fields"][0] = field
    return draft


def test_an_archived_workflow_ends_its_schedules(shop: Shop) -> None:
    """One failed run says so, and the schedule is switched off."""
    made = shop.schedules.create(shop.who, HOURLY)
    shop.workflows.archive(shop.who.org_id, "product-image")
    shop.to(NINE + HOUR)
    shop.sweep()
    (run,) = shop.runs()
    after = shop.row(made.id)
    assert (run.error_code, after.enabled, after.next_at) == ("trigger.workflow_archived", False, None)
    assert "archived" in str(after.error)


def test_every_wrong_field_is_named_at_once(shop: Shop) -> None:
    """With what would be right, payload fields included; nothing is stored."""
    wanted = Wanted(
        "product-image",
        "0 25 * * *",
        time_zone="Berlin",
        missed="maybe",
        payload={"target_style": "nior", "colour": 1, "callback_url": "https://example.com"},
        caller="nobody",
        callback_url="http://127.0.0.1/x",
    )
    with pytest.raises(InvalidFieldsError) as refused:
        shop.schedules.create(shop.who, wanted)
    fields = [error.field for error in refused.value.errors]
    assert {"cron", "time_zone", "missed", "caller", "callback_url", "payload.product_name"} <= set(fields)
    assert {"payload.target_style", "payload.callback_url"} <= set(fields)
    assert shop.schedules.page(shop.who.org_id).items == ()
    with pytest.raises(InvalidFieldsError, match="no workflow"):
        shop.schedules.create(shop.who, replace(HOURLY, workflow="nothing"))


def test_changes_are_audited_and_deleted_ones_are_gone(shop: Shop) -> None:
    """Who made, switched and deleted it stays on record; another organisation sees none of it."""
    made = shop.schedules.create(shop.who, HOURLY, "req_1")
    shop.schedules.switch(shop.who, made.id, enabled=False)
    with pytest.raises(WayUnknownError):
        shop.schedules.get("org_other", made.id)
    shop.schedules.delete(shop.who, made.id)
    with pytest.raises(WayUnknownError):
        shop.schedules.delete(shop.who, made.id)
    with shop.db.read() as connection:
        found = connection.execute(select(tables.audit).where(tables.audit.c.object == made.id)).all()
    actions = sorted(row.action for row in found)
    assert actions == ["schedule.create", "schedule.delete", "schedule.disable"]


def test_finding_nothing_due_reads_two_empty_indexes(sqlite: Database) -> None:
    """The question asked four times a second looks through no table of schedules or files."""
    with sqlite.read() as connection:
        for question in (
            "SELECT 1 FROM schedule WHERE next_at <= 5",
            "SELECT 1 FROM batch WHERE pending > 0",
        ):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}").all()
            assert "ix_" in str(plan)
