"""The other pages in a real browser: sign-in, lists, one run, settings, and the phone layout."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

KEY = "sk_browser_tests_0123456789abcdef"
PAYLOAD = {"product_id": "SKU-1001", "product_name": "Amber glass perfume bottle", "target_style": "anime"}


def trigger(server: str, payload: dict[str, Any]) -> str:
    """Trigger the example over HTTP; gives the run's id."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{server}/v1/hooks/product-image", json.dumps(payload).encode(), headers
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(json.load(answer)["job_id"])
    except urllib.error.HTTPError as error:
        return str(json.load(error)["job_id"])


def test_nobody_gets_past_the_door(watched: Page, server: str) -> None:
    """Without a session every page leads to the sign-in, a wrong key stays there, the right one goes on."""
    watched.goto(f"{server}/runs?status=failed")
    expect(watched.get_by_role("heading", name="Sign in")).to_be_visible()
    watched.get_by_label("API key").fill(KEY)
    watched.get_by_role("button", name="Sign in").click()
    watched.wait_for_url("**/runs?status=failed")
    expect(watched.get_by_role("heading", name="Runs")).to_be_visible()


def test_a_wrong_key_is_told_so(page: Page, server: str) -> None:
    """The form comes back with the reason at the field."""
    page.goto(f"{server}/login")
    page.get_by_label("API key").fill("sk_this_key_does_not_exist_at_all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")


def test_a_run_appears_by_itself_and_opens(signed_in: Page, server: str) -> None:
    """The list of runs is live; a run's page shows steps, picture, payload and the delivered callback."""
    signed_in.goto(f"{server}/runs")
    run_id = trigger(server, {**PAYLOAD, "callback_url": f"{server}/v1/inbox/pages"})
    row = signed_in.locator(f'tr[data-key="{run_id}"]')
    expect(row.get_by_text("Succeeded")).to_be_visible(timeout=40_000)
    expect(row.get_by_text("Delivered")).to_be_visible(timeout=20_000)
    row.get_by_role("link").click()
    signed_in.wait_for_url(f"**/runs/{run_id}")
    expect(signed_in.locator(".sk-step")).to_have_count(8)
    expect(signed_in.locator(".sk-picture img").first).to_be_visible()
    signed_in.locator(".sk-picture__frame").first.click()
    expect(signed_in.get_by_role("dialog").locator("img")).to_be_visible()


def test_a_refused_trigger_is_in_the_history_with_advice(signed_in: Page, server: str) -> None:
    """A run that failed validation names the code, every wrong field, and what to do."""
    run_id = trigger(server, {"product_id": "SKU-2", "target_style": "cubist"})
    signed_in.goto(f"{server}/runs/{run_id}")
    expect(signed_in.get_by_text("trigger.missing_field", exact=False).first).to_be_visible()
    expect(signed_in.get_by_text("product_name is required", exact=False).first).to_be_visible()
    expect(signed_in.get_by_role("link", name="What it means")).to_be_visible()


def test_filters_live_in_the_address(signed_in: Page, server: str) -> None:
    """Choosing a filter changes the address; the address alone brings the same list."""
    failed = trigger(server, {"product_id": "SKU-3"})
    signed_in.goto(f"{server}/runs")
    signed_in.get_by_role("combobox", name="Any status").click()
    signed_in.get_by_role("option", name="Failed").first.click()
    signed_in.wait_for_url("**/runs?status=failed")
    expect(signed_in.locator(f'tr[data-key="{failed}"]')).to_be_visible()
    expect(signed_in.locator("tbody").get_by_text("Succeeded")).to_have_count(0)


def test_the_inbox_shows_what_arrived(signed_in: Page, server: str) -> None:
    """A callback to the test inbox is shown with its signature verified and its pictures."""
    signed_in.goto(f"{server}/inbox/shown")
    trigger(server, {**PAYLOAD, "callback_url": f"{server}/v1/inbox/shown"})
    expect(signed_in.get_by_text("Signature verified").first).to_be_visible(timeout=40_000)
    expect(signed_in.locator(".sk-pictures img").first).to_be_visible()


def test_hostile_text_is_shown_as_text(signed_in: Page, server: str) -> None:
    """Markup in a payload appears literally and runs nothing (S9)."""
    name = "<img src=x onerror=alert(1)><script>alert(2)</script>${alert(3)}{{7*7}}"
    dialogs: list[str] = []
    signed_in.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    run_id = trigger(server, {**PAYLOAD, "product_name": name})
    signed_in.goto(f"{server}/runs/{run_id}")
    expect(signed_in.get_by_text(name, exact=False).first).to_be_visible()
    assert not dialogs


def test_a_key_is_made_shown_once_and_revoked(signed_in: Page, server: str) -> None:
    """A new key works at once; revoked, it is refused."""
    signed_in.goto(f"{server}/settings")
    signed_in.get_by_role("button", name="New key").click()
    signed_in.get_by_role("dialog").get_by_label("Label").fill("made in a test")
    signed_in.get_by_role("dialog").get_by_role("button", name="Create").click()
    shown = signed_in.get_by_role("dialog").locator("pre")
    expect(shown).to_contain_text("sk_")
    signed_in.get_by_role("button", name="Done").click()
    line = signed_in.locator(".sk-line").filter(has_text="made in a test")
    line.get_by_role("button", name="Revoke").click()
    signed_in.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(line.get_by_text("revoked")).to_be_visible()


def test_a_viewer_looks_and_changes_nothing(page: Page, server: str) -> None:
    """Without the rights there are no buttons, and the canvas is read only (S7)."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = json.dumps({"label": "looks", "role": "viewer"}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{server}/v1/keys", body, headers)) as answer:
        key = json.load(answer)["key"]
    page.goto(f"{server}/login?key={key}")
    expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
    expect(page.get_by_role("button", name="New workflow")).to_have_count(0)
    page.goto(f"{server}/workflows/product-image")
    expect(page.get_by_text("Read only")).to_be_visible()
    expect(page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    page.goto(f"{server}/settings")
    expect(page.get_by_role("heading", name="About")).to_be_visible()
    expect(page.get_by_role("heading", name="API keys")).to_have_count(0)
    expect(page.get_by_role("heading", name="Signing secrets")).to_have_count(0)


def test_the_theme_is_remembered(signed_in: Page, server: str) -> None:
    """A chosen appearance holds on the next page."""
    signed_in.get_by_role("button", name="Appearance").click()
    signed_in.get_by_text("Dark", exact=True).click()
    expect(signed_in.locator("body.body--dark")).to_be_visible()
    signed_in.goto(f"{server}/runs")
    expect(signed_in.locator("body.body--dark")).to_be_visible()


def test_everything_is_reachable_on_a_phone(browser: Browser, server: str) -> None:
    """At 390 × 844 the navigation is at the bottom, what is rarer behind More; no page scrolls sideways."""
    page = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    page.goto(f"{server}/login?key={KEY}")
    for name in ("Runs", "Callbacks", "Limits", "Settings", "Workflows"):
        main = page.get_by_role("navigation", name="Main")
        if name in {"Callbacks", "Settings"}:
            main.get_by_role("button", name="More pages").click()
        main.get_by_role("link", name=name).click()
        expect(page.locator('.sk-nav__item[aria-current="page"]')).to_contain_text(name)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, name
    page.goto(f"{server}/workflows/product-image")
    page.wait_for_function("() => window.__sakuga_view && window.__sakuga_view.model.cards.size > 0")
    page.get_by_role("button", name="Nodes", exact=True).click()
    expect(page.locator(".sk-palette")).to_be_visible()
    page.context.close()


def test_a_revoked_key_closes_open_pages(page: Page, server: str) -> None:
    """Within five seconds an open page of a session that ended shows the door (S8)."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = json.dumps({"label": "short", "role": "viewer"}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{server}/v1/keys", body, headers)) as answer:
        made = json.load(answer)
    page.goto(f"{server}/login?key={made['key']}")
    page.goto(f"{server}/runs")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    gone = urllib.request.Request(f"{server}/v1/keys/{made['id']}", headers=headers, method="DELETE")
    urllib.request.urlopen(gone).close()
    page.wait_for_url("**/login**", timeout=5_000)


def test_the_keyboard_is_seen_wherever_it_goes(signed_in: Page, server: str) -> None:
    """Whatever Tab reaches shows that it has the focus, on itself or on the card around it."""
    expect(signed_in.locator(".sk-flow").first).to_be_visible()
    outlined = """() => {
      const drawn = (element) => [getComputedStyle(element)].some(({ outlineStyle, boxShadow }) =>
        outlineStyle !== 'none' || boxShadow.includes('0px 0px 0px 4px'));
      const here = document.activeElement;
      return drawn(here) || drawn(here.closest('.sk-flow') ?? here);
    }"""
    for _ in range(14):
        signed_in.keyboard.press("Tab")
        signed_in.wait_for_function(outlined, timeout=3000)
