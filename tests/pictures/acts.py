"""What has to be done on a page until it shows the state of a scene."""

from tests.pictures.cast import Act, Cast

_WRONG = "sk_this_key_does_not_exist_at_all"
_TABLE = "product_name,target_style,target_platform\nOak chair,noir,web\nLamp,nior,web\nMug,studio,moon\n"


def wrong_key(cast: Cast) -> None:
    cast.page.locator("input").first.fill(_WRONG)
    cast.press("Sign in")


def own_app(cast: Cast) -> None:
    cast.page.locator(".sk-main input, .sk-main textarea").first.fill("Paper lantern")
    cast.press("Create")
    cast.page.locator(".sk-app__picture img").first.wait_for(timeout=60_000)


def form_sent(cast: Cast) -> None:
    cast.page.locator('[name="product_name"]').fill("Blue teapot")
    cast.page.locator(".sk-form__send").click()
    cast.page.locator(".sk-form__picture img").wait_for(timeout=60_000)


def form_wrong(cast: Cast) -> None:
    cast.page.locator(".sk-form__send").click()


def filters(cast: Cast) -> None:
    cast.page.get_by_role("combobox", name=cast.say("Any status")).click()


def picture(cast: Cast) -> None:
    cast.page.locator(".sk-picture__frame").first.click()


def steps(cast: Cast) -> None:
    step = cast.page.locator(".sk-step", has=cast.page.locator('[data-tone="bad"], [data-tone="warn"]')).first
    step.scroll_into_view_if_needed()
    step.locator("summary").click()
    step.scroll_into_view_if_needed()


def down(cast: Cast) -> None:
    cast.page.evaluate("scrollTo(0, document.body.scrollHeight)")


def pasted(cast: Cast) -> None:
    cast.page.locator("textarea").first.fill(_TABLE)
    cast.page.locator("td.sk-cellbad").first.wait_for()


def listed(cast: Cast) -> None:
    cast.page.get_by_text(cast.say("List"), exact=True).click()


def cell(cast: Cast) -> None:
    cast.page.locator(".sk-cell__picture").first.click()


def result(cast: Cast) -> None:
    cast.board(8)
    cast.view("(view) => view.focusNode('prompt')")
    cast.sheet("Settings")
    cast.page.locator(".sk-inspector .sk-tab", has_text=cast.say("Result")).first.click()


def running(cast: Cast) -> None:
    cast.board(8)
    cast.press("Run##verb")
    cast.dialog().get_by_role("button", name=cast.say("Run v{number}").replace("{number}", "1")).click()
    cast.ran()
    cast.page.wait_for_timeout(800)


def past(cast: Cast) -> None:
    cast.board(8)
    cast.press("Run##verb")
    cast.page.wait_for_timeout(400)
    cast.press("Past triggers")


def ways_to_run(cast: Cast) -> None:
    cast.board(8)
    cast.press("Other ways to run")


def marked(cast: Cast) -> None:
    cast.board(8)
    cast.page.wait_for_function("() => window.__sakuga_view.runs.marks.size > 0")
    cast.page.wait_for_timeout(500)


def quick_add(cast: Cast) -> None:
    cast.board()
    box = cast.page.locator("canvas").first.bounding_box()
    assert box is not None
    cast.page.mouse.dblclick(box["x"] + box["width"] * 0.5, box["y"] + box["height"] - 110)


def node_menu(cast: Cast) -> None:
    cast.board()
    cast.view("(view) => view.focusNode('prompt')")
    cast.page.mouse.click(*cast.spot("prompt"), button="right")


def board_menu(cast: Cast) -> None:
    cast.board()
    box = cast.page.locator("canvas").first.bounding_box()
    assert box is not None
    cast.page.mouse.click(box["x"] + 60, box["y"] + box["height"] - 60, button="right")


def key(name: str) -> Act:
    def act(cast: Cast) -> None:
        cast.board()
        cast.page.locator("canvas").first.focus()
        cast.page.keyboard.press(name)

    return act


def commands(cast: Cast) -> None:
    cast.page.keyboard.press("Control+k")
    cast.page.wait_for_timeout(300)
    cast.page.keyboard.type("prod")


def outline(cast: Cast) -> None:
    cast.board()
    cast.view("(view) => view.commands.outline()")


def zoomed_out(cast: Cast) -> None:
    cast.board()
    cast.view("(view) => view.zoom(0.3)")


def history(cast: Cast) -> None:
    cast.board()
    cast.page.locator(".sk-statechip").click()
    cast.page.locator(".sk-version").first.wait_for()
    cast.page.wait_for_timeout(600)


def met(cast: Cast) -> None:
    """A second person changes the same setting at the same moment."""
    company(cast)
    second = cast.page.context.pages[-1]
    moment = int(cast.page.evaluate("Date.now()")) + 1_500
    for page, value in ((second, "by somebody else"), (cast.page, "by me")):
        script = """([moment, value]) => void setTimeout(() =>
          window.__sakuga_view.setSettings('prompt', { template: value }), moment - Date.now())"""
        page.evaluate(script, [moment, value])
    cast.page.wait_for_timeout(3_000)


def company(cast: Cast) -> None:
    """A second person opens the same workflow."""
    cast.board(8)
    second = cast.page.context.new_page()
    second.goto(cast.page.url)
    second.wait_for_function("window.__sakuga_view?.model.cards.size >= 8")
    second.evaluate("window.__sakuga_view.focusNode('generator')")
    cast.page.bring_to_front()
    cast.page.locator(".sk-person").first.wait_for()


def publish(cast: Cast) -> None:
    cast.board()
    cast.press("Publish")


def compared(cast: Cast) -> None:
    cast.press("Publish")
    cast.press("Compare on the canvas")


def menu_of_workflow(cast: Cast) -> None:
    cast.page.locator(".sk-flow .sk-btn--icon").first.click()


def appearance(cast: Cast) -> None:
    cast.press("Appearance")


def held(cast: Cast) -> None:
    cast.press("Look into it")
