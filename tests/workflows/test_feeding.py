"""Rows of a file on both databases: each becomes one run, whoever serves it and whoever dies (S1)."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.engine.records import IdempotencyMismatchError
from app.store import batches as rows
from app.store import tables
from app.store.database import Database
from app.workflows.batches import Batches, Upload
from app.workflows.errors import WayUnknownError
from app.workflows.feeding import PORTION, Feeding
from app.workflows.results import results_file
from tests.support.rig import Clock
from tests.workflows.test_schedules import Shop

SLUG = "product-image"


class Mill(Shop):
    """A shop that takes files."""

    def __init__(self, database: Database, clock: Clock, folder: Any) -> None:
        super().__init__(database, clock, folder)
        self.batches = Batches(database, self.workflows, None, self.schedules._callback)  # type: ignore[arg-type]

    def send(self, count: int, key: str | None = None, **options: Any) -> Any:
        raw = b"product_name\n" + b"".join(b"Chair %d\n" % each for each in range(count))
        upload = Upload(raw, "chairs.csv", key=key, **options)
        checked = self.batches.check(self.who.org_id, SLUG, upload)
        return self.batches.accept(self.who, SLUG, upload, checked)

    def feed(self, submit: Any = None) -> list[Any]:
        return list(Feeding(self.db)(submit or self.submit).stages)

    def names(self) -> list[str]:
        return [json.loads(each.trigger)["product_name"] for each in self.runs()]

    def pending(self, batch_id: str) -> int:
        return int(self.batches.get(self.who.scope, batch_id).pending)

    def end(self, status: str, *names: str) -> None:
        with self.db.write() as connection:
            wanted = [f'{{"product_name":"{name}"}}' for name in names]
            change = update(tables.run).where(tables.run.c.trigger.in_(wanted))
            connection.execute(change.values(status=status, finished_at=self.clock.now))


@pytest.fixture
def mill(database: Database, clock: Clock, tmp_path: Any) -> Mill:
    return Mill(database, clock, tmp_path)


def test_every_row_becomes_one_run_in_order(mill: Mill) -> None:
    """In portions, so that nobody waits behind a large file; the runs know their file."""
    batch = mill.send(PORTION * 6 + 7, callback_url="http://sakuga.test/v1/inbox/rows")
    assert (batch.rows, batch.pending, mill.due()) == (607, 607, True)
    assert len(mill.feed()) == PORTION * 5
    mill.feed()
    assert (mill.pending(batch.id), mill.due()) == (0, False)
    assert mill.names() == [f"Chair {each}" for each in range(607)]
    run = mill.runs()[0]
    assert (run.source, run.batch_id, run.callback_status) == ("csv", batch.id, "pending")
    with mill.db.read() as connection:
        assert rows.counts(connection, batch.id) == {"queued": 607}
        (line,) = rows.lines(connection, batch.id, after=606)
    assert (line.number, line.status) == (607, "queued")


def test_many_workers_make_no_second_run(mill: Mill) -> None:
    """Whoever comes second stores nothing."""
    batch = mill.send(30)
    gate = threading.Barrier(3)

    def work() -> None:
        feeding = Feeding(mill.db)
        gate.wait(10)
        feeding(mill.submit)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(mill.runs()), mill.pending(batch.id)) == (30, 0)


def test_a_worker_that_dies_between_portions_loses_nothing(mill: Mill) -> None:
    """The next one goes on where the last commit was."""
    batch = mill.send(PORTION * 2)
    calls: list[int] = []

    def dying(operation: Callable[..., Any], item: Any) -> "Future[Any]":
        calls.append(1)
        if len(calls) == 1:
            return mill.submit(operation, item)
        with mill.db.write() as connection:
            operation(connection, [item])
            raise SystemExit

    with pytest.raises(SystemExit):
        mill.feed(dying)
    assert (len(mill.runs()), mill.pending(batch.id)) == (PORTION, PORTION)
    mill.feed()
    assert mill.names() == [f"Chair {each}" for each in range(PORTION * 2)]


def test_a_file_that_comes_again_is_the_same_file(mill: Mill) -> None:
    """With the same key; another file under that key is refused, and without a key it is a new one."""
    first = mill.send(3, key="upload-1")
    assert mill.send(3, key="upload-1").id == first.id
    with pytest.raises(IdempotencyMismatchError):
        mill.send(4, key="upload-1")
    assert mill.send(3).id != first.id


def test_rows_run_the_version_they_were_checked_against(mill: Mill) -> None:
    """Also when another one is published before their turn."""
    batch = mill.send(1)
    document = mill.workflows.draft(mill.who.org_id, SLUG).document
    mill.workflows.save_draft(mill.who.org_id, SLUG, document.replace('"Product"', '"Goods"'))
    mill.workflows.publish(mill.who.org_id, SLUG)
    mill.feed()
    assert [each.version for each in mill.runs()] == [batch.version]


def test_a_file_that_cannot_go_on_says_why(mill: Mill) -> None:
    """Its workflow was archived meanwhile."""
    batch = mill.send(2)
    mill.workflows.archive(mill.who.org_id, SLUG)
    assert mill.feed() == []
    after = mill.batches.get(mill.who.scope, batch.id)
    assert (after.pending, mill.due()) == (0, False)
    assert "archived" in str(after.error)


def test_failed_rows_run_again_and_others_do_not(mill: Mill) -> None:
    """In their old place of the file; what succeeded or still runs stays."""
    batch = mill.send(4)
    mill.feed()
    mill.end("failed", "Chair 1")
    mill.end("succeeded", "Chair 2")
    assert mill.batches.retry(mill.who, batch.id) == 1
    mill.feed()
    assert sorted(mill.names()) == ["Chair 0", "Chair 1", "Chair 1", "Chair 2", "Chair 3"]
    with mill.db.read() as connection:
        assert rows.counts(connection, batch.id) == {"queued": 3, "succeeded": 1}
        acts = connection.scalar(
            select(func.count()).where(
                tables.audit.c.object == batch.id, tables.audit.c.action == "batch.retry"
            )
        )
    assert acts == 1


def test_a_portion_read_before_a_retry_makes_nothing_twice(mill: Mill) -> None:
    """Although the file has as many rows left as then."""
    batch = mill.send(2)
    kept: list[Any] = []

    def late(operation: Callable[..., Any], item: Any) -> "Future[Any]":
        kept.append((operation, item))
        future: Future[Any] = Future()
        future.set_result([])
        return future

    mill.feed(late)
    mill.feed()
    mill.end("failed", "Chair 0")
    with mill.db.write() as connection:
        connection.execute(update(tables.batch).values(pending=2))
    mill.submit(*kept[0])
    assert len(mill.runs()) == 2
    assert mill.pending(batch.id) == 2


def test_results_are_a_file_again(mill: Mill) -> None:
    """One line a row with its run and its status; what looks like a formula is text."""
    raw = b"product_name,external_id\n=cmd(),SKU-1\nLamp,\n"
    upload = Upload(raw, "x.csv")
    checked = mill.batches.check(mill.who.org_id, SLUG, upload)
    batch = mill.batches.accept(mill.who, SLUG, upload, checked)
    mill.feed()
    text = b"".join(results_file(mill.db, batch)).decode("utf-8-sig")
    head, first, second = text.strip().split("\r\n")
    known = "row,product_name,external_id,job_id,status,error_code,error,asset_urls"
    assert head == f"{known},verdict,verdict_note,decided_by,decided_at"
    assert first.startswith("1,'=cmd(),SKU-1,run_")
    assert second.endswith(",queued,,,,,,,")


def test_another_organisation_sees_no_file(mill: Mill) -> None:
    """Nor does another caller."""
    batch = mill.send(1)
    for scope in (rows.Scope("org_other"), rows.Scope(mill.who.org_id, "cal_other")):
        with pytest.raises(WayUnknownError):
            mill.batches.get(scope, batch.id)
        with mill.db.read() as connection:
            assert rows.list_page(connection, scope).items == ()


def test_rows_that_the_budget_refuses_fail_and_hold_nobody_up(mill: Mill) -> None:
    """Nobody is there to hear a 402: such a row has a failed run that says why, and others are served."""
    document = json.loads(mill.workflows.draft(mill.who.org_id, SLUG).document)
    settings = {"daily_credits": 2, "when_exhausted": "refuse"}
    document["nodes"].append({"id": "money", "type": "cost_monitor", "settings": settings})
    document["links"].append({"from": ["input", "trigger"], "to": ["money", "trigger"]})
    mill.workflows.save_draft(mill.who.org_id, SLUG, document)
    mill.workflows.publish(mill.who.org_id, SLUG)
    batch = mill.send(4, callback_url="http://sakuga.test/v1/inbox/rows")
    assert len(mill.feed()) == 2
    assert (mill.pending(batch.id), mill.due()) == (0, False)
    with mill.db.read() as connection:
        found = [(line.status, line.error_code) for line in rows.lines(connection, batch.id)]
        told = connection.scalar(select(func.count()).select_from(tables.delivery))
    assert found == [("queued", None)] * 2 + [("failed", "trigger.budget_exhausted")] * 2
    assert told == 2
