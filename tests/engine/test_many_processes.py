"""Twenty real processes at the same moment: one breaker opens once, one budget is never passed (R9, R11)."""

import json
import os
import pickle
import subprocess
import sys
from collections import Counter

from sqlalchemy import text

from app.store import tables
from tests.engine.test_budget import ONE, offers
from tests.engine.test_gates import BREAKER

PROCESSES = 20
# one process that has the product in memory, and its children, which begin when all are ready
FORKED = """
import os, pickle, random, sys
from app.engine.accept import accept
from app.engine.call_records import Answered, Intent
from app.engine.calls import intend, settled
from app.engine.claim import Claims
from app.engine.control import Cancel, Control
from app.engine.writer import Writer
from app.store.database import Database


def trigger(database, writer, new, count):
    for future in [writer.submit(accept, new) for _ in range(count)]:
        future.result(60)


def spend(database, writer, new, count):
    claims, control = Claims(database.dialect, f"w{os.getpid()}", 60), Control(database.dialect)
    chance = random.Random(os.getpid())
    for _ in range(count):
        run_id = writer.submit(accept, new).result(60).run_id
        claimed = writer.submit(claims.stages, [(run_id, 0)]).result(60)
        if not claimed:
            continue
        key = f"{run_id}:one:1"
        who = (new.org_id, new.caller_id, run_id, 0, claimed[0].fence, "one", 0, key)
        intent = Intent(*who, "painter", "m1", 1.0, keyed=False)
        call = writer.submit(intend, intent).result(60)
        if chance.random() < 0.3:
            writer.submit(settled, Answered(call.id, "failed")).result(60)
            writer.submit(control.cancel, Cancel(run_id, "ann")).result(60)
        else:
            price = chance.randrange(1, 1_000_001) / 1_000_000
            writer.submit(settled, Answered(call.id, "done", price)).result(60)


work, new, count, processes = pickle.load(open(sys.argv[2], "rb"))
gun, ready = os.pipe(), os.pipe()
for _ in range(processes):
    if os.fork() == 0:
        os.close(gun[1])
        database = Database(sys.argv[1])
        writer = Writer(database)
        os.write(ready[1], b"r")
        os.read(gun[0], 1)
        try:
            globals()[work](database, writer, new, count)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
waiting = processes
while waiting:
    waiting -= len(os.read(ready[0], waiting))
os.close(gun[1])
sys.exit(any(os.wait()[1] for _ in range(processes)))
"""


def at_once(r, folder, work, count):
    """Let twenty processes do something, each so often, all at the same time."""
    (folder / "new").write_bytes(pickle.dumps((work, r.shop.new(), count, PROCESSES)))
    url = r.db.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", FORKED, url, str(folder / "new")],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_twenty_processes_open_a_breaker_once(rig, tmp_path):
    """320 triggers at once, 300 allowed: one opening, one alert, one audit entry, 20 held and none lost."""
    r = rig("input.trigger>one.a", gates=BREAKER)
    at_once(r, tmp_path, "trigger", 16)
    assert len(r.rows(tables.run)) == 320
    assert len(r.rows(tables.breaker)) == len(r.rows(tables.alert)) == len(r.rows(tables.audit)) == 1
    waits = [json.loads(row.wait)["reason"] if row.wait else None for row in r.rows(tables.run)]
    assert Counter(waits) == {None: 100, "rate_limited": 200, "breaker_open": 20}


def test_twenty_processes_never_pass_a_budget(rig, tmp_path):
    """Random prices, a third of the calls failing: the database itself refuses a commit over the limit, and
    at the end the account is what the calls cost."""
    r = rig("input.trigger>one.a", paid="one", gates={"cost_monitor": {"daily_credits": 30}})
    offers(r, 1)
    with r.db.write() as connection:
        connection.execute(text(GUARDS[r.db.dialect]))
    try:
        at_once(r, tmp_path, "spend", 5)
    finally:
        if r.db.dialect == "postgresql":
            with r.db.write() as connection:
                connection.execute(text("ALTER TABLE spend DROP CONSTRAINT within"))
    (account,) = r.rows(tables.spend)
    charged = sum(row.charged for row in r.rows(tables.call))
    held = sum(row.amount for row in r.rows(tables.reservation) if row.day)
    assert (account.spent, account.reserved) == (charged, held)
    assert account.spent + account.reserved <= 30 * ONE
    assert charged > 15 * ONE
    waits = Counter(json.loads(row.wait)["reason"] for row in r.rows(tables.run) if row.wait)
    assert set(waits) == {"budget"}


GUARDS = {
    "sqlite": "CREATE TRIGGER within AFTER UPDATE ON spend WHEN NEW.ceiling IS NOT NULL"
    " AND NEW.spent + NEW.reserved > NEW.ceiling BEGIN SELECT RAISE(ABORT, 'over the limit'); END",
    "postgresql": "ALTER TABLE spend ADD CONSTRAINT within CHECK (spent + reserved <= ceiling)",
}
