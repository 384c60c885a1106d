"""How other systems call a workflow."""

from collections.abc import Callable

from app.ui.editor.desk import Desk
from app.ui.editor.running import trigger_fields
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, icon_button, link_button, text
from app.ui.parts.show import Code, banner, dialog
from app.ui.snippets import sample_payload, trigger_curl


def first_published(desk: Desk, redraw: Callable[[], None]) -> None:
    """What a first version is good for."""

    def close() -> None:
        desk.first_published = False
        redraw()

    def call() -> None:
        how_to_call(desk)
        close()

    with banner("good", "o_check_circle", t("Other systems can call it now")):
        button(t("How to call it"), call, kind="primary", small=True)
        icon_button(t("Close"), "close", close, small=True)


def how_to_call(desk: Desk) -> None:
    """Show a command that triggers the workflow, and where the rest stands."""
    url = desk.visitor.house.system.public_url
    with dialog(t("How to call it")) as (window, foot):
        if desk.version is None:
            banner(
                "warn",
                "o_warning_amber",
                t("Not published yet"),
                t("Callers get 409 until the first version exists."),
            )
        text(t("Any service that can make an HTTP request can trigger it:"), "sk-muted", tag="p")
        Code(trigger_curl(url, desk.slug, sample_payload(trigger_fields(desk))), wrap=True)
        text(
            t(
                "SAKUGA_API_KEY holds a key of the calling service; you make keys in the settings. "
                "The answer comes at once with the run's id; "
                "the pictures go to callback_url when they are done."
            ),
            "sk-hint",
            tag="p",
        )
        with box("sk-row sk-row--wrap"):
            if desk.visitor.may("keys.read"):
                link_button(t("API keys"), "/settings", icon="o_key")
            link = link_button(
                t("OpenAPI document"), f"/v1/workflows/{desk.slug}/openapi.json", icon="o_description"
            )
            attrs(link, target="_blank")
        with foot:
            button(t("Close"), window.close, kind="ghost")
    window.open()
