"""Who uses which field: counted beside the runs, asked when publishing."""

import json
import time
from typing import Any

import pytest
from sqlalchemy import insert, select

from app import clock
from app.store.database import Database
from app.store.ids import floor_id
from app.store.tables import caller, field_use, run, workflow, workflow_version
from app.workflows.errors import BreakingChangeError
from app.workflows.guard import load
from app.workflows.service import WorkflowService
from app.workflows.usage import Counting, callers_of, pins

Json = dict[str, Any]
SLUG = "w"
HOUR = 3_600.0


class Plant:
    """A workflow with one version, and runs of it as if they had been started."""

    def __init__(self, db: Database, service: WorkflowService, org_id: str, graph: Json) -> None:
        self.db, self.service, self.org_id = db, service, org_id
        service.create(org_id, SLUG, None, graph)
        service.publish(org_id, SLUG)
        with db.read() as connection:
            self.workflow_id = connection.execute(
                select(workflow.c.id).where(workflow.c.slug == SLUG)
            ).scalar_one()
            self.caller_id = connection.execute(select(caller.c.id)).scalars().first() or ""
        self._count = 0

    def runs(
        self, count: int, trigger: Json, *, ago: float = HOUR, version: int = 1, source: str = "api"
    ) -> None:
        with self.db.write() as connection:
            version_id = connection.execute(
                select(workflow_version.c.id).where(
                    workflow_version.c.workflow_id == self.workflow_id, workflow_version.c.number == version
                )
            ).scalar_one()
            rows = [self._row(trigger, ago, version, version_id, source) for _ in range(count)]
            connection.execute(insert(run), rows)

    def _row(self, trigger: Json, ago: float, version: int, version_id: str, source: str) -> Json:
        self._count += 1
        at = clock.now() - ago
        given = {"trigger": json.dumps(trigger), "inputs": "{}", "status": "succeeded", "source": source}
        ids = {"org_id": self.org_id, "project_id": "p", "workflow_id": self.workflow_id, "workflow": SLUG}
        traced = {"trace_id": "t", "request_id": "r", "input_version": "1", "created_at": at}
        mine = {
            "id": floor_id("run", at)[:-8] + f"{self._count:08d}",
            "version": version,
            "version_id": version_id,
        }
        return {**given, **ids, **traced, **mine, "caller_id": self.caller_id, "caller": "default"}

    def known(self) -> dict[str, list[tuple[str, int]]]:
        with self.db.read() as connection:
            found = callers_of(connection, self.workflow_id)
        return {name: [(each.caller, each.runs) for each in uses] for name, uses in found.items()}

    def without(self, name: str) -> None:
        """Take a field away from the draft's trigger."""
        document = json.loads(self.service.draft(self.org_id, SLUG).document)
        for node in document["nodes"]:
            if node["type"] == "webhook_input":
                node["settings"]["fields"] = [
                    each for each in node["settings"]["fields"] if each["name"] != name
                ]
        document["links"] = [each for each in document["links"] if each["from"] != ["input", name]]
        self.service.save_draft(self.org_id, SLUG, document)


@pytest.fixture
def plant(db: Database, service: WorkflowService, org_id: str, graph: Json) -> Plant:
    return Plant(db, service, org_id, graph)


def test_fields_are_counted_once_however_often_and_by_whomever(plant: Plant) -> None:
    """Rule: every run of a caller counts once, the fields it sent with it; the canvas does not."""
    plant.runs(3, {"product_name": "mug", "target_style": "noir"})
    plant.runs(2, {"product_name": "mug"})
    plant.runs(4, {"product_name": "mug"}, source="canvas")
    expected = {"": [("default", 5)], "product_name": [("default", 5)], "target_style": [("default", 3)]}
    assert plant.known() == expected
    first, second = Counting(plant.db), Counting(plant.db)
    assert first.count() is False
    second.count()
    first.count()
    assert plant.known() == expected
    plant.runs(1, {"target_style": "noir"}, ago=1.0)
    assert plant.known()["target_style"] == [("default", 4)]
    with plant.db.read() as connection:
        assert {row.field for row in connection.execute(select(field_use))} == set(expected)


def test_a_refused_publication_says_whom_it_would_break(plant: Plant) -> None:
    """Rule: the refusal names the callers that sent the field; confirmed, it is published all the same."""
    plant.runs(3, {"product_name": "mug", "target_style": "noir"})
    plant.without("target_style")
    with pytest.raises(BreakingChangeError) as refused:
        plant.service.publish(plant.org_id, SLUG)
    [met] = refused.value.affected
    assert (met.change.field, met.change.kind) == ("target_style", "removed")
    assert [(each.caller, each.runs) for each in met.callers] == [("default", 3)]
    assert clock.now() - met.callers[0].last_at < 2 * HOUR
    compared = plant.service.diff(plant.org_id, SLUG, 1, None)
    assert [each.callers for each in compared.contract if each.change.breaking] == [met.callers]
    assert plant.service.publish(plant.org_id, SLUG, allow_breaking=True).number == 2
    newest, first = plant.service.versions(plant.org_id, SLUG)
    assert load(newest.breaking) == (met,), "the history keeps whom it broke"
    assert first.breaking is None


def test_who_still_starts_an_earlier_version_pins_it(plant: Plant) -> None:
    """Rule: runs of a version that another one replaced were asked for by number."""
    plant.runs(2, {"product_name": "mug"}, ago=HOUR)
    plant.without("target_style")
    plant.service.publish(plant.org_id, SLUG, allow_breaking=True)
    with plant.db.read() as connection:
        assert pins(connection, plant.workflow_id, 2) == {}
    plant.runs(1, {"product_name": "mug"}, ago=-5.0)
    with plant.db.read() as connection:
        assert [each.who for each in pins(connection, plant.workflow_id, 2)[1]] == ["default"]


def test_many_runs_are_counted_in_steps_and_answered_at_once(plant: Plant) -> None:
    """Rule: the answer takes no longer however many runs there are; counting goes by thousands."""
    plant.runs(12_000, {"product_name": "mug"})
    counting = Counting(plant.db)
    assert [counting.count() for _ in range(3)] == [True, True, False]
    begin = time.process_time()
    assert plant.known()[""] == [("default", 12_000)]
    assert time.process_time() - begin < 0.5
