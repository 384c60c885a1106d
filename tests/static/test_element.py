"""The Python side of the canvas, against a real browser."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_status_pushed_from_python_is_merged_and_shown(canvas: Page, server: str) -> None:
    """A burst of updates arrives as one picture of each node; None clears."""
    canvas.request.get(f"{server}/status")
    canvas.wait_for_function("window.__sakuga_view.runs.get('qc')?.ms === 99")
    shown = canvas.evaluate("Object.fromEntries(window.__sakuga_view.runs)")
    assert shown == {"qc": {"state": "succeeded", "note": "first", "ms": 99}}
    canvas.request.get(f"{server}/status?clear=true")
    canvas.wait_for_function("window.__sakuga_view.runs.size === 0")


def test_methods_called_from_python_reach_the_view(canvas: Page, server: str) -> None:
    """Adding, settings, sockets, problems and focus work through the element."""
    before = len(canvas.request.get(f"{server}/patches.json").json())
    answer = canvas.request.get(f"{server}/methods").json()
    assert answer == {"id": "prompt_builder"}
    canvas.wait_for_function("window.__sakuga_view.editor.rev === 2")
    added, changed = canvas.request.get(f"{server}/patches.json").json()[before:]
    assert added["links"] == [{"from": ["style", "style"], "to": ["prompt_builder", "style"]}]
    assert changed["nodes"][0]["settings"] == {"template": "{{mood}}"}
    canvas.wait_for_function("window.__sakuga_view.problems.get('qc')?.errors === 1")
    names = "window.__sakuga_view.model.cards.get('prompt').ins.map(({ name }) => name)"
    assert canvas.evaluate(names) == ["mood", "subject", "style"]
    assert canvas.evaluate("window.__sakuga_view.selection().ids") == ["qc"]
