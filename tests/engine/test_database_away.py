"""A database that is away for a moment while a node works is not the node's fault."""

import asyncio
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.engine import recipes
from app.engine.recipes import Making, Recipes
from app.providers.contract import Rendered
from tests.support import probes
from tests.support.service import picture

AWAY = OperationalError("SELECT 1", {}, Exception("the database system is starting up"))


def test_a_node_that_finds_the_database_away_is_tried_again(rig):
    """The run waits for its next try and then succeeds; it says that the database did not answer."""
    r = rig()
    r.acts["one"] = probes.failing(AWAY, times=1)
    run_id = r.start()
    r.turn()
    assert r.run(run_id).status == "waiting"
    assert "the database did not answer" in r.run(run_id).wait
    r.clock.now += 60
    r.run_dry()
    assert r.run(run_id).status == "succeeded"


def test_a_question_that_is_wrong_is_not_asked_again(rig):
    """What the database refuses is a fault of the product: it ends the run at once."""
    r = rig()
    r.acts["one"] = probes.failing(ProgrammingError("SELEC 1", {}, Exception("syntax error")))
    run_id = r.start()
    r.turn()
    assert (r.run(run_id).status, r.run(run_id).error_code) == ("failed", "run.internal")


@pytest.mark.parametrize("failures", [2, 100])
def test_a_picture_is_not_lost_for_its_recipe(monkeypatch, failures):
    """Made and perhaps paid: asked a few times what to write into it, else the picture goes out as it is."""
    monkeypatch.setattr(recipes, "_PAUSES", (0, 0, 0, 0))
    left, asked = iter(range(failures)), []

    def read(version_id):
        asked.append(version_id)
        if next(left, None) is not None:
            raise AWAY
        return recipes._Version("off", None)

    writer = Recipes(SimpleNamespace(), SimpleNamespace())
    monkeypatch.setattr(writer, "_read", read)
    made = Rendered(picture(), seed=1)
    making = Making("ver_1", SimpleNamespace(), SimpleNamespace(), "m")
    assert asyncio.run(writer.into(made, making)) == made.data
    assert len(asked) == min(failures + 1, 4)
