"""Files that somebody brings: graphs and pictures open, everything else is refused with node and field."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from app.assets.imaging.embed import pack, put_in
from app.workflows.opening import FileRefusedError, open_file

EXAMPLE = Path(__file__).parents[2] / "examples" / "product-image.json"
GRAPH = json.loads(EXAMPLE.read_text("utf-8"))


def _png(recipe: object = None, text: bytes | None = None) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, "PNG")
    packed = pack(json.dumps(recipe).encode() if text is None else text)
    return put_in(target.getvalue(), packed or b"") if recipe or text else target.getvalue()


def test_a_graph_file_and_a_picture_give_the_same_graph() -> None:
    """Rule: a file opens as it is written; a picture gives its graph, and what it says beside it."""
    plain = open_file(EXAMPLE.read_bytes())
    assert (plain.document.name, plain.recipe) == ("Product image", None)
    recipe = {"format": "sakuga.recipe/1", "run": "run_1", "graph": GRAPH}
    pictured = open_file(_png(recipe))
    assert pictured.document == plain.document
    assert pictured.recipe == {"format": "sakuga.recipe/1", "run": "run_1"}


def test_every_fault_of_a_graph_is_told_with_its_place() -> None:
    """Rule: all wrong places of a file come at once, with node and field."""
    wrong = json.loads(json.dumps(GRAPH))
    wrong["nodes"][0]["position"] = ["left", 0]
    wrong["nodes"][1]["surprise"] = 1
    with pytest.raises(FileRefusedError) as refused:
        open_file(json.dumps(wrong).encode())
    places = {(fault.node, fault.field) for fault in refused.value.faults}
    assert {node for node, _ in places} == {wrong["nodes"][0]["id"], wrong["nodes"][1]["id"]}
    assert any(field.startswith("position") for _, field in places)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "the file"),
        (b"\xff\xfe\x00", "the file"),
        (b'{"format": "other"}', "format must be"),
        (b"[" * 100_000, "the file"),
        (b'{"a": 1, "a": 2}', "twice"),
        (_png(), "carries no recipe"),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, "carries no recipe"),
        (b"RIFF\x10\x00\x00\x00WEBP", "carries no recipe"),
        (_png(text=b"{"), "The recipe in this picture"),
        (_png({"format": "sakuga.recipe/9"}), "not known here"),
        (_png({"format": "sakuga.recipe/1", "graph": None}), "no graph in it"),
        (_png({"format": "sakuga.recipe/1", "graph": {"format": "sakuga.graph/1"}}), "nodes"),
        (b" " * (33 * 1024 * 1024), "larger than"),
    ],
)
def test_what_is_no_graph_is_refused_with_the_reason(data: bytes, told: str) -> None:
    """Rule: nonsense, bombs and pictures without a recipe are refused in words."""
    with pytest.raises(FileRefusedError) as refused:
        open_file(data)
    assert told in str(refused.value)
