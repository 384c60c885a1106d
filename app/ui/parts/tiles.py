"""Choices that have pictures: what a style looks like, what shape a platform wants."""

from app.assets.imaging.presets import load_platforms
from app.ui.lang.nodes import choice_words
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, icon, text
from app.ui.words import title
from nodes.presets import styles


def picture(value: str) -> None:
    """The sample of a shipped style, or a platform's shape to scale; nothing for any other value."""
    platforms = load_platforms()
    if value in styles():
        attrs(box(tag="img"), src=f"/gallery/style-{value}.webp", alt="", loading="lazy")
    elif value in platforms:
        preset = platforms[value]
        with box("sk-tile__shape"):
            shape = box("sk-tile__wide" if preset.aspect > 1 else "")
            shape.style(f"aspect-ratio: {preset.width} / {preset.height}")


def no_picture() -> None:
    """Where a choice of somebody's own has no sample."""
    with box("sk-tile__shape sk-tile__shape--own"):
        icon("o_palette")


def pixels(value: str) -> None:
    """A platform's size; nothing for any other value."""
    preset = load_platforms().get(value)
    if preset is not None:
        size = t("{width} × {height} px", width=preset.width, height=preset.height)
        text(size, "sk-tile__size sk-num")


def tile_words(value: str) -> str:
    """What people read for a choice."""
    known = {"true": t("Yes"), "false": t("No")}
    if value not in styles() and value not in load_platforms():
        return known.get(value) or title(value)
    plain = value.replace("_", " ")
    found = choice_words(plain)
    if found != plain:
        return found
    return styles()[value].title if value in styles() else title(value)


def has_pictures(values: list[str]) -> bool:
    """Whether these are shipped styles, or platforms, and nothing else."""
    return set(values) <= set(styles()) or set(values) <= set(load_platforms())
