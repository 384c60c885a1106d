"""Work on a draft survives what happens to servers, connections and tabs."""

import contextlib
import json
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import KEY, Board, free_port, start, wait_ready

pytestmark = pytest.mark.browser

MOVE = """([id, x]) => {
  const view = window.__sakuga_view;
  view.model.cards.get(id).pos = [x, 40];
  view.flush();
}"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """An installation that may be hurt: its address and the process that watches over the others."""
    port = free_port()
    process = start(tmp_path, port)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_ready(process, url)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(20)


def kill_web(supervisor: int) -> None:
    """The process that serves pages dies without a word; the supervisor starts another."""
    for child in psutil.Process(supervisor).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "web" in child.cmdline():
                child.send_signal(signal.SIGKILL)


def ask(url: str, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    raw = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/v1/workflows{path}", raw, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def places(url: str, slug: str) -> dict[str, float]:
    """Where the nodes of the stored draft are; nothing while nobody answers."""
    try:
        return {node["id"]: node["position"][0] for node in ask(url, "GET", f"/{slug}/draft")["nodes"]}
    except OSError:
        return {}


def until_stored(page: Page, url: str, slug: str, wanted: dict[str, float]) -> None:
    for _ in range(300):
        found = places(url, slug)
        if all(found.get(name) == x for name, x in wanted.items()):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not stored: {wanted}, but {places(url, slug)}")


def test_a_killed_server_takes_no_edit_away(page: Page, own: tuple[str, int]) -> None:
    """Edits right before and after the server died are there again when it is back, in page and draft."""
    url, supervisor = own
    board = Board(page)
    page.goto(f"{url}/login?key={KEY}")
    page.goto(f"{url}/workflows/product-image")
    board.wait(8)
    page.wait_for_timeout(300)
    page.evaluate(MOVE, ["qc", 1111])
    kill_web(supervisor)
    page.evaluate(MOVE, ["prompt", 2222])
    page.wait_for_function("sessionStorage.length > 0")
    until_stored(page, url, "product-image", {"qc": 1111, "prompt": 2222})
    board.wait(8)
    page.wait_for_function("__sakuga_view.model.cards.get('prompt').pos[0] === 2222")
    page.wait_for_function("!Object.keys(sessionStorage).some((key) => key.startsWith('sakuga-unsaved'))")
    expect(page.get_by_text("Draft saved")).to_be_visible()


def test_a_tab_that_dies_in_the_middle_goes_on_where_it_was(signed_in: Page, server: str, board) -> None:
    """An edit of the last moment is kept by the tab itself and stored by the page that comes after it."""
    page = signed_in
    node = {"id": "input", "type": "webhook_input", "settings": {"fields": []}, "position": [0, 0]}
    ask(server, "POST", "", {"slug": "dying-tab"})
    ask(server, "PUT", "/dying-tab/draft", {"format": "sakuga.graph/1", "nodes": [node]})
    page.goto(f"{server}/workflows/dying-tab")
    board.wait(1)
    page.wait_for_timeout(300)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    dead = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    alive = dead | {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    page.evaluate("window.socket.io.engine.close()")
    session.send("Network.emulateNetworkConditions", dead)
    page.evaluate("() => { __sakuga_view.model.cards.get('input').pos = [130, 0]; __sakuga_view.changed(); }")
    session.send("Network.emulateNetworkConditions", alive)
    page.reload()
    board.wait(1)
    page.wait_for_function("__sakuga_view.model.cards.get('input').pos[0] === 130")
    until_stored(page, server, "dying-tab", {"input": 130})


def test_a_page_opened_at_once_shows_what_was_typed_a_moment_ago(signed_in: Page, server: str, board) -> None:
    """Whoever reloads right after typing sees those words, though they were about to be stored later."""
    page = signed_in
    ask(server, "POST", "", {"slug": "hasty"})
    page.goto(f"{server}/workflows/hasty")
    for words in ("One thought", "Another thought", "A third"):
        page.get_by_label("Description").fill(words)
        page.keyboard.press("Tab")
        page.reload()
        expect(page.get_by_label("Description")).to_have_value(words)
