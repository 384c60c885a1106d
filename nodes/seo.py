"""Words about a picture, by fixed rules: the same facts always give the same text (S57 to S59)."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from slugify import slugify

from graphs.sockets import Image
from nodes.presets import colour_names
from nodes.template import cut, parse

ALT_TEXT_LENGTH = 125
_STEM_LENGTH = 80
_CAPTION_LENGTHS = {"x_post": 280, "pinterest_pin": 500, "linkedin_post": 3000}
_EXTENSIONS = {"jpeg": "jpg"}
_IMAGE_OF = re.compile(r"^(an?\s+|the\s+)?(image|picture|photo|photograph)\s+of\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one picture, in words; empty where nothing is known."""

    subject: str
    category: str = ""
    brand: str = ""
    style: str = ""
    colours: str = ""
    platform: str = ""


def alt_text(facts: Facts) -> str:
    """What the picture shows, at most 125 characters, never beginning with "image of"."""
    subject = _IMAGE_OF.sub("", facts.subject)
    colours = f" in {facts.colours} tones" if facts.colours else ""
    style = f", {_lower_first(facts.style)}" if facts.style else ""
    return cut(_upper_first(f"{subject}{colours}{style}"), ALT_TEXT_LENGTH)


def caption(facts: Facts, template: str, length: int) -> str:
    """A caption from the template, or a plain sentence; within `length` and the platform's own limit."""
    limit = min(length, _CAPTION_LENGTHS.get(facts.platform, length))
    if template:
        values = {name: getattr(facts, name) for name in Facts.__slots__}
        return cut(parse(template).render(values, optional=Facts.__slots__), limit)
    brand = f" by {facts.brand}" if facts.brand and not _names(facts.subject, facts.brand) else ""
    style = f", {_article(facts.style)} {_lower_first(facts.style)}" if facts.style else ""
    colours = f" in {facts.colours} tones" if facts.colours else ""
    return cut(_upper_first(f"{facts.subject}{brand}{style}{colours}."), limit)


def title(facts: Facts) -> str:
    """Subject and brand, each once."""
    brand = "" if _names(facts.subject, facts.brand) else facts.brand
    return _upper_first(" - ".join(filter(None, (facts.subject, brand))))


def keywords(facts: Facts) -> list[str]:
    """Lower-case keywords, each once, the most specific first."""
    found = (facts.subject, facts.category, facts.brand, facts.style, *facts.colours.split(" and "))
    return list(dict.fromkeys(word.lower() for word in found if word))


def filename(facts: Facts, image: Image, variant: str) -> str:
    """``{brand}-{product}-{variant}-{platform}-{w}x{h}-{8 hex}.{ext}`` in lower-case ASCII.

    The part before the dot has at most 80 characters: the product's name gives way, the rest stays.
    The hexadecimal digits begin the content's SHA-256, so that two pictures never share a name.
    """
    brand = _slug(facts.brand, 20, whole_words=True)
    tail = [_slug(variant, 16), _slug(facts.platform, 20)]
    tail += [f"{image.width}x{image.height}", image.sha256[:8].lower()]
    fixed = "-".join(filter(None, (brand, *tail)))
    product = _slug(facts.subject).removeprefix(f"{brand}-") or "image"
    product = _slug(product, _STEM_LENGTH - len(fixed) - 1, whole_words=True)
    stem = "-".join(filter(None, (brand, product, *tail)))
    return f"{stem}.{_EXTENSIONS.get(image.format, image.format)}"


def colours_in_words(shares: Iterable[tuple[str, float]]) -> str:
    """The one or two main colours of (hex, share) pairs, such as ``beige and teal``."""
    totals: dict[str, float] = {}
    for code, share in shares:
        name = _nearest(code)
        totals[name] = totals.get(name, 0) + share
    return " and ".join(sorted(totals, key=lambda name: -totals[name])[:2])


@functools.lru_cache(maxsize=4096)
def _slug(text: str, length: int = 0, *, whole_words: bool = False) -> str:
    # brands, styles, platforms and products come again with every picture
    return slugify(text, max_length=length, word_boundary=whole_words)


@functools.lru_cache(maxsize=4096)
def _nearest(code: str) -> str:
    red, green, blue = bytes.fromhex(code.removeprefix("#"))

    def distance(name: str) -> float:
        """Weighted by how the eye sees red and blue at this brightness ("redmean")."""
        other = colour_names()[name]
        mean = (red + other[0]) / 2
        parts = ((red - other[0]) ** 2, (green - other[1]) ** 2, (blue - other[2]) ** 2)
        return (2 + mean / 256) * parts[0] + 4 * parts[1] + (2 + (255 - mean) / 256) * parts[2]

    return min(colour_names(), key=distance)


def _names(text: str, brand: str) -> bool:
    return brand.casefold() in text.casefold()


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
