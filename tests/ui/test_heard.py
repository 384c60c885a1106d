"""Sentences of inner layers: those people meet are said in every language, and nothing is ever lost."""

from typing import Any

import pytest

import nodes
from app.engine.gates import span
from app.identity.errors import InvalidError, TakenError
from app.tongues import LANGUAGES
from app.ui.lang.heard import heard, overheard
from app.ui.lang.say import use
from app.workflows import errors
from app.workflows.cron import CronInvalidError, normal
from app.workflows.flat import CellError
from graphs.catalogue import Catalogue, discover
from graphs.check import check
from graphs.document import parse
from graphs.fields import FieldSpec
from graphs.trigger import TriggerContract, TriggerInvalid

OTHERS = [language for language in LANGUAGES if language != "en"]
CATALOGUE = Catalogue(discover(nodes))


def _node(kind: str, name: str, **settings: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "settings": settings, "position": [0, 0]}


def _problems(*graph_nodes: dict[str, Any], links: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """What is wrong with a graph, without the name of the node that the page puts before it."""
    drawn = [{"from": source.split("."), "to": target.split(".")} for source, target in links]
    graph = {"format": "sakuga.graph/1", "name": "t", "nodes": list(graph_nodes), "links": drawn}
    found = check(parse(graph), CATALOGUE)
    assert found
    return [each.message.removeprefix(f"node '{each.node_id}': ") for each in found]


def _wrong_fields() -> list[str]:
    fields = [
        FieldSpec(name="count", type="integer", minimum=1, maximum=4),
        FieldSpec(name="style", type="string", enum=["studio", "noir"]),
        FieldSpec(name="title", type="string", required=True, max_length=5),
        FieldSpec(name="flag", type="boolean"),
    ]
    told = []
    for body in ({"count": 9, "style": "x", "title": "too long", "flag": "no"}, {"count": "many"}):
        with pytest.raises(TriggerInvalid) as caught:
            TriggerContract(fields).read(body)
        told += [each.detail for each in caught.value.errors]
    return told


def _cron(cron: str) -> str:
    with pytest.raises(CronInvalidError) as caught:
        normal(cron)
    return str(caught.value)


SENTENCES = [
    *_problems(
        _node("webhook_input", "in", fields=[{"name": "a", "type": "string"}]),
        _node("webhook_input", "again"),
        _node("generator", "make", width="wide", count=99),
        _node("qc", "qc", on_fail="redo"),
        _node("rate_limiter", "limit", limit=0, burst=1),
        _node("teapot", "pot"),
        _node("prompt_builder", "write", template="{{ no"),
        _node("webhook_delivery", "out"),
        links=(("in.a", "qc.images"), ("in.gone", "out.images")),
    ),
    *_problems(
        _node("delay", "a"), _node("delay", "b"), links=(("a.value", "b.value"), ("b.value", "a.value"))
    ),
    *_wrong_fields(),
    *map(_cron, ("every day", "99 * * * *", "0 0 30 2 *")),
    str(errors.WorkflowUnknownError("a")),
    str(errors.WorkflowUnknownError("a", 3)),
    str(errors.NotPublishedError("a")),
    str(errors.ArchivedError("a")),
    str(errors.SlugTakenError("a")),
    str(errors.WayUnknownError("form")),
    str(TakenError("service", "flux")),
    InvalidError("credential", "must be printable ASCII without blanks").reason,
    str(CellError("must be a whole number, such as 12")),
    *(f"100 per {span(seconds)} for shop" for seconds in (60, 3600, 86400, 90)),
    "input 'prompt' (Prompt) needs a link",
    "The picture failed quality control: sharpness 3 is below 12.",
    "No style preset is called 'cubist'. Allowed: anime, studio.",
]


@pytest.mark.parametrize("language", OTHERS)
def test_what_people_meet_is_said_in_their_language(language: str) -> None:
    """Rule: problems of graphs, wrong fields, refusals and waits have a text in each language."""
    with use(language):
        untold = [sentence for sentence in SENTENCES if overheard(sentence) == sentence]
    assert untold == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_translated_stays_english_and_whole(language: str) -> None:
    """Rule: an unknown sentence is shown as it came, in English, beginning with a capital letter."""
    with use(language):
        assert (
            heard("the flux capacitor of <b>x</b> {name} is dry")
            == "The flux capacitor of <b>x</b> {name} is dry"
        )
        assert heard("") == ""


def test_moments_are_told_in_the_order_of_the_language() -> None:
    """Rule: an instant inside a sentence is written as everywhere else on the page."""
    with use("de"):
        told = heard("Draw: too many requests; the next try is at 2026-11-21T23:04:05.000Z")
        whole = heard("Js: The receiver answered 503. The next try is at 2026-11-21T23:04:05.000Z")
    assert told == "Draw: too many requests; nächster Versuch um 21.11.2026, 23:04:05 UTC"
    assert whole.endswith("503. Nächster Versuch um 21.11.2026, 23:04:05 UTC")
    assert "receiver" not in whole


def test_parts_are_filled_in_whole_and_never_read_as_patterns() -> None:
    """Rule: what people wrote goes into the sentence as it is, braces and all."""
    with use("de"):
        assert (
            heard("there is already a workflow '{slug} (.*)'") == "Es gibt schon einen Workflow „{slug} (.*)“"
        )
        assert (
            heard("settings.window_seconds must be at least 1")
            == "Zeitfenster in Sekunden: muss mindestens 1 sein"
        )
