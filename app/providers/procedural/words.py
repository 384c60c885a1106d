"""Read prompts and style hints: which subject, which hour, which place, which colours, which style."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Hour = Literal["day", "dusk", "night"]
Place = Literal["hills", "sea", "city"]

STYLES = ("anime", "studio-product", "editorial-flat", "watercolour", "noir", "neon", "papercut")
SUBJECTS = ("person", "bottle", "mug", "shoe", "bag", "phone", "plant", "cat", "boat", "house")

_STYLE_WORDS = {
    "anime": "anime manga cel ghibli shonen shojo",
    "studio-product": "studio product packshot photorealistic photography photo ecommerce catalogue catalog",
    "editorial-flat": "flat editorial vector geometric minimal bauhaus poster",
    "watercolour": "watercolour watercolor aquarelle gouache painterly wash",
    "noir": "noir monochrome detective hardboiled",
    "neon": "neon cyberpunk synthwave vaporwave retrowave outrun",
    "papercut": "papercut paper cutout origami collage layered",
}
# Named things first, then places and plants, then words that often only colour a sentence.
_SUBJECT_WORDS: tuple[dict[str, str], ...] = (
    {
        "person": "woman man girl boy person portrait hero heroine samurai knight detective chef pilot "
        "astronaut idol princess witch warrior founder barista dancer",
        "bottle": "bottle perfume serum skincare lotion wine oil fragrance shampoo drink juice cosmetic "
        "moisturizer moisturiser toner mist cologne",
        "mug": "mug cup coffee tea latte espresso matcha cocoa teacup tumbler",
        "shoe": "shoe sneaker trainer boot footwear loafer sandal",
        "bag": "bag handbag backpack tote purse satchel wallet",
        "phone": "phone smartphone app mobile tablet laptop device screen headphone",
        "cat": "cat kitten fox animal pet dog wolf puppy",
    },
    {
        "plant": "plant flower tulip rose bouquet leaf botanical garden monstera tree candle vase",
        "boat": "boat ship sail yacht sea ocean harbour harbor lake island beach",
        "house": "house home cabin shop cafe temple shrine school castle building architecture",
    },
    {
        "person": "character model student team people people's fashion",
        "bottle": "beauty cosmetics grooming cream",
        "mug": "kitchen kitchenware tableware ceramic ceramics",
        "phone": "electronics gadget technology tech",
        "bag": "accessories leather travel",
        "shoe": "running sportswear sport",
    },
)
_SHORT_HAIR = frozenset(["man", "boy", "detective", "samurai", "chef", "pilot", "king", "knight"])
_HOURS: dict[Hour, str] = {
    "dusk": "sunset dusk evening autumn sunrise dawn",
    "night": "night moon star midnight nocturnal",
}
_PLACES: dict[Place, str] = {
    "sea": "sea ocean beach boat harbour harbor lake ship island sail yacht",
    "city": "city street skyline rooftop urban tokyo neon downtown",
}
_COLOURS = {
    "red": "d7263d", "crimson": "a4133c", "orange": "f3722c", "amber": "ffb000", "yellow": "f9c74f",
    "gold": "d4a373", "golden": "d4a373", "green": "43aa8b", "emerald": "0f9d76", "teal": "118ab2",
    "blue": "2f6fed", "navy": "1d3557", "indigo": "4b3fbf", "violet": "7b2cbf", "purple": "7b2cbf",
    "magenta": "d100a0", "pink": "ff7aa2", "coral": "ff7f6b", "brown": "8d5b3f", "beige": "e6ccb2",
    "white": "f8f9fa", "black": "22252b", "silver": "adb5bd", "grey": "8d99ae", "gray": "8d99ae",
    "turquoise": "2ec4b6", "mint": "8fd6b4", "lavender": "b8a1e3", "cream": "f3e6d0", "olive": "7a8450",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """What a prompt asks for, as far as the model understands it."""

    subject: str | None
    short_hair: bool
    hour: Hour
    place: Place
    colours: tuple[str, ...]


def read(prompt: str) -> Reading:
    """Pick subject, scene and colours out of a prompt; unknown words are ignored."""
    words = tokens(prompt)
    hours = [hour for hour, listed in _HOURS.items() if _first(words, listed) is not None]
    places = [place for place, listed in _PLACES.items() if _first(words, listed) is not None]
    subject = _subject(words)
    return Reading(
        subject=subject,
        short_hair=not _SHORT_HAIR.isdisjoint(words),
        hour=hours[-1] if hours else "day",
        place=places[0] if places else "hills",
        colours=tuple(dict.fromkeys(_COLOURS[word] for word in _colour_words(words, subject))),
    )


def style_of(hint: str) -> tuple[str, bool]:
    """Return (style key, understood?) for a key, an alias or a longer text.

    A hint that names no style still gets one, always the same for the same hint.
    """
    words = tokens(hint)
    joined = "-".join(words)
    if joined in STYLES:
        return joined, True
    found = {style: _first(words, f"{listed} {style}") for style, listed in _STYLE_WORDS.items()}
    named = [(position, style) for style, position in found.items() if position is not None]
    if named:
        return min(named)[1], True
    digest = hashlib.sha256(joined.encode()).digest()
    return STYLES[digest[0] % len(STYLES)], False


def tokens(text: str) -> list[str]:
    """Split into lower-case words without accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"[a-z]+", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def _subject(words: list[str]) -> str | None:
    for tier in _SUBJECT_WORDS:
        found = {subject: _first(words, listed) for subject, listed in tier.items()}
        named = [(position, subject) for subject, position in found.items() if position is not None]
        if named:
            return min(named)[1]
    return None


def _colour_words(words: list[str], subject: str | None) -> list[str]:
    """Find colour names; "cream" is a colour only where it is not the thing itself."""
    return [word for word in words if word in _COLOURS and not (word == "cream" and subject == "bottle")]


def _first(words: list[str], listed: str) -> int | None:
    """Return the position of the first listed word, plural allowed."""
    wanted = set(listed.split())
    for position, word in enumerate(words):
        if wanted & {word, word.removesuffix("s"), word.removesuffix("es")}:
            return position
    return None
