"""A slider beside a number."""

from typing import Any

from app.ui.forms.spec import FormField
from app.ui.forms.values import slider_step
from app.ui.parts.base import attrs, box

# constant script: the place it was moved to, kept for whatever draws the page anew before the answer is here
_PLACE = "(event) => { element.props.value = event.target.value; emit(Number(event.target.value)); }"


def slider(field: FormField, number: Any) -> None:
    """A slider for a number whose bounds are near enough for one; it and the number follow each other.

    The browser's own, so that it can have the focus, and arrows, Home and End move it.
    """
    least, most, step = field.minimum or 0, field.maximum or 0, slider_step(field)
    if step is None:
        return

    def place(value: Any) -> str:
        return f"{min(most, max(least, float(value))) if isinstance(value, int | float) else least:g}"

    made = box("sk-slider", "input", type="range", aria_label=field.label)
    attrs(made, min=f"{least:g}", max=f"{most:g}", step=f"{step:g}", value=place(number.value))

    def moved(event: Any) -> None:
        # the slider is there already, or further by now: only what is remembered of it changes
        with made.props.suspend_updates():
            attrs(made, value=place(event.args))
        number.set_value(event.args)

    def follow(event: Any) -> None:
        if made.props["value"] != place(event.value):
            attrs(made, value=place(event.value))

    made.on("input", moved, js_handler=_PLACE, throttle=0.1)
    number.on_value_change(follow)
