"""Hands for canvas tests: where things lie on the demo canvas, dragging, and what the view told."""

from typing import Any

from playwright.sync_api import Page

SPOT = """([id, side, name]) => {
  const view = window.__sakuga_view, card = view.model.cards.get(id);
  const box = view.element.getBoundingClientRect();
  const slot = (side === 'out' ? card.outs : card.ins).find((each) => each.name === name);
  const [dx, dy] = slot ? slot.pos : [100, 18];
  const [x, y] = view.surface.ds.convertOffsetToCanvas([card.pos[0] + dx, card.pos[1] + dy]);
  return [x + box.left, y + box.top];
}"""
LISTEN = """() => {
  window.heard = [];
  const options = window.__sakuga_view.options;
  for (const name of 'onChange onRefused onMenu onOpen onSelect onAsk'.split(' ')) {
    const before = options[name];
    options[name] = (...all) => { window.heard.push([name, all[0]]); before?.(...all); };
  }
}"""
Spot = tuple[float, float]


def spot(page: Page, node: str, side: str = "", name: str = "") -> Spot:
    """Screen position of a socket (side ``in`` or ``out``), or of a node's title."""
    x, y = page.evaluate(SPOT, [node, side, name])
    return float(x), float(y)


def at(page: Page, x: float, y: float) -> Spot:
    """Screen position of a point of the graph."""
    found = page.evaluate(
        "(p) => window.__sakuga_view.surface.ds.convertOffsetToCanvas(p)",
        [x, y],
    )
    return float(found[0]), float(found[1])


def drag(page: Page, start: Spot, end: Spot) -> None:
    """Press, move in steps, let go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()


def heard(page: Page, name: str) -> Any:
    """The next event of that name; what came before it is dropped."""
    found = page.wait_for_function(
        "(name) => window.heard.find(([each]) => each === name)", arg=name, timeout=5000
    ).json_value()
    page.evaluate(
        "(name) => window.heard.splice(0, 1 + window.heard.findIndex(([each]) => each === name))", name
    )
    return found[1]


def saved(page: Page) -> dict[str, Any]:
    """The document as it is now, nothing pending."""
    found: dict[str, Any] = page.evaluate("(window.__sakuga_view.flush(), window.__sakuga_view.save())")
    return found
