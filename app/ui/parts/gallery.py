"""Pictures in a grid, enlarged on click."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.ui.house import House
from app.ui.lang.say import decimal, t
from app.ui.parts.base import anchor, attrs, box, icon, text
from app.ui.parts.show import dialog, status
from app.ui.words import BELOW_QUALITY, CHECKS, size

# so many are shown large, from the whole file
_FEW = 3


def gallery(house: House, pictures: Sequence[Mapping[str, Any]]) -> None:
    """Thumbnails of images; each opens the whole picture with what is known of it."""
    few = len(pictures) <= _FEW
    with box("sk-pictures sk-pictures--few" if few else "sk-pictures"):
        for picture in pictures:
            _picture(house, picture, whole=few)


def caption(picture: Mapping[str, Any]) -> str:
    """Platform, size and format in one line."""
    parts = [str(picture.get("platform_code") or ""), f"{picture['width']} × {picture['height']}"]
    return " · ".join(part for part in (*parts, str(picture["format"])) if part)


def _picture(house: House, picture: Mapping[str, Any], *, whole: bool) -> None:
    address = house.picture(picture["sha256"], picture["format"]) if whole else house.thumb(picture["sha256"])
    alt = str(picture.get("alt_text") or picture.get("platform_code") or t("Generated picture"))
    with box("sk-picture", "figure"):
        with box(
            "sk-picture__frame", "button", type="button", aria_label=t("Enlarge: {alt}", alt=alt)
        ) as opener:
            attrs(box(tag="img"), src=address, alt=alt, loading="lazy", decoding="async")
        opener.on("click", lambda: _enlarge(house, picture, alt))
        with box("sk-row", "figcaption"):
            text(caption(picture), "sk-small sk-muted sk-cut")
            if (picture.get("qc") or {}).get("passed") is False:
                status(BELOW_QUALITY, chip=False)


def _enlarge(house: House, picture: Mapping[str, Any], alt: str) -> None:
    address = house.picture(picture["sha256"], picture["format"])
    with dialog(caption(picture), size="wide") as (window, foot):
        attrs(box("sk-big", "img"), src=address, alt=alt)
        for value in (picture.get("alt_text"), picture.get("caption")):
            if value:
                text(str(value), "sk-muted sk-wrap", tag="p")
        _quality(picture.get("qc"))
        with foot:
            text(size(int(picture.get("bytes") or 0)), "sk-small sk-muted sk-grow")
            attrs(anchor(t("Open original"), address, "sk-link"), target="_blank", rel="noopener")
    window.open()


def _quality(report: Mapping[str, Any] | None) -> None:
    if not report or not report.get("checks"):
        return
    with box("sk-kv", "dl"):
        for check in report["checks"]:
            text(t(CHECKS.get(str(check["name"]), str(check["name"]).replace("_", " "))), tag="dt")
            with box("sk-row", "dd"):
                passed = bool(check["passed"])
                with box("sk-status", "span", data_tone="good" if passed else "warn"):
                    icon("o_check_circle" if passed else "o_warning_amber")
                    text(t("passed") if passed else t("missed"))
                bound = t("at most") if check.get("op") == "max" else t("at least")
                text(
                    f"{decimal(check['value'])} ({bound} {decimal(check['threshold'])})",
                    "sk-small sk-muted sk-num",
                )
