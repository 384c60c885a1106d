"""Rules of the source itself (S20): no text of people becomes markup or script."""

import ast
from pathlib import Path

import pytest

from app.ui import theme

SOURCES = sorted(Path(theme.__file__).parent.rglob("*.py"))
FORBIDDEN = {"html", "add_body_html", "markdown", "add_head_html"}


def _calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_markup_is_made_of_text(path: Path) -> None:
    """The parts that take HTML are not used at all."""
    names = {call.func.attr for call in _calls(path) if isinstance(call.func, ast.Attribute)}
    assert not names & FORBIDDEN


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_scripts_are_constants(path: Path) -> None:
    """What runs in the browser is never put together here."""
    for call in _calls(path):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "run_javascript":
            assert isinstance(call.args[0], ast.Constant | ast.Name | ast.Call)
            assert not isinstance(call.args[0], ast.JoinedStr)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_act_asks_who_acts(path: Path) -> None:
    """A module that calls an acting service also asks for permission (S7)."""
    acting = {
        "publish",
        "rollback",
        "archive",
        "create",
        "save_draft",
        "revoke",
        "rotate",
        "cancel",
        "replay",
    }
    acting |= {"resume_gate", "by_hand", "again", "clear_inbox"}
    text = path.read_text()
    used = {node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)}
    if "system" in used and used & acting:
        assert ".require(" in text
