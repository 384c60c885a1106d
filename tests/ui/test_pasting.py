"""Text pasted from elsewhere is taken only as far as a graph file would be."""

import json

import pytest

from app.ui.editor.pasting import readable_piece
from graphs.errors import MalformedDocumentError

PIECE = {"format": "sakuga.graph/1", "nodes": [{"id": "a", "type": "qc", "position": [1, 2]}], "links": []}


def test_a_piece_comes_back_as_it_was() -> None:
    """Rule: what is well formed is taken, unknown node types included."""
    given = {**PIECE, "nodes": [{**PIECE["nodes"][0], "type": "from_the_future", "pinned": True}]}
    assert readable_piece(json.dumps(given).encode())["nodes"][0]["pinned"] is True


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"{broken", "the file"),
        (b"[1]", "JSON object"),
        (b'{"nodes": []}', "format must be"),
        (json.dumps({**PIECE, "nodes": PIECE["nodes"] * 2}).encode(), "the id 'a' is used 2 times"),
        (json.dumps({**PIECE, "__proto__": {"x": 1}}).encode(), "__proto__"),
        (
            json.dumps(
                {**PIECE, "links": [{"from": ["a", "x"], "to": ["a", "y"], "via": [[0, 0]] * 51}]}
            ).encode(),
            "via",
        ),
        (json.dumps({**PIECE, "nodes": [{"id": "<img src=x>", "type": "qc"}]}).encode(), "id"),
        (b'{"format": "sakuga.graph/1", "nodes": [' + b"[" * 5_000, "the file"),
    ],
)
def test_hostile_text_is_refused_with_the_reason(text: bytes, reason: str) -> None:
    """Rule: broken, deep, duplicate and unknown things are named, and nothing is taken."""
    with pytest.raises(MalformedDocumentError, match=reason.replace("(", r"\(")):
        readable_piece(text)
