"""What the palette offers: commands with a name, a group, and an address or an act."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Act = Callable[[], Awaitable[Any] | Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One line. `words` are searched too but not shown; `keys` is a chord of the shortcuts' tables.

    `id` is stable: what was used last is remembered by it.
    """

    id: str
    group: str
    label: str
    icon: str = "chevron_right"
    hint: str = ""
    words: str = ""
    keys: str = ""
    href: str = ""
    act: Act | None = None

    def shown(self) -> dict[str, Any]:
        """As the browser takes it."""
        return {
            "id": self.id,
            "group": self.group,
            "label": self.label[:200],
            "icon": self.icon.removeprefix("o_"),
            "hint": self.hint[:120],
            "words": self.words[:300],
            "keys": self.keys,
            "href": self.href,
        }
