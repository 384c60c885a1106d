"""Two pictures against each other."""

from collections.abc import Callable
from typing import Any

from nicegui.element import Element

from app.ui.lang.say import t
from app.ui.parts.base import attrs

MODES = ("slider", "side", "flicker", "difference")


class Comparison(Element, component="sk_compare.js"):
    """A slider, both beside each other, both in turns, or how they differ; keys 1 to 4 choose.

    Args:
        a: Address of the first picture.
        b: Address of the second one.
        ratio: Width over height of the stage.
        mode: One of ``MODES``.
        on_mode: Gets the chosen mode.
    """

    def __init__(self, a: str, b: str, ratio: float, mode: str, on_mode: Callable[[str], Any]) -> None:
        super().__init__()
        words = {
            "how": t("How to compare"),
            "slider": t("Slider"),
            "side": t("Side by side"),
            "flicker": t("Flicker"),
            "difference": t("Difference"),
            "a": t("Picture {name}", name="A"),
            "b": t("Picture {name}", name="B"),
        }
        attrs(self, a=a, b=b, ratio=ratio, words=words, start=mode)
        self.on("mode", lambda event: on_mode(str(event.args["name"])))
