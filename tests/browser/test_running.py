"""Running drafts on the canvas by real mouse and keyboard: payloads, results, what is out of date, pins."""

import json
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import KEY
from tests.support.site import plain_graph

pytestmark = pytest.mark.browser


def ask(server: str, method: str, path: str, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    request = urllib.request.Request(f"{server}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or "null")


def spread(page: Page, server: str, slug: str) -> None:
    graph = plain_graph()
    for place, node in enumerate(graph["nodes"]):
        node["position"] = [(place % 3) * 330, (place // 3) * 380]
    ask(server, "PUT", f"/v1/workflows/{slug}/draft", graph)


def ended(page: Page) -> None:
    expect(page.locator(".sk-runstrip").get_by_text("Succeeded")).to_be_visible(timeout=30_000)


def newest(server: str, slug: str) -> dict:
    run = ask(server, "GET", f"/v1/runs?workflow={slug}&limit=1")["items"][0]["job_id"]
    return {each["node_id"]: each for each in ask(server, "GET", f"/v1/runs/{run}/steps")["items"]}


def test_a_draft_is_run_changed_and_only_what_changed_runs_again(signed_in: Page, board, server) -> None:
    """Estimate, run, result beside the node, stale marks with the reason, and the rest taken over."""
    page, slug = signed_in, "tried-out"
    ask(server, "POST", "/v1/workflows", {"slug": slug, "graph": plain_graph()})
    spread(page, server, slug)
    page.goto(f"{server}/workflows/{slug}")
    board.wait(5)
    expect(page.locator(".sk-runbutton__about")).to_contain_text("≈ 0.1 credits")
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog").first
    dialog.get_by_label("Subject").fill("A green lamp")
    dialog.get_by_role("button", name="Run the draft").click()
    ended(page)
    board.fit()
    board.select("prompt")
    page.locator(".sk-tab", has_text="Result").first.click()
    panel = page.locator(".sk-result")
    expect(panel.get_by_role("heading", name="What it made")).to_be_visible()
    expect(panel.get_by_text("A green lamp").first).to_be_visible()
    expect(panel.get_by_text("from Input")).to_be_visible()
    page.locator(".sk-result .sk-tab", has_text="Settings").click()
    page.locator(".sk-inspector:not(.sk-result)").get_by_label("Template", exact=False).first.fill(
        "{{subject}} in fog"
    )
    page.wait_for_function("() => window.__sakuga_view.runs.marks.get('prompt')?.stale")
    marks = page.evaluate("Object.fromEntries(window.__sakuga_view.runs.marks)")
    assert marks["prompt"]["stale"] == "Template changed"
    assert marks["paint"]["stale"] == "Prompt changed before it"
    page.get_by_role("button", name="Other ways to run").click()
    page.get_by_text("Run only what changed (4)").click()
    page.wait_for_function("() => window.__sakuga_view.runs.marks.size === 0")
    ended(page)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("() => window.__sakuga_view.runs.marks.get('prompt')?.stale")
    board.select("check")
    page.keyboard.press("r")
    page.wait_for_function("() => window.__sakuga_view.runs.marks.size === 0")
    ended(page)
    assert ask(server, "GET", f"/v1/workflows/{slug}")["published"] is None


def test_a_result_is_pinned_edited_and_let_go(signed_in: Page, board, server) -> None:
    """A pin is seen on the card, used by the next run, refused when it does not fit, and taken away again."""
    page, slug = signed_in, "pinned-down"
    ask(server, "POST", "/v1/workflows", {"slug": slug, "graph": plain_graph()})
    spread(page, server, slug)
    ask(server, "POST", f"/v1/workflows/{slug}/draft/runs", {"inputs": {"subject": "A cup"}})
    page.goto(f"{server}/workflows/{slug}")
    board.wait(5)
    ended(page)
    board.fit()
    board.select("prompt")
    page.locator(".sk-tab", has_text="Result").first.click()
    panel = page.locator(".sk-result")
    panel.get_by_role("button", name="Edit it").click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_label("Prompt", exact=True).fill("A golden cup")
    dialog.get_by_text("As JSON").last.click()
    dialog.get_by_label("Text as JSON").fill("[1]")
    dialog.get_by_role("button", name="Pin this").click()
    expect(dialog.get_by_text("Outputs.text must be a text", exact=False)).to_be_visible()
    dialog.get_by_label("Text as JSON").fill('"A golden cup"')
    dialog.get_by_role("button", name="Pin this").click()
    page.wait_for_function("() => window.__sakuga_view.runs.marks.get('prompt')?.pinned === 'edited'")
    expect(page.get_by_text("Pinned. Runs of this draft take it as it is.")).to_be_visible()
    assert page.evaluate("window.__sakuga_view.runs.marks.get('paint').stale") == "Prompt changed before it"
    panel.get_by_role("button", name="Run only what changed").click()
    page.wait_for_function("() => !window.__sakuga_view.runs.marks.get('paint')")
    ended(page)
    found = newest(server, slug)
    assert found["prompt"]["attempts"] == 0
    assert found["paint"]["outputs"]["images"][0]["prompt"] == "A golden cup"
    page.get_by_role("button", name="Other ways to run").click()
    page.get_by_text("Pinned results…").click()
    page.get_by_role("button", name="Unpin all").click()
    page.wait_for_function("() => window.__sakuga_view.runs.marks.get('prompt')?.stale")


def test_a_payload_comes_from_a_sample_an_earlier_trigger_or_a_row(signed_in: Page, board, server) -> None:
    """Refused triggers are offered too; a sample is saved by name; a row of a pasted table fills the form."""
    page, slug = signed_in, "fed-well"
    ask(server, "POST", "/v1/workflows", {"slug": slug, "graph": plain_graph()})
    ask(server, "POST", f"/v1/workflows/{slug}/publish", {})
    ask(server, "POST", f"/v1/hooks/{slug}", {"subject": "A kettle from the shop"})
    with pytest.raises(urllib.error.HTTPError):
        ask(server, "POST", f"/v1/hooks/{slug}", {"subject": "x" * 250})
    page.goto(f"{server}/workflows/{slug}")
    board.wait(5)
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog").first
    subject = dialog.get_by_label("Subject")
    dialog.get_by_role("button", name="Past triggers").click()
    expect(dialog.locator(".sk-past")).to_have_count(2)
    dialog.get_by_label("Search past triggers").fill("kettle")
    expect(dialog.locator(".sk-past")).to_have_count(1)
    dialog.locator(".sk-past").click()
    expect(subject).to_have_value("A kettle from the shop")
    subject.fill("A kettle, saved")
    page.wait_for_timeout(400)
    dialog.get_by_role("button", name="Save as sample").click()
    page.get_by_label("Name of the sample").fill("Kettle")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(dialog.get_by_role("button", name="Kettle", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Row of a file").click()
    dialog.get_by_label("Rows").fill("Subject\nA vase\nA bowl")
    dialog.locator(".sk-past", has_text="A bowl").click()
    expect(subject).to_have_value("A bowl")
    dialog.get_by_role("button", name="Kettle", exact=True).click()
    expect(subject).to_have_value("A kettle, saved")
    assert ask(server, "GET", f"/v1/workflows/{slug}/samples")["items"][0]["name"] == "Kettle"


def test_two_results_are_compared(signed_in: Page, board, server) -> None:
    """Two runs of the list, four ways to look at their pictures, the words that changed; all in the URL."""
    page, slug = signed_in, "side-by-side"
    ask(server, "POST", "/v1/workflows", {"slug": slug, "graph": plain_graph()})
    for subject in ("A red lamp", "A blue lamp"):
        ask(server, "POST", f"/v1/workflows/{slug}/draft/runs", {"inputs": {"subject": subject}})
    page.goto(f"{server}/runs?workflow={slug}")
    buttons = page.get_by_role("button", name="Compare", exact=True)
    expect(buttons).to_have_count(2, timeout=30_000)
    buttons.first.click()
    page.get_by_role("button", name="With this one").click()
    page.wait_for_url("**/compare?a=run_*&b=run_*")
    stage = page.locator(".sk-cmp__stage")
    expect(stage).to_have_attribute("data-mode", "slider")
    page.get_by_label("Slider", exact=True).last.focus()
    page.keyboard.press("ArrowRight")
    assert "51%" in str(stage.get_attribute("style"))
    page.keyboard.press("4")
    expect(stage).to_have_attribute("data-mode", "difference")
    page.wait_for_url("**mode=difference**")
    expect(page.locator(".sk-words del")).to_have_text("red")
    expect(page.locator(".sk-words ins")).to_have_text("blue")
    expect(page.locator(".sk-cmp__table tr", has_text="Seed")).to_have_attribute("data-differs", "true")
    page.reload()
    expect(stage).to_have_attribute("data-mode", "difference")
    page.get_by_role("link", name="Swap A and B").click()
    expect(page.locator(".sk-words del")).to_have_text("blue")


def test_rows_are_run_and_judged_on_the_canvas(signed_in: Page, board, server) -> None:
    """A pasted table runs the draft row by row; cells are moved through, judged and made again by keys."""
    page, slug = signed_in, "row-by-row"
    ask(server, "POST", "/v1/workflows", {"slug": slug, "graph": plain_graph()})
    page.goto(f"{server}/workflows/{slug}")
    board.wait(5)
    page.get_by_role("button", name="Other ways to run").click()
    page.get_by_text("Rows…").click()
    dialog = page.get_by_role("dialog").first
    dialog.get_by_label("Rows", exact=True).fill("Thing\nA lamp\nA vase\nA cup")
    dialog.get_by_label("Column Thing fills").click()
    page.get_by_role("option", name="Subject").click()
    dialog.get_by_role("button", name="Run 3 rows").click()
    cells = dialog.locator(".sk-cell")
    expect(cells.get_by_text("Succeeded")).to_have_count(3, timeout=30_000)
    expect(dialog.locator(".sk-cell img")).to_have_count(3)
    cells.first.focus()
    page.keyboard.press("a")
    expect(cells.first).to_have_attribute("data-verdict", "approved")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    page.get_by_label("Why, if you like").fill("too dark")
    page.keyboard.press("Enter")
    expect(cells.nth(1)).to_have_attribute("data-verdict", "rejected")
    expect(cells.nth(1).get_by_text("Rejected: too dark")).to_be_visible()
    dialog.get_by_role("button", name="To judge 1").click()
    expect(cells).to_have_count(1)
    cells.first.focus()
    page.keyboard.press("g")
    expect(page.get_by_text("Row 3 is made again.")).to_be_visible()
    expect(cells.get_by_text("Succeeded")).to_have_count(1, timeout=30_000)
    batch = ask(server, "GET", f"/v1/batches?workflow={slug}")["items"][0]
    assert (batch["version"], batch["mapping"]) == (0, {"Thing": "subject"})
    found = ask(server, "GET", f"/v1/batches/{batch['id']}/rows")["items"]
    assert [each["verdict"] for each in found] == ["approved", "rejected", None]
    page.reload()
    board.wait(5)
    page.locator(".sk-canvas-cell canvas").first.focus()
    page.evaluate(
        """() => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text/plain', 'Thing\\tNote\\nA pot\\tx\\nA pan\\ty');
          document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
        }"""
    )
    expect(page.get_by_role("button", name="Run 2 rows")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    data = page.evaluate_handle(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(['Thing\\nA bowl'], 'more.csv'));
          return files;
        }"""
    )
    page.dispatch_event(".sk-canvas-cell canvas", "drop", {"dataTransfer": data})
    expect(page.get_by_role("button", name="Run 1 row")).to_be_visible()
