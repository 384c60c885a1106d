"""What people read for the values and entries of a field."""

from typing import Any

from app.tongues import DEFAULT
from app.ui.forms.spec import FormField
from app.ui.forms.values import to_text
from app.ui.lang.nodes import choice_words
from app.ui.lang.say import current, t


def option_words(field: FormField, value: Any) -> str:
    """A value to choose, in words; what people named themselves only loses its underscores."""
    plain = to_text(value).replace("_", " ")
    return plain if field.verbatim else choice_words(plain)


def added(label: str) -> str:
    """What the button that adds an entry says: ``Add field`` for a list of fields."""
    if current() != DEFAULT:
        return t("Add to {label}", label=label)
    lowered = label.lower()
    return f"Add {lowered[:-1] if lowered.endswith('s') else f'to {lowered}'}"
