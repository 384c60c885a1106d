"""Workers as processes of their own: told to stop, or killed (engine notes §5, R18)."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.engine.records import NewRun
from app.serve import embedded
from app.serve.bootstrap import prepare
from app.settings import load_settings
from app.store.tables import caller, delivery, organisation, project, run, stage
from app.wiring import build_web
from tests.support.plant import until
from tests.support.receiver import Receiver

ROOT = Path(__file__).parents[2]
TRIGGER = {"product_id": "SKU-1", "product_name": "Amber bottle"}


class Installation:
    """The product's own start-up in a folder: database, broker, worker processes, and a web side here."""

    def __init__(self, folder, receiver):
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SAKUGA_")},
            "SAKUGA_DATA_DIR": str(folder),
            "SAKUGA_SECRET_KEY": "k" * 40,
            "SAKUGA_EGRESS_ALLOW": receiver.address,
            "SAKUGA_RETRY_DELAYS": "0.5,1,2",
            "SAKUGA_LEASE_SECONDS": "2",
            "REDIS_URL": embedded.url_of(folder),
            "PYTHONPATH": str(ROOT),
        }
        self.broker = embedded.start_or_attach(folder)
        settings = load_settings(self.environ)
        prepare(settings)
        self.system = build_web(settings)
        self.workers = []
        with self.system.db.read() as connection:
            ids = [connection.scalar(select(table.c.id)) for table in (organisation, project, caller)]
        published = self.system.workflows.published(ids[0], "product-image")
        inputs = published.trigger.read(TRIGGER).values
        workflow, version_id = published.workflow, published.version_id
        self.new = NewRun(
            *(ids[0], ids[1], workflow.id, "product-image", 1, version_id, published.plan, ids[2]),
            *("default", "api", TRIGGER, inputs, "trace", "request"),
            callback_url=receiver.url,
        )

    def hire(self):
        self.workers.append(
            subprocess.Popen([sys.executable, "-m", "app.serve.worker"], env=self.environ, cwd=ROOT)
        )
        return self.workers[-1]

    def start(self, count):
        return [
            future.result(20).run_id for future in [self.system.engine.start(self.new) for _ in range(count)]
        ]

    def count(self, *where):
        with self.system.db.read() as connection:
            return connection.scalar(select(func.count()).select_from(run).where(*where))

    def working(self):
        with self.system.db.read() as connection:
            return connection.scalar(
                select(func.count()).select_from(stage).where(stage.c.state == "running")
            )

    def close(self):
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.system.engine.close()
        self.broker.stop()


@pytest.fixture
def installation(tmp_path):
    with Receiver() as receiver:
        made = Installation(tmp_path, receiver)
        made.receiver = receiver
        yield made
        made.close()


def test_a_terminated_worker_hands_over_and_a_killed_one_is_replaced(installation):
    """SIGTERM ends within 10 s and gives work back; kill -9 is noticed; every run ends, told exactly once."""
    here = installation
    first = here.hire()
    ids = here.start(3)
    until(here.working, 30)
    first.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert first.wait(45) == 0
    assert time.monotonic() - begun < 10
    assert here.working() == 0
    second = here.hire()
    ids += here.start(3)
    until(here.working, 30)
    second.kill()
    second.wait()
    here.hire()
    until(lambda: here.count(run.c.callback_status == "delivered") == 6, 60)
    assert here.count(run.c.status == "succeeded") == 6
    told = {json.loads(got.body)["job_id"]: got.headers["webhook-id"] for got in here.receiver.got}
    assert sorted(told) == sorted(ids)
    assert len({got.headers["webhook-id"] for got in here.receiver.got}) == 6
    with here.system.db.read() as connection:
        assert connection.scalar(select(func.count()).select_from(delivery)) == 6
