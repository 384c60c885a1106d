"""A selection becomes a workflow of its own and back again, or is refused with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest

import nodes
from app.ui.editor.folding import FoldError, fold
from app.ui.editor.unfolding import unfold
from graphs.catalogue import Catalogue, discover
from graphs.check import check
from graphs.document import parse

PRODUCT = Path(__file__).parents[2] / "examples" / "product-image.json"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return discover(nodes)


@pytest.fixture
def product() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PRODUCT.read_text())
    return found


def _errors(document: dict[str, Any], catalogue: Catalogue) -> list[str]:
    return [each.message for each in check(parse(document), catalogue) if each.severity == "error"]


def _meaning(document: dict[str, Any]) -> tuple[Any, Any]:
    types = sorted(
        (node["type"], json.dumps(node.get("settings", {}), sort_keys=True)) for node in document["nodes"]
    )
    return types, len(document["links"])


def test_prompt_and_generator_become_a_workflow_and_unfold_again(
    product: dict[str, Any], catalogue: Catalogue
) -> None:
    """Rule: open inputs become fields, pictures come back, both graphs compile, unfolding gives the same."""
    folded = fold(product, ["style", "prompt", "generator", "qc"], catalogue, "draw", "Draw")
    assert _errors(folded.child, catalogue) == []
    assert _errors(folded.parent, catalogue) == []
    call = next(node for node in folded.parent["nodes"] if node["type"] == "subworkflow")
    fields = next(node for node in folded.child["nodes"] if node["type"] == "webhook_input")["settings"][
        "fields"
    ]
    assert [each["name"] for each in fields] == call["settings"]["fields"]
    assert any(each.get("enum") for each in fields), "what the parent's field allows is kept"
    again = unfold(folded.parent, folded.node, folded.child, catalogue)
    assert _errors(again, catalogue) == []
    assert _meaning(again) == _meaning(product)


@pytest.mark.parametrize(
    ("ids", "reason"),
    [
        (["input", "prompt"], "stays here"),
        (["style"], "used outside"),
        (["prompt", "qc"], "lies between"),
        (["generator"], "no field can carry"),
        ([], "nothing is selected"),
    ],
)
def test_what_cannot_be_folded_says_why(
    product: dict[str, Any], catalogue: Catalogue, ids: list[str], reason: str
) -> None:
    """Rule: the trigger stays, prompts and styles cannot travel, and no loop is made."""
    with pytest.raises(FoldError, match=reason):
        fold(product, ids, catalogue, "x", "X")


def test_a_field_with_a_value_of_its_own_is_not_lost_silently(
    product: dict[str, Any], catalogue: Catalogue
) -> None:
    """Rule: unfolding never drops a default that the called workflow would have used."""
    document = {
        **product,
        "nodes": [
            *product["nodes"],
            {"id": "sub", "type": "subworkflow", "settings": {"workflow": "p"}, "position": [0, 0]},
        ],
    }
    with pytest.raises(FoldError, match="value of its own"):
        unfold(document, "sub", product, catalogue)
