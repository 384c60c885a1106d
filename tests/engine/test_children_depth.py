"""How far workflows may call each other."""

import json

from app.store import tables
from tests.engine.test_children import calling, child


def test_no_workflow_calls_itself_over_others(rig):
    """What the check could not see when it was published is refused when it runs, in words."""
    r = rig(graph=calling("a"))
    r.publish("a", calling("b"))
    r.publish("b", calling("a"))
    run_id = r.start(inputs={"name": "x"})
    r.run_dry()
    told = json.loads(r.run(run_id).error)
    assert told["error_code"] == "graph.cycle"
    assert "a → b → a" in told["error_description"]
    assert (
        r.value(tables.run.select().with_only_columns(tables.run.c.id).where(tables.run.c.depth > 2)) is None
    )


def test_calls_end_five_levels_deep(rig):
    """The sixth level is refused before it starts."""
    r = rig(graph=calling("l1"))
    for level in range(1, 7):
        r.publish(f"l{level}", calling(f"l{level + 1}") if level < 6 else child())
    run_id = r.start(inputs={"name": "x"})
    r.run_dry()
    assert r.run(run_id).error_code == "graph.too_large"
    assert max(row.depth for row in r.rows(tables.run)) == 5


def test_an_unknown_workflow_is_named(rig):
    """A workflow that is gone when it is called ends the step with a reason."""
    r = rig(graph=calling("nowhere"))
    run_id = r.start(inputs={"name": "x"})
    r.run_dry()
    assert r.run(run_id).error_code == "trigger.workflow_not_found"
