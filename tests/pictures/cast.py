"""Hands on a page for the scenes, in whatever language it speaks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

Act = Callable[["Cast"], None]


@dataclass
class Cast:
    """One page, what the house holds, and the words of the page's language."""

    page: Page
    url: str
    places: dict[str, str]
    words: dict[str, str]
    phone: bool

    def say(self, english: str) -> str:
        """How the page says it."""
        return self.words.get(english, english.partition("##")[0])

    def go(self, path: str) -> None:
        """Open an address whose {names} are places."""
        address = path.format_map(self.places)
        self.page.goto(address if "://" in address else self.url + address)
        self.page.locator(".sk-frame, .sk-door, .sk-formdoor, main, body").first.wait_for(state="attached")

    def press(self, name: str, *, last: bool = False) -> None:
        found = self.page.get_by_role("button", name=self.say(name), exact=True)
        (found.last if last else found.first).click()

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=self.say(name), exact=True).first.click()

    def item(self, name: str) -> None:
        """An entry of an open menu."""
        self.page.locator(".q-menu .q-item").get_by_text(self.say(name), exact=True).first.click()

    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog").last

    def board(self, count: int = 1) -> None:
        """Until the canvas shows its nodes."""
        shown = "(count) => window.__sakuga_view?.model.cards.size >= count"
        self.page.wait_for_function(shown, arg=count)
        self.page.wait_for_timeout(300)

    def view(self, script: str, argument: Any = None) -> Any:
        """Evaluate a function of the canvas and an argument."""
        return self.page.evaluate(f"(arg) => ({script})(window.__sakuga_view, arg)", argument)

    def spot(self, node: str) -> tuple[float, float]:
        """Where a node's title is."""
        script = """(view, id) => {
          const card = view.model.cards.get(id), box = view.element.getBoundingClientRect();
          const [x, y] = view.surface.ds.convertOffsetToCanvas([card.pos[0] + 60, card.pos[1] + 18]);
          return [x + box.left, y + box.top];
        }"""
        x, y = self.view(script, node)
        return float(x), float(y)

    def sheet(self, name: str) -> None:
        """Open the panel of nodes or settings, which is a sheet on a phone."""
        if self.phone:
            self.press(name)

    def ran(self) -> None:
        expect(self.page.locator(".sk-runstrip").get_by_text(self.say("Succeeded"))).to_be_visible(
            timeout=60_000
        )


def press(*names: str) -> Act:
    """Press buttons, one after the other."""

    def act(cast: Cast) -> None:
        for name in names:
            cast.press(name)

    return act


def more(name: str) -> Act:
    """An entry of the editor's menu."""

    def act(cast: Cast) -> None:
        cast.board()
        cast.press("More")
        cast.item(name)

    return act


def select(node: str) -> Act:
    """Select a node and see its settings."""

    def act(cast: Cast) -> None:
        cast.board()
        cast.view("(view, id) => view.focusNode(id)", node)
        cast.sheet("Settings")

    return act
