"""Commands of every page: where one can go, what one can set, and help."""

from functools import partial

from nicegui import ui

from app.tongues import LANGUAGES
from app.ui.command.entries import Command
from app.ui.command.shortcuts import shortcut_sheet
from app.ui.lang.choose import remember_script
from app.ui.lang.say import said, t
from app.ui.visitor import Visitor

# name, address, icon, the right it needs, other words it is searched by
_PAGES = (
    (said("Workflows"), "/workflows", "o_account_tree", "workflows.read", "graphs canvas"),
    (said("Templates"), "/templates", "o_auto_awesome", "workflows.read", "gallery examples begin"),
    (said("Runs"), "/runs", "o_play_circle", "runs.read", "history jobs tasks executions"),
    (said("Rows"), "/rows", "o_table_rows", "runs.read", "csv table batch"),
    (said("Schedules"), "/schedules", "o_event_repeat", "schedules.read", "cron time"),
    (said("Pictures"), "/pictures", "o_photo_library", "assets.read", "assets images photos uploads"),
    (said("Callbacks"), "/callbacks", "o_outbound", "deliveries.read", "webhook deliveries"),
    (said("Test inbox"), "/inbox", "o_inbox", "inbox.read", "callback messages"),
    (said("Alerts"), "/alerts", "o_notifications", "alerts.read", "notifications problems warnings"),
    (said("Limits"), "/limits", "o_speed", "limits.read", "rate breaker queue"),
    (said("Spend"), "/spend", "o_savings", "limits.read", "credits budget cost"),
)
_SETTINGS = (
    (said("Settings"), "/settings", "o_settings", "runs.read", "callers keys"),
    (said("Services"), "/services", "o_cable", "runs.read", "providers models connections"),
    (said("Secrets"), "/secrets", "o_key", "secrets.read", "keys passwords credentials tokens"),
)
_HELP = ((said("API reference"), "/docs", "o_api", "openapi http"),)


def places(visitor: Visitor) -> list[Command]:
    """Pages, settings and help, as far as the visitor may see them."""
    found = [_page(t("Pages"), each) for each in _PAGES if visitor.may(each[3])]
    found += [_page(t("Settings"), each) for each in _SETTINGS if visitor.may(each[3])]
    found += [
        Command(
            f"language:{code}",
            t("Settings"),
            t("Language: {name}", name=name),
            "o_translate",
            words="language sprache 言語",
            act=partial(_speak, code),
        )
        for code, name in LANGUAGES.items()
    ]
    found.append(
        Command("help:keys", t("Help"), t("Keyboard shortcuts"), "o_keyboard", keys="?", act=shortcut_sheet)
    )
    found += [
        Command(f"help:{href}", t("Help"), t(label), icon, words=words, href=href)
        for label, href, icon, words in _HELP
    ]
    return found


def _speak(code: str) -> None:
    ui.run_javascript(remember_script(code))


def _page(group: str, page: tuple[str, str, str, str, str]) -> Command:
    label, href, icon, _, words = page
    return Command(f"page:{href}", group, t(label), icon, words=words, href=href)
