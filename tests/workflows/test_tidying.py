"""Drafts as they were run are not kept for ever: the newest, the young and the ones in use stay."""

import json

from sqlalchemy import func, insert, select, update

from app import clock as app_clock
from app.store import drafts
from app.store.tables import (
    batch,
    caller,
    draft_conflict,
    draft_snapshot,
    organisation,
    project,
    run,
    workflow,
)
from app.workflows import tidying
from app.workflows.lost import keep_lost, lost_edits
from app.workflows.tidying import DAY, KEPT_DAYS, Tidying
from graphs.merge import Conflict


def _filled(table, **values):
    row = {
        column.name: 0 if column.type.python_type in {int, float} else ""
        for column in table.columns
        if not column.nullable and column.server_default is None
    }
    return {**row, **values}


def test_old_drafts_that_nothing_needs_are_forgotten(database, monkeypatch):
    """Rule: of old snapshots the newest so many and all that runs or files refer to stay."""
    monkeypatch.setattr(tidying, "KEPT_LATEST", 2)
    now = app_clock.now()
    old = now - (KEPT_DAYS + 1) * DAY
    with database.write() as connection:
        connection.execute(insert(organisation).values(_filled(organisation, id="org", name="o")))
        connection.execute(insert(project).values(_filled(project, id="p", org_id="org", name="p")))
        connection.execute(insert(caller).values(_filled(caller, id="c", org_id="org")))
        for name in ("one", "other"):
            row = _filled(workflow, id=name, org_id="org", project_id="p", slug=name, name=name)
            connection.execute(insert(workflow).values(row))
        ids = [
            drafts.keep_snapshot(connection, "one", graph=json.dumps(i), plan="{}", actor="a")
            for i in range(7)
        ]
        lone = drafts.keep_snapshot(connection, "other", graph="x", plan="{}", actor="a")
        for i, each in enumerate([*ids[:6], lone]):
            age = update(draft_snapshot).where(draft_snapshot.c.id == each)
            connection.execute(age.values(created_at=old + i))
        mine = {"org_id": "org", "workflow_id": "one", "version": 0, "version_id": ids[0]}
        connection.execute(insert(run).values(_filled(run, id="run_1", status="failed", **mine)))
        connection.execute(
            insert(batch).values(
                _filled(batch, id="b", org_id="org", workflow_id="one", caller_id="c", draft_id=ids[1])
            )
        )
    assert Tidying(database).tidy() == 3
    with database.read() as connection:
        left = set(connection.scalars(select(draft_snapshot.c.id)))
    assert left == {ids[0], ids[1], ids[5], ids[6], lone}
    assert Tidying(database).tidy() == 0


def test_a_draft_that_is_run_again_is_young(db, service, org_id):
    """Rule: what is run again stays for its run, however long ago it was run first."""
    mine = service.create(org_id, "again").id
    with db.write() as connection:
        first = drafts.keep_snapshot(connection, mine, graph="{}", plan="{}", actor="a")
        connection.execute(update(draft_snapshot).values(created_at=1.0))
        assert drafts.keep_snapshot(connection, mine, graph="{}", plan="{}", actor="a") == first
        found = connection.scalar(select(draft_snapshot.c.created_at))
    assert found > app_clock.now() - 60


def test_lost_edits_that_nobody_decides_on_are_forgotten(db, service, org_id):
    """Rule: after their time they go, younger ones stay."""
    mine = service.create(org_id, "undecided").id
    keep_lost(db, mine, "key_a", [Conflict("note", "old", "text", "a", "b")], (), "")
    with db.write() as connection:
        connection.execute(update(draft_conflict).values(lost_at=1.0))
    fresh = Conflict("note", "new", "text", "a", "b")
    keep_lost(db, mine, "key_a", [fresh], (), "")
    assert Tidying(db).tidy() == 1
    assert lost_edits(db, mine, "key_a")[0] == (fresh,)
    with db.read() as connection:
        assert connection.scalar(select(func.count()).select_from(draft_conflict)) == 1
