"""Apps without a browser: arranged fields, fixed values, one run for each ticket, whose runs are whose."""

import asyncio
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from app.engine.records import NewRun, Started
from app.identity.roles import Identity
from app.store import apps as rows
from app.store import callers
from app.store.database import Database
from app.workflows.apps import AppField, Apps, AppWanted, arranged, fields_of, fixed
from app.workflows.errors import InvalidFieldsError, NotPublishedError, WayUnknownError, WorkflowUnknownError
from app.workflows.service import WorkflowService
from graphs.trigger import TriggerInvalid


class Recorder:
    """An engine that keeps what it is asked to start; the same key gives the same run."""

    def __init__(self) -> None:
        self.runs: list[NewRun] = []
        self._known: dict[object, str] = {}

    def start(self, new: NewRun) -> "Future[Started]":
        self.runs.append(new)
        name = self._known.setdefault(new.idempotency, f"run_{len(self._known)}")
        done: Future[Started] = Future()
        done.set_result(Started(name, b"{}", replayed=False))
        return done


def identity(db: Database, org_id: str) -> Identity:
    with db.read() as connection:
        owner = callers.list_all(connection, org_id)[0]
    return Identity(org_id, owner.id, owner.name, "key_1", "owner", "")


@pytest.fixture
def apps(db: Database, service: WorkflowService, org_id: str, graph: dict[str, Any]) -> Apps:
    service.create(org_id, "shop", "Shop", graph)
    service.publish(org_id, "shop")
    return Apps(db, service, Recorder())  # type: ignore[arg-type]


WANTED = AppWanted(
    title=" Pictures ",
    fields=(
        AppField("target_style", label="Look"),
        AppField("gone_since"),
        AppField("product_category", hidden=True, value="kitchen"),
        AppField("product_name", help="What is it?"),
    ),
)


def test_fields_stand_as_they_were_arranged_and_new_ones_follow(
    apps: Apps, db: Database, org_id: str
) -> None:
    """Rule: the app's order, then what the trigger has beside; what the trigger lost is passed over."""
    row = apps.put(identity(db, org_id), "shop", WANTED)
    assert (row.title, row.enabled, row.slug) == ("Pictures", True, "shop")
    found, published = apps.usable(org_id, "shop")
    shown = arranged(published.trigger.fields, fields_of(found))
    assert [each.spec.name for each in shown] == [
        "target_style",
        "product_category",
        "product_name",
        "product_id",
        "target_platform",
    ]
    assert shown[0].how.label == "Look"
    assert fixed(published, found) == {"product_category": "kitchen"}
    assert [each.slug for each in apps.list(org_id)] == ["shop"]


def test_what_is_sent_holds_the_fixed_values_and_is_remembered(apps: Apps, db: Database, org_id: str) -> None:
    """Rule: hidden values win over what a page sends, wrong fields are named, runs belong to their key."""
    who = identity(db, org_id)
    row = apps.put(who, "shop", WANTED)
    with pytest.raises(TriggerInvalid) as refused:
        asyncio.run(apps.submit(who, "shop", {"target_style": "cubist"}, "t1"))
    assert {each.field for each in refused.value.errors} == {"product_name", "target_style"}
    texts = {"product_name": "A lamp", "product_category": "weapons"}
    started = asyncio.run(apps.submit(who, "shop", texts, "t1"))
    again = asyncio.run(apps.submit(who, "shop", texts, "t1"))
    recorder: Any = apps._engine
    assert recorder.runs[0].inputs["product_category"] == "kitchen"
    assert recorder.runs[0].idempotency == recorder.runs[1].idempotency
    assert started.run_id == again.run_id
    other = replace(who, key_id="key_other")
    asyncio.run(apps.submit(other, "shop", texts, "t1"))
    assert recorder.runs[2].idempotency != recorder.runs[0].idempotency
    with db.read() as connection:
        assert rows.is_mine(connection, started.run_id, who.key_id)
        assert not rows.is_mine(connection, started.run_id, "key_other")
    assert apps.history(who, row) == ()


def test_apps_that_cannot_be_used_say_so(
    apps: Apps, db: Database, service: WorkflowService, org_id: str
) -> None:
    """Rule: unknown, never made, switched off, unpublished and of another organisation are all refused."""
    who = identity(db, org_id)
    with pytest.raises(WayUnknownError):
        apps.usable(org_id, "shop")
    apps.put(who, "shop", replace(WANTED, enabled=False))
    with pytest.raises(WayUnknownError):
        apps.usable(org_id, "shop")
    assert apps.list(org_id) == ()
    with pytest.raises(WorkflowUnknownError):
        apps.usable("org_other", "shop")
    service.create(org_id, "fresh", "Fresh")
    apps.put(who, "fresh", AppWanted())
    with pytest.raises(NotPublishedError):
        apps.usable(org_id, "fresh")
    long = (AppField("a", label="x" * 200), AppField("a"))
    with pytest.raises(InvalidFieldsError) as refused:
        apps.put(who, "shop", AppWanted(fields=long))
    assert [each.field for each in refused.value.errors] == ["fields[0].label", "fields[1].name"]
