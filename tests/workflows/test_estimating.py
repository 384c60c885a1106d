"""About what a run takes: by price, by model and by what ran before; and bodies filled field by field."""

import json

from sqlalchemy import insert

import nodes
from app.store.tables import run, step
from app.workflows.estimating import guess
from app.workflows.flat import body_with, values_in
from graphs.catalogue import discover
from graphs.document import parse
from graphs.fields import FieldSpec
from graphs.plan import compile_plan

_RUN = dict.fromkeys(("project_id", "workflow_id", "caller_id", "caller", "trace_id", "request_id"), "x")
_RUN |= {"version": 1, "trigger": "{}", "inputs": "{}", "input_version": "x", "created_at": 1.0}
_STEP = {"position": 0, "status": "succeeded", "attempts": 1, "credits": 0.0}


def _remember(db, run_id, slug, steps):
    with db.write() as connection:
        row = {**_RUN, "id": run_id, "org_id": "org_a", "workflow": slug, "status": "succeeded"}
        connection.execute(insert(run).values(row))
        for node_id, duration, model in steps:
            values = {**_STEP, "run_id": run_id, "node_id": node_id, "duration": duration, "model_id": model}
            connection.execute(insert(step).values(values))


def test_a_model_takes_what_it_took_anywhere_and_the_unknown_is_named(db, graph):
    """Paid nodes go by their model, whatever workflow used it; results at hand cost and take nothing."""
    plan = compile_plan(parse(json.dumps(graph)), discover(nodes))
    inputs = {"product_name": "Lamp", "target_style": "studio", "target_platform": "web"}
    with db.read() as connection:
        fresh = guess(connection, "org_a", "product-image", plan, inputs)
    assert (fresh.credits, fresh.seconds) == (1.0, None)
    assert "Picture" in fresh.untimed
    model = next(node.settings["model"] for node in plan.nodes if node.kind == "generator")
    for place, seconds in enumerate((4.0, 6.0, 50.0)):
        _remember(db, f"run_{place}", "another", [("whatever", seconds, model)])
    _remember(db, "run_9", "product-image", [("qc", 1.0, None), ("export", 2.0, None)])
    with db.read() as connection:
        known = guess(connection, "org_a", "product-image", plan, inputs)
        kept = guess(connection, "org_a", "product-image", plan, inputs, {"generator", "qc"})
        other = guess(connection, "org_b", "product-image", plan, inputs)
    assert known.seconds == 9.0
    assert "Picture" not in known.untimed
    assert (kept.credits, kept.seconds) == (0.0, 2.0)
    assert other.seconds is None


def test_a_body_keeps_its_shape_when_fields_are_filled_in():
    """Values go where each field's source looks; what is cleared goes, what is not of the contract stays."""
    fields = (
        FieldSpec(name="title", type="string", source="product.title"),
        FieldSpec(name="style", type="string"),
    )
    body = {"product": {"title": "Lamp", "sku": 7}, "style": "noir", "extra": True}
    assert values_in(fields, body) == {"title": "Lamp", "style": "noir"}
    changed = body_with(fields, {"title": "Vase"}, body)
    assert changed == {"product": {"title": "Vase", "sku": 7}, "extra": True}
    assert body["style"] == "noir"
