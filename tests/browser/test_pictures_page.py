"""Pictures brought to the canvas: dropped, pasted, chosen, replaced, taken back, and told where they fail."""

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.assets.imaging.embed import pack, put_in
from tests.browser.conftest import KEY
from tests.support.site import until

pytestmark = pytest.mark.browser

_GIVE = """([event, name, type, base64, x, y]) => {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  const canvas = window.__sakuga_view.element, common = { bubbles: true, cancelable: true };
  if (event === 'paste') {
    canvas.focus();
    canvas.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, ...common }));
    return;
  }
  const place = { clientX: x, clientY: y, dataTransfer: transfer, ...common };
  for (const kind of ['dragover', 'drop']) canvas.dispatchEvent(new DragEvent(kind, place));
}"""
_ASSET = "(id) => window.__sakuga_view.save().nodes.find((each) => each.id === id)?.settings?.asset"
_LOADED = """(id) => {
  const view = window.__sakuga_view, card = view.model.cards.get(id);
  return !!card?.face && view.images.get(card.face) !== null;
}"""


def photo(colour: str, form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(out, form)
    return out.getvalue()


def give(page: Page, event: str, name: str, data: bytes, at: tuple[float, float] = (0, 0)) -> None:
    kind = "image/webp" if name.endswith("webp") else "image/jpeg"
    page.evaluate(_GIVE, [event, name, kind, base64.b64encode(data).decode(), *at])


def made(page: Page, server: str, slug: str) -> None:
    """A small workflow of our own, open on the canvas."""
    types = {
        "input": "webhook_input",
        "words": "prompt_builder",
        "gen": "generator",
        "out": "webhook_delivery",
    }
    settings: dict[str, Any] = {"words": {"template": "a mug"}}
    graph = {
        "format": "sakuga.graph/1",
        "nodes": [
            {"id": each, "type": kind, "settings": settings.get(each, {}), "position": [300 * at, 0]}
            for at, (each, kind) in enumerate(types.items())
        ],
        "links": [
            {"from": ["words", "prompt"], "to": ["gen", "prompt"]},
            {"from": ["gen", "images"], "to": ["out", "images"]},
        ],
    }
    headers = {"authorization": f"Bearer {KEY}"}
    answer = page.request.post(
        f"{server}/v1/workflows", data={"slug": slug, "name": "Pictures", "graph": graph}, headers=headers
    )
    assert answer.ok, answer.text()
    page.goto(f"{server}/workflows/{slug}")


def asset(page: Page, node: str, other_than: str | None = None) -> str:
    """The picture that a node holds, once it is another one."""
    page.wait_for_function(f"([id, old]) => ({_ASSET})(id) && ({_ASSET})(id) !== old", arg=[node, other_than])
    return str(page.evaluate(_ASSET, node))


def test_a_photo_becomes_a_node_where_it_is_dropped(signed_in: Page, server: str, board: Any) -> None:
    """Drop, wire, replace by drop, undo, paste, choose by keyboard, and a recipe's picture used as one."""
    page = signed_in
    made(page, server, "own-pictures")
    board.wait(4)
    x, y = board.spot("gen")
    give(page, "drop", "red mug.jpg", photo("firebrick"), (x - 160, y + 190))
    first = asset(page, "picture")
    board.wait(5)
    page.wait_for_function(_LOADED, arg="picture")
    node = next(each for each in board.document()["nodes"] if each["id"] == "picture")
    assert node["title"] == "red mug"
    expect(page.get_by_text("“red mug.jpg” is on the canvas")).to_be_visible()
    board.wire(("picture", "image"), ("gen", "reference"))
    page.wait_for_function("window.__sakuga_view.save().links.length === 3")

    # what falls on the node takes the place of what was there, and one undo brings it back
    give(page, "drop", "blue mug.jpg", photo("royalblue"), board.spot("picture"))
    second = asset(page, "picture", first)
    page.evaluate("window.__sakuga_view.element.focus()")
    page.keyboard.press("Control+z")
    assert asset(page, "picture", second) == first

    # chosen without a mouse: the shelf shows the newest first, a search narrows it
    board.select("picture")
    inspector = page.get_by_label("Settings", exact=True)
    expect(inspector.get_by_text("red mug.jpg")).to_be_visible()
    inspector.get_by_role("button", name="Choose another picture").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    items = dialog.locator(".sk-shelf__item")
    expect(items.first).to_contain_text("blue mug.jpg")
    expect(items.nth(1)).to_have_attribute("aria-pressed", "true")
    dialog.get_by_label("Search pictures").fill("BLUE")
    expect(items).to_have_count(1)
    items.first.focus()
    page.keyboard.press("Enter")
    assert asset(page, "picture", first) == second
    expect(inspector.get_by_text("blue mug.jpg")).to_be_visible()
    expect(dialog).to_have_count(0)

    # pasted with nothing selected it is a node of its own, and so is a picture that carries a graph
    page.evaluate("window.__sakuga_view.select([])")
    give(page, "paste", "image.jpg", photo("gold"))
    assert asset(page, "picture_2") not in {first, second}
    recipe = {"format": "sakuga.recipe/1", "graph": {**board.document(), "nodes": [], "links": []}}
    carrying = put_in(photo("plum", "WEBP"), pack(json.dumps(recipe).encode()) or b"")
    give(page, "drop", "made.webp", carrying, (x, y - 150))
    dialog.get_by_role("button", name="Use as a picture").click()
    asset(page, "picture_3")
    expect(inspector.get_by_text("made.webp")).to_be_visible()

    # uploaded in the dialog it is chosen at once
    board.select("picture_2")
    expect(inspector.get_by_text("image.jpg")).to_be_visible()
    before = asset(page, "picture_2")
    inspector.get_by_role("button", name="Choose another picture").click()
    with page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="Upload", exact=True).click()
    chooser.value.set_files({"name": "new.jpg", "mimeType": "image/jpeg", "buffer": photo("olive")})
    asset(page, "picture_2", before)
    expect(inspector.get_by_text("new.jpg")).to_be_visible()


def test_what_is_wrong_with_a_picture_is_said(signed_in: Page, server: str, board: Any) -> None:
    """A model that takes none, a picture of elsewhere, and a file that is no picture are told in place."""
    page = signed_in
    made(page, server, "wrong-pictures")
    board.wait(4)
    change = """([id, settings]) => { window.__sakuga_view.setSettings(id, settings, null);
      window.__sakuga_view.flush(); }"""
    give(page, "drop", "no.jpg", b"\xff\xd8\xff nothing of the kind", (500, 300))
    expect(page.get_by_text("The image data is damaged or cut short")).to_be_visible()
    give(page, "drop", "swatch.jpg", photo("teal"), (500, 450))
    asset(page, "picture")
    board.wire(("picture", "image"), ("gen", "reference"))
    page.evaluate(change, ["gen", {"model": "procedural/instant-1"}])
    board.select("gen")
    expect(page.get_by_role("alert").get_by_text("takes no reference picture")).to_be_visible()
    page.evaluate(change, ["gen", {}])
    page.evaluate(change, ["picture", {"asset": "ast_" + "0" * 32}])
    board.select("picture")
    inspector = page.get_by_label("Settings", exact=True)
    expect(inspector.get_by_text("This picture is not here.")).to_be_visible()
    expect(page.get_by_role("alert").get_by_text("There is no picture")).to_be_visible()
    inspector.get_by_role("button", name="Take the picture away").click()
    expect(page.get_by_role("alert").get_by_text("Needs a picture")).to_be_visible()


def test_the_page_shows_where_a_picture_is_used_and_deletes_what_is_not(signed_in: Page, server: str) -> None:
    """Every picture with its uses; a draft that names one asks again, and then it is gone."""
    page = signed_in
    made(page, server, "uses-one")
    page.wait_for_function("window.__sakuga_view?.model.cards.size >= 4")
    give(page, "drop", "kept safe.jpg", photo("darkorchid"), (500, 450))
    kept, headers = asset(page, "picture"), {"authorization": f"Bearer {KEY}"}
    until(lambda: kept in page.request.get(f"{server}/v1/workflows/uses-one/draft", headers=headers).text())
    page.goto(f"{server}/pictures")
    tile = page.locator(".sk-shelf__item", has_text="kept safe.jpg")
    tile.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("a[href='/workflows/uses-one']")).to_be_visible()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog.get_by_text("The draft of 'uses-one' uses this picture")).to_be_visible()
    dialog.get_by_role("button", name="Delete all the same").click()
    expect(page.get_by_text("“kept safe.jpg” is deleted.")).to_be_visible()
    expect(tile).to_have_count(0)
    page.goto(f"{server}/workflows/uses-one")
    expect(page.get_by_text("there is no picture").first).to_be_visible()
