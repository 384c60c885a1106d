"""The Run button with what a run would take, and the other ways to run beside it."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from app.ui.editor.estimate import about, explained
from app.ui.editor.running import Runner
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, icon_button, text

Act = Callable[[], Any]


class RunButton:
    """Kept up while the graph changes; `acts` are pins, rows."""

    def __init__(self, runner: Runner, acts: dict[str, Act]) -> None:
        self._runner = runner
        with box("sk-runbutton"):
            self._run = button(t("Run##verb"), runner.ask, icon="play_arrow").classes("sk-btn--narrow")
            with self._run:
                self._about = attrs(
                    text("", "sk-runbutton__about sk-num"), aria_hidden="true"
                )  # described instead
            self._menu(acts)
        runner.estimate.told.append(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say what is known now."""
        estimate = self._runner.estimate
        told = explained(estimate.whole)
        self._about.text = about(estimate.whole)
        attrs(self._run, aria_description=told, title=told)
        self._run.update()
        rest = about(estimate.rest)
        count = len(self._runner.fresh.stale)
        self._stale.text = f"{t('Run only what changed')} ({count})" if count else t("Run only what changed")
        self._rest.text = rest if count else ""
        self._stale_item.set_enabled(bool(count))

    def _menu(self, acts: dict[str, Act]) -> None:
        runner = self._runner
        with icon_button(t("Other ways to run"), "arrow_drop_down"), ui.menu().props("auto-close"):
            ui.menu_item(t("Run with…"), on_click=runner.ask).classes("sk-menu-item")
            self._stale_item = ui.menu_item(on_click=runner.only_stale).classes("sk-menu-item")
            with self._stale_item, box("sk-row sk-row--between sk-grow"):
                self._stale = text("")
                self._rest = text("", "sk-small sk-muted sk-num")
            for label, name in ((t("Rows…"), "rows"), (t("Pinned results…"), "pins")):
                ui.menu_item(label, on_click=acts[name]).classes("sk-menu-item")
