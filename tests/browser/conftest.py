"""A real server in a process of its own, and a real browser that fails on any console error."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

KEY = "sk_browser_tests_0123456789abcdef"
_ROOT = Path(__file__).parents[2]
_READY_SECONDS = 60.0
_SPOT = """([id, side, name]) => {
  const view = window.__sakuga_view, card = view.model.cards.get(id);
  const box = view.element.getBoundingClientRect();
  const slot = (side === 'out' ? card.outs : card.ins).find((each) => each.name === name);
  const [dx, dy] = slot ? slot.pos : [100, 18];
  const [x, y] = view.surface.ds.convertOffsetToCanvas([card.pos[0] + dx, card.pos[1] + dy]);
  return [x + box.left, y + box.top];
}"""
# two browsers share the machine with their servers
expect.set_options(timeout=15_000)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: the library's loop must not outlive it, or later tests cannot run theirs."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that nobody is signed in to."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def chromium() -> str | None:
    """The browser's path."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `sakuga up` on a free port with a fresh data folder."""
    data, port = tmp_path_factory.mktemp("data"), free_port()
    process = start(data, port)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_ready(process, url)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def start(data: Path, port: int) -> subprocess.Popen[bytes]:
    """Start everything on one machine; its output goes to a file beside the data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NICEGUI_", "PYTEST_"))}
    mine = {
        "SAKUGA_DATA_DIR": str(data),
        "SAKUGA_HOST": "127.0.0.1",
        "SAKUGA_PORT": str(port),
        "SAKUGA_BOOTSTRAP_KEY": KEY,
        "SAKUGA_RETRY_DELAYS": "1,2,3",
        "PYTHONPATH": str(_ROOT),
    }
    output = (data / "output.log").open("wb")
    command = [sys.executable, "-P", "-m", "app.cli", "up"]
    return subprocess.Popen(command, env=kept | mine, stdout=output, stderr=output, cwd=data)


def wait_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the server did not become ready")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Board:
    """The canvas of a page: where things lie on it, and how to drag them by mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def wait(self, count: int = 1) -> None:
        """Until at least this many nodes are shown."""
        shown = "(count) => window.__sakuga_view && window.__sakuga_view.model.cards.size >= count"
        self.page.wait_for_function(shown, arg=count)

    def fit(self) -> None:
        self.page.evaluate("window.__sakuga_view.fit()")
        self.page.wait_for_timeout(400)

    def spot(self, node: str, side: str = "", name: str = "") -> tuple[float, float]:
        """Screen position of a socket (side ``in`` or ``out``), or of a node's title."""
        x, y = self.page.evaluate(_SPOT, [node, side, name])
        return float(x), float(y)

    def select(self, node: str) -> None:
        self.page.mouse.click(*self.spot(node))

    def wire(self, source: tuple[str, str], target: tuple[str, str]) -> None:
        """Drag a link from an output to an input."""
        self.drag(self.spot(source[0], "out", source[1]), self.spot(target[0], "in", target[1]))

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=10)
        self.page.mouse.up()

    def document(self) -> dict[str, Any]:
        """The document as the canvas has it."""
        found: dict[str, Any] = self.page.evaluate("window.__sakuga_view.save()")
        return found


@pytest.fixture
def board(signed_in: Page) -> Board:
    return Board(signed_in)


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """A page whose test fails on any console error or script exception."""
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({page.url})")

    page.on("console", heard)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(15_000)
    yield page
    assert not errors


@pytest.fixture
def signed_in(watched: Page, server: str) -> Page:
    """A watched page of a signed-in browser, on the list of workflows."""
    watched.goto(f"{server}/login?key={KEY}")
    watched.wait_for_url("**/workflows")
    return watched
