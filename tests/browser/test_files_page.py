"""Graphs in and out of a real browser: dropped, chosen, refused, exported, and read from a picture."""

import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.assets.imaging.embed import pack, put_in

pytestmark = pytest.mark.browser

_EXAMPLE = Path(__file__).parents[2] / "examples" / "social-set.json"
_DROP = """([name, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  for (const kind of ['dragover', 'drop']) {
    const target = document.querySelector('.sk-canvas-cell canvas, main');
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}"""


def _drop(page: Page, name: str, kind: str, data: bytes) -> None:
    page.evaluate(_DROP, [name, kind, base64.b64encode(data).decode()])


def _picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(target, "WEBP")
    graph = json.loads(_EXAMPLE.read_text("utf-8"))
    recipe = {"format": "sakuga.recipe/1", "run": "run_x", "model": "procedural/atelier-1", "graph": graph}
    return put_in(target.getvalue(), pack(json.dumps(recipe).encode()) or b"")


def test_graphs_go_in_and_out_as_files_and_pictures(signed_in: Page, server: str, board, tmp_path) -> None:
    """A chosen file and a dropped picture open, a wrong file says where, what is exported comes in again."""
    page = signed_in
    wrong = json.loads(_EXAMPLE.read_text("utf-8"))
    wrong["nodes"][0]["position"] = ["<b>left</b>", 0]
    _drop(page, "wrong.json", "application/json", json.dumps(wrong).encode())
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("This file was not opened")).to_be_visible()
    expect(dialog.locator("li").first).to_contain_text(f"{wrong['nodes'][0]['id']} · position")
    dialog.get_by_role("button", name="Close").last.click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a file").click()
    chooser.value.set_files(str(_EXAMPLE))
    page.wait_for_url("**/workflows/social-set-2")
    board.wait(8)
    page.get_by_role("button", name="More").click()
    page.get_by_text("Export as file").click()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    assert kept.name == "social-set-2.json"
    # the example stands here already: the second one is told apart by its name, too
    given = _EXAMPLE.read_text("utf-8").replace('"name": "Social set"', '"name": "Social set 2"')
    assert kept.read_text("utf-8") == given
    page.get_by_role("button", name="More").click()
    page.get_by_text("Recipe in pictures").click()
    dialog.get_by_text("Nothing", exact=True).click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved in the draft.", exact=False)).to_be_visible()
    expect(page.get_by_text("Draft saved")).to_be_visible()
    draft = json.loads(page.request.get(f"{server}/export/workflows/social-set-2").text())
    assert draft["recipe"] == "off"
    _drop(page, "mug.webp", "image/webp", _picture())
    expect(dialog.get_by_text("run_x")).to_be_visible()
    dialog.get_by_role("button", name="Replace this draft").click()
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.wait_for_function("() => window.__sakuga_view.model.cards.size === 8")
    _drop(page, "mug.webp", "image/webp", _picture())
    dialog.get_by_role("button", name="Open as a new workflow").click()
    page.wait_for_url("**/workflows/social-set-3")
    assert page.request.get(f"{server}/export/runs/run_nothing").status == 404
