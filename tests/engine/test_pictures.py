"""Pictures of people in a run: found by id in their own organisation, looked at by the generator, traced."""

import hashlib
import json

import pytest
from sqlalchemy import insert

from app.assets.imaging.strip import stripped
from app.engine.own_assets import Shelf
from app.store import pictures, tables
from app.store.pictures import StoredPicture
from app.store.runs import Scope
from tests.support.rig import ORG
from tests.support.service import picture

FACTS = ("sha256", "format", "width", "height", "bytes")


def graph(asset_id, model="procedural/atelier-1"):
    """A picture as a generator's reference, and an export of the picture itself."""
    types = {"in": "webhook_input", "words": "prompt_builder", "pic": "picture", "gen": "generator"}
    types |= {"plain": "generator", "fit": "multi_format_export", "out": "webhook_delivery"}
    settings = {"words": {"template": "a mug"}, "pic": {"asset": asset_id}}
    settings["gen"] = {"model": model, "width": 96, "height": 96, "seed": 4}
    settings["plain"] = settings["gen"]
    links = "words.prompt>gen.prompt words.prompt>plain.prompt pic.image>gen.reference"
    links += " pic.image>fit.images gen.images>out.images"
    return {
        "format": "sakuga.graph/1",
        "nodes": [
            {"id": each, "type": kind, "settings": settings.get(each, {}), "position": [0, 0]}
            for each, kind in types.items()
        ],
        "links": [
            {"from": one.split("."), "to": other.split(".")}
            for one, other in (each.split(">") for each in links.split())
        ],
    }


@pytest.fixture
def studio(rig):
    """Builds a rig over the graph with a picture, brought by its organisation or by another one."""

    def build(org=ORG, **options):
        data = picture("crimson", (120, 80))
        asset_id = f"ast_{hashlib.sha256(stripped(data)).hexdigest()[:32]}"
        r = rig(graph=graph(asset_id, **options))
        stored = r.loop.run_until_complete(r.library.take_in(data))
        facts = {name: getattr(stored, name) for name in FACTS}
        row = StoredPicture(id=asset_id, created_at=r.clock.now, **facts)
        with r.db.write() as connection:
            pictures.put_upload(connection, Scope(org), row, "swatch.png", "somebody")
        return r, asset_id

    return build


def outputs(r, run_id, node):
    found = r.rows(tables.step, tables.step.c.run_id == run_id, tables.step.c.node_id == node)[0]
    return json.loads(found.outputs)


def test_the_generator_goes_by_the_picture(studio):
    """It paints otherwise than without it; the exported photo says of nobody that they made it."""
    r, asset_id = studio()
    run_id = r.start()
    r.run_dry(60)
    assert r.run(run_id).status == "succeeded", r.run(run_id).error
    assert outputs(r, run_id, "pic")["image"]["asset_id"] == asset_id
    with_it, without = (outputs(r, run_id, each)["images"][0]["sha256"] for each in ("gen", "plain"))
    assert with_it != without
    (photo,) = outputs(r, run_id, "fit")["images"]
    data = r.loop.run_until_complete(r.library.get(photo["sha256"], photo["format"]))
    assert (photo["uploaded"], b"algorithmicmedia" in data.lower()) == (True, False)
    with r.db.read() as connection:
        row = pictures.get(connection, Scope(ORG), asset_id)
        found = pictures.appearances(connection, Scope(ORG), asset_id, 10)
    assert (row.source, found) == ("upload", ())


@pytest.mark.parametrize("why", ["deleted", "foreign"])
def test_a_picture_that_is_not_there_fails_for_good(studio, why):
    """One attempt, the code of a missing input, node and field; another organisation's is not there."""
    r, asset_id = studio(org="org_2" if why == "foreign" else ORG)
    if why == "deleted":
        with r.db.write() as connection:
            pictures.remove_upload(connection, ORG, asset_id)
            pictures.remove(connection, ORG, asset_id)
    run_id = r.start()
    r.run_dry(3600)
    run = r.run(run_id)
    error = json.loads(run.error)
    assert (run.status, run.error_code) == ("failed", "node.input_missing")
    assert (error["node_id"], error["invalid_field"], error["attempts"]) == ("pic", "asset", 1)


def test_a_result_used_as_a_picture_stays_what_it_is(studio):
    """What a run made is told as made by its model when a later run starts from it."""
    r, _ = studio()
    run_id = r.start()
    r.run_dry(60)
    (made,) = outputs(r, run_id, "gen")["images"]
    with r.db.read() as connection:
        row = pictures.get(connection, Scope(ORG), made["asset_id"])
    assert row.source == "run"
    found = Shelf(r.db).find(ORG, made["asset_id"])
    assert (found.uploaded, found.ai_model, found.model_id) == (False, False, "procedural/atelier-1")
    with r.db.write() as connection:
        lost = {"sha256": "f" * 64, "kind": "image", "format": "png", "width": 1, "height": 1, "bytes": 1}
        connection.execute(insert(tables.asset).values(org_id=ORG, id="ast_lost", created_at=0, **lost))
    # nobody knows who made this one: it counts as made by a model
    assert Shelf(r.db).find(ORG, "ast_lost").ai_model is True
