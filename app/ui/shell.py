"""The frame of every page: navigation, the main part, and who is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nicegui import run, ui

from app.engine.money import BudgetExhaustedError
from app.tongues import LANGUAGES
from app.ui import theme
from app.ui.command.palette import Commands, command_palette
from app.ui.lang.choose import remember_script
from app.ui.lang.heard import heard
from app.ui.lang.say import said, t
from app.ui.parts.base import Tag, anchor, attrs, box, icon, icon_button, text
from app.ui.visitor import RefusedError, Visitor
from app.ui.words import ROLE_NAMES


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    key: str
    label: str
    href: str
    icon: str
    action: str


# the first four stand in the bar of a phone, the others behind More
_AT_HAND = 4
PLACES = (
    Place("workflows", said("Workflows"), "/workflows", "o_account_tree", "workflows.read"),
    Place("runs", said("Runs"), "/runs", "o_play_circle", "runs.read"),
    Place("apps", said("Apps"), "/apps", "o_apps", "runs.read"),
    Place("limits", said("Limits"), "/limits", "o_speed", "limits.read"),
    Place("rows", said("Rows"), "/rows", "o_table_rows", "runs.read"),
    Place("schedules", said("Schedules"), "/schedules", "o_event_repeat", "schedules.read"),
    Place("pictures", said("Pictures"), "/pictures", "o_photo_library", "assets.read"),
    Place("callbacks", said("Callbacks"), "/callbacks", "o_outbound", "deliveries.read"),
    Place("alerts", said("Alerts"), "/alerts", "o_notifications", "alerts.read"),
    Place("spend", said("Spend"), "/spend", "o_savings", "limits.read"),
    Place("settings", said("Settings"), "/settings", "o_settings", "runs.read"),
)


@contextmanager
def frame(visitor: Visitor, here: str, title: str, *, page: str = "sk-page") -> Iterator[None]:
    """Build the frame and enter the main part; `page` are the classes of the column in it."""
    ui.page_title(f"{title} · Sakuga")
    ui.dark_mode(theme.quasar_dark(visitor.theme))
    ui.on_exception(_tell)
    commands = command_palette(visitor)
    with box("sk-frame"):
        anchor(t("Skip to content"), "#main", "sk-skip")
        _navigation(visitor, here, commands)
        with attrs(box("sk-main", "main"), id="main", tabindex="-1"), box(page):
            yield


@contextmanager
def head(title: str, subtitle: str = "", *, back: tuple[str, str] | None = None) -> Iterator[None]:
    """Title line of a page; enters the place of its actions. `back` is (label, address)."""
    with box("sk-head", "header"):
        with box("sk-head__title"):
            if back is not None:
                with attrs(box("sk-crumb", "a"), href=back[1]):
                    icon("o_arrow_back")
                    text(back[0])
            text(title, "sk-cut", tag="h1")
            if subtitle:
                text(subtitle, tag="p")
        with box("sk-head__actions"):
            yield


def tabs(label: str, entries: list[tuple[str, str, bool]]) -> None:
    """Links between sibling pages: (label, address, whether it is this page)."""
    with box("sk-tabs", "nav", aria_label=label):
        for name, href, current in entries:
            made = anchor(name, href, "sk-tab")
            if current:
                attrs(made, aria_current="page")


def settings_tabs(visitor: Visitor, here: str) -> None:
    """The pages of an installation's settings; ``here`` is the address of this one."""
    places = [(t("General"), "/settings"), (t("Services"), "/services")]
    if visitor.may("secrets.read"):
        places.append((t("Secrets"), "/secrets"))
    tabs(t("Settings"), [(label, href, href == here) for label, href in places])


def _tell(error: Exception) -> None:
    if isinstance(error, BudgetExhaustedError):
        ui.notify(heard(error))
    elif not isinstance(error, RefusedError):
        ui.notify(t("That did not work. The reason is in the server's log; try again."))


def _navigation(visitor: Visitor, here: str, commands: Commands) -> None:
    with box("sk-nav", "nav", aria_label=t("Main")):
        with attrs(box("sk-brand", "a"), href="/workflows", aria_label=t("Sakuga, to the workflows")):
            _mark()
            text("Sakuga")
        shown = [place for place in PLACES if visitor.may(place.action)]
        for place in shown[:_AT_HAND]:
            _entry(place, current=place.key == here)
        rest = box("sk-nav__rest", popover="auto")
        with rest:
            for place in shown[_AT_HAND:]:
                _entry(place, current=place.key == here)
            _search(commands)
        more = box("sk-nav__item sk-nav__more", "button", type="button", popovertarget=rest.html_id)
        with attrs(more, aria_label=t("More pages")):
            icon("o_more_horiz")
            text(t("More"))
        with box("sk-nav__foot"):
            with box("sk-nav__who"):
                text(visitor.identity.caller, "sk-small sk-strong sk-cut", tag="div")
                text(
                    t(ROLE_NAMES.get(visitor.identity.role, visitor.identity.role)),
                    "sk-small sk-faint",
                    tag="div",
                )
            _language_menu()
            _theme_menu(visitor)
            icon_button(t("Sign out"), "o_logout", lambda: sign_out(visitor), small=True)


def _search(commands: Commands) -> None:
    find = box("sk-nav__item sk-nav__find", "button", type="button", title=t("Commands and search"))
    with find:
        icon("search")
        text(t("Search##verb"))
        attrs(Tag("kbd", f"{t('Ctrl')} K"), data_keys_shown="mod+k")
    find.on("click", commands.show)
    # on a phone it stands in a sheet that would stay above what it opens
    find.on("click", js_handler="(event) => event.currentTarget.closest('[popover]').hidePopover()")


def _entry(place: Place, *, current: bool) -> None:
    with attrs(box("sk-nav__item", "a"), href=place.href) as made:
        icon(place.icon)
        text(t(place.label))
    if current:
        attrs(made, aria_current="page")


def _mark() -> None:
    with box("sk-brand__mark", aria_hidden="true"), attrs(box(tag="svg"), viewBox="0 0 24 24", fill="none"):
        attrs(
            Tag("path"),
            d="M5 19V5l14 14V5",
            stroke="currentColor",
            stroke_width="3.4",
            stroke_linecap="round",
            stroke_linejoin="round",
        )


def _theme_menu(visitor: Visitor) -> None:
    with icon_button(t("Appearance"), "o_contrast", small=True), ui.menu().props("auto-close"):
        for wanted, label in (("auto", t("Follow the system")), ("light", t("Light")), ("dark", t("Dark"))):
            ui.menu_item(label, on_click=lambda wanted=wanted: choose_theme(visitor, wanted)).classes(
                "sk-menu-item"
            )


def _language_menu() -> None:
    with icon_button(t("Language"), "o_translate", small=True), ui.menu().props("auto-close"):
        for code, name in LANGUAGES.items():
            item = ui.menu_item(name, on_click=lambda code=code: ui.run_javascript(remember_script(code)))
            attrs(item.classes("sk-menu-item"), lang=code)


async def sign_out(visitor: Visitor) -> None:
    """End the session everywhere and go to the door."""
    await run.io_bound(visitor.house.system.sessions.close, visitor.session)
    ui.navigate.to("/login")


async def choose_theme(visitor: Visitor, wanted: theme.Theme) -> None:
    """Switch the appearance of this page and remember it in the browser."""
    for element in ui.context.client.elements.values():
        if isinstance(element, ui.dark_mode):
            element.value = theme.quasar_dark(wanted)
    ui.run_javascript(theme.remember_script(wanted))
    for follow in visitor.on_theme:
        await follow(wanted)
