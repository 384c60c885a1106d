"""The one error for a key that maps to nothing: it names the trigger field and what would be right (S40)."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from pydantic import JsonValue

from graphs.errors import PermanentError


def unknown_value(
    what: str, value: str, allowed: Collection[str], trigger: Mapping[str, JsonValue], socket: str
) -> PermanentError:
    """An error of code ``trigger.unknown_value`` that lists the allowed keys.

    Args:
        what: What the key names, for example ``style preset``.
        value: The key that was sent.
        allowed: The keys that exist.
        trigger: The accepted trigger fields; the one that carries the value is named.
        socket: Name of the input the value came in by, for when no field carries it.
    """
    close = get_close_matches(value, allowed, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    keys = ", ".join(sorted(allowed))
    shown = value if len(value) <= 60 else f"{value[:60]}…"
    return PermanentError(
        "trigger.unknown_value",
        f"No {what} is called '{shown}'.{hint} Allowed: {keys}.",
        field=_field(value, trigger, socket),
    )


def _field(value: str, trigger: Mapping[str, JsonValue], socket: str) -> str:
    carriers = [name for name, sent in trigger.items() if sent == value]
    # Two fields may hold the same text; the one named like the socket is meant.
    return min(carriers, key=lambda name: socket not in name, default=socket)
