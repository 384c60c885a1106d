"""The choice of a secret by its name; the value itself is never typed into a form of settings."""

from collections.abc import Callable
from typing import Any, Protocol

from nicegui import ui

from app.ui.lang.say import t

_NEW = "+"


class Shelf(Protocol):
    """Where the names come from."""

    names: tuple[str, ...]
    may_make: bool

    async def load(self) -> None: ...
    async def make(self, chosen: Callable[[str], Any]) -> None: ...


def secret_choice(shelf: Shelf | None, value: str, on_change: Callable[[str], Any]) -> Any:
    """A choice among secrets, none of them, and where allowed a new one."""
    current = [value]

    def options() -> dict[str, str]:
        names = dict.fromkeys((*(shelf.names if shelf else ()), *filter(None, current)))
        new = {_NEW: t("New secret…")} if shelf and shelf.may_make else {}
        return {"": t("No secret"), **{name: name for name in names}, **new}

    def choose(name: str) -> None:
        current[0] = name
        made.set_options(options(), value=name)
        on_change(name)

    async def changed(event: Any) -> None:
        picked = str(event.value or "")
        if picked == _NEW and shelf is not None:
            made.set_value(current[0])
            await shelf.make(choose)
        elif picked != current[0] or event.value is None:
            current[0] = picked
            on_change(picked)

    async def look_again() -> None:
        if shelf is not None:
            await shelf.load()
            if not made.is_deleted:
                made.set_options(options(), value=current[0])

    made = ui.select(options(), value=value, on_change=changed).props("options-dense")
    made.on("popup-show", look_again)
    return made
