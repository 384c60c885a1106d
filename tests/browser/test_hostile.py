"""Graph files of strangers, through every door: opened safely or refused by name; nothing in them runs."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import hostile

pytestmark = pytest.mark.browser

KEY = "sk_browser_tests_0123456789abcdef"
_TRIPWIRE = """() => {
  window.__breaches = [];
  const breach = (what) => window.__breaches.push(what);
  document.addEventListener('securitypolicyviolation', (event) => breach(event.violatedDirective));
  for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => breach(name);
}"""


def call(server: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
    raw = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server}{path}", raw, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def guarded(signed_in: Page) -> Iterator[Page]:
    """A signed-in page with a tripwire: a script of a file, a dialog or a breach of the policy fails."""
    opened: list[str] = []
    signed_in.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    signed_in.context.add_init_script(f"({_TRIPWIRE})()")
    yield signed_in
    assert signed_in.evaluate("[window.__tripped ?? 0, window.__breaches]") == [0, []]
    assert opened == []


def stored(server: str, slug: str, graph: dict[str, Any]) -> None:
    call(server, "POST", "/v1/workflows", {"slug": slug})
    status, answer = call(server, "PUT", f"/v1/workflows/{slug}/draft", graph)
    assert status == 200, answer


def visit(page: Page, server: str, board: Any, slug: str, count: int) -> None:
    page.goto(f"{server}/workflows/{slug}")
    board.wait(count)
    board.fit()


def test_script_in_every_word_of_a_draft_is_only_ever_shown(guarded: Page, server: str, board) -> None:
    """Stored over the API and opened: canvas, settings, problems, menus and tooltips show it as text."""
    stored(server, "hostile", hostile.scripted())
    page = guarded
    visit(page, server, board, "hostile", 7)
    for node in ("a", "b", "c", "input", "toString", "odd"):
        x, y = board.spot(node)
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        expect(page.locator(".sk-inspector h2")).to_be_visible()
        page.mouse.click(x, y, button="right")
        page.keyboard.press("Escape")
    page.wait_for_timeout(600)
    assert page.evaluate("Object.prototype.p ?? typeof __sakuga_view.model.graph.onNodeAdded") == "function"
    page.goto(f"{server}/workflows")
    expect(page.get_by_text("onerror").first).to_be_visible()


def test_a_graph_with_two_nodes_of_one_id_opens_and_is_mended(guarded: Page, server: str, board) -> None:
    """All nodes are shown, the second under a new id, and the draft that is saved has no twins."""
    stored(server, "twins", hostile.twins())
    visit(guarded, server, board, "twins", 3)
    assert {node["id"] for node in board.document()["nodes"]} == {"twin", "twin_2", "b"}
    expect(guarded.locator(".sakuga-tip")).to_contain_text("twin")
    expect(guarded.get_by_text("Draft saved")).to_be_visible()

    def ids() -> list[str]:
        return [
            node["id"] for node in json.loads(call(server, "GET", "/v1/workflows/twins/draft")[1])["nodes"]
        ]

    for _ in range(50):
        if len(set(ids())) == 3:
            break
        guarded.wait_for_timeout(100)
    assert sorted(ids()) == ["b", "twin", "twin_2"]


def test_a_megabyte_of_text_opens_as_far_as_it_fits(guarded: Page, server: str, board) -> None:
    """A long setting and a long note are drawn as far as they fit."""
    stored(server, "long-text", hostile.long_text())
    visit(guarded, server, board, "long-text", 1)
    guarded.evaluate("window.__at = performance.now(); __sakuga_view.surface.draw(true, true)")
    assert guarded.evaluate("performance.now() - window.__at") < 10_000


def test_what_cannot_be_kept_is_refused_with_node_and_field(server: str) -> None:
    """The API takes none of these files, as a draft or as a new workflow, and says what is wrong."""
    call(server, "POST", "/v1/workflows", {"slug": "refuses"})
    for name, (text, named) in hostile.refused().items():
        status, answer = call(server, "PUT", "/v1/workflows/refuses/draft", text)
        assert status in {400, 413, 422}, (name, status, answer[:300])
        assert named in answer, (name, answer[:300])
        status, answer = call(server, "POST", "/v1/workflows", f'{{"slug": "never-made", "graph": {text}}}')
        assert status in {400, 413, 422}, (name, status, answer[:300])
    assert json.loads(call(server, "GET", "/v1/workflows/refuses/draft")[1])["nodes"] is not None
    assert call(server, "GET", "/v1/workflows/never-made")[0] == 404


def test_pasted_and_dropped_files_are_checked_like_any_other(guarded: Page, server: str, board) -> None:
    """What could never be saved is refused with node and field; the rest comes in as text."""
    stored(
        server,
        "doors",
        hostile.whole([]) | {"nodes": [{"id": "b", "type": "qc", "settings": {}, "position": [0, 0]}]},
    )
    page = guarded
    visit(page, server, board, "doors", 1)
    for name, (text, _) in hostile.refused().items():
        page.evaluate("(text) => __sakuga_view.commands.pasteText(text)", text)
        if "key" not in name and "id" not in name and name not in {"not a number", "infinite"}:
            tip = page.locator(".sakuga-tip").inner_text()
            assert "nodes" in tip or "paste" in tip, (name, tip)
    ids = [node["id"] for node in board.document()["nodes"]]
    assert all(each.replace("_", "").isalnum() and each not in hostile.MEANINGS for each in ids), ids
    count = len(ids)
    graph = hostile.scripted()
    text = json.dumps(graph | {"notes": graph["notes"][:1]})
    page.evaluate("(text) => __sakuga_view.commands.pasteText(text)", text)
    page.wait_for_function("(count) => __sakuga_view.model.cards.size >= count + 7", arg=count)
    drop = json.dumps({"type": hostile.SCRIPT, "settings": [hostile.SCRIPT]})
    page.evaluate("(data) => __sakuga_view.add.dropped(data, { clientX: 400, clientY: 300 })", drop)
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    board.wait(count + 7)
