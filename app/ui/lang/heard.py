"""What inner layers say in English, in the visitor's language.

Errors and explanations of the API are English by contract; pages say them by the patterns of the area
``server``, whose keys hold ``{parts}``. What no pattern fits stays English: a person still learns it.
"""

import re
from datetime import datetime
from functools import cache, lru_cache

from app.tongues import DEFAULT
from app.ui.lang.catalogue import area, catalogue
from app.ui.lang.say import current, filled
from app.ui.words import exact

_PART = re.compile(r"\\\{(\w+)\\\}")
# a rule after the name of what broke it: "prompt must be text"
_RULE = re.compile(r"(?P<field>[\w.\[\]'-]{1,80}) (?P<rule>(?:must|is|has|names|cannot) .+)", re.DOTALL)
_NAME = re.compile(r"\w+[_.]\w")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
# an English reader meets no type expressions either
_SOCKET_TYPE = re.compile(r" \((?:List\[\w+\]|[A-Z]\w+)\)(?= needs a link)")
_LONGEST = 2_000
_AREA = "server"


def heard(message: object) -> str:
    """A sentence of the server in the visitor's language, beginning with a capital letter."""
    text = overheard(message)
    first = text.split(" ", 1)[0]
    # a name that somebody gave begins as it was given
    named = _NAME.match(text) or (text != str(message) and first in str(message).split())
    return text if named else text[:1].upper() + text[1:]


def overheard(message: object) -> str:
    """The same as part of a longer line: it begins as it is written."""
    return _heard(current(), str(message)[:_LONGEST])


@lru_cache(maxsize=4_096)
def _heard(language: str, message: str) -> str:
    return _INSTANT.sub(lambda found: _moment(found[0]), _translated(language, message))


def _translated(language: str, message: str) -> str:
    message = _SOCKET_TYPE.sub("", message) if language == DEFAULT else message
    known = area(language, _AREA)
    for text in (message, message[:1].lower() + message[1:]):
        if isinstance(known.get(text), str):
            return str(known[text])
    for pattern, translation in _patterns(language):
        found = pattern.fullmatch(message)
        if found is not None:
            return filled(
                translation, {name: _part(language, name, part) for name, part in found.groupdict().items()}
            )
    # the title of a node, and what happened at it
    title, colon, told = message.partition(": ")
    if colon and (said := _heard(language, told)) != told:
        return f"{title}: {said}"
    if "; " in message:
        return "; ".join(_broken(language, part) for part in message.split("; "))
    return _broken(language, message)


def _part(language: str, name: str, part: str) -> str:
    """What stands in a sentence: a socket by its label, a type by its name, a reason as a sentence."""
    known = catalogue(language)
    match name:
        case "socket":
            said = known.get(part.replace("_", " ").capitalize())
        case "type":
            said = known.get(f"{part.removeprefix('List[').removesuffix(']')}##type")
        case "check":
            said = known.get(part.replace("_", " "))
        case "when":
            said = _moment(part)
        case _:
            said = _heard(language, part)
    return said if isinstance(said, str) else part


def _moment(part: str) -> str:
    """A moment of the API in the order of the language; what is none stays as it is."""
    try:
        return exact(datetime.fromisoformat(part).timestamp())
    except ValueError:
        return part


def _broken(language: str, message: str) -> str:
    """A rule with the field it is about before it; a setting of ours by its label."""
    found = _RULE.fullmatch(message)
    rule = _heard(language, found["rule"]) if found else ""
    if found is None or rule == found["rule"]:
        return message
    name = found["field"].removeprefix("settings.")
    words = name.replace("_", " ")
    label = catalogue(language).get(words[:1].upper() + words[1:])
    return f"{label if isinstance(label, str) else name}: {rule}"


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The texts with parts, those with most letters of their own first."""
    given = [
        (text, entry)
        for text, entry in area(language, _AREA).items()
        if "{" in text and isinstance(entry, str)
    ]
    given.sort(key=lambda each: -len(re.sub(r"\{\w+\}", "", each[0])))
    return tuple((_pattern(text), entry) for text, entry in given)


def _pattern(text: str) -> re.Pattern[str]:
    source = _PART.sub(r"(?P<\1>.+?)", re.escape(text))
    head, rest = source[:1], source[1:]
    # the same sentence may begin a line, or stand within one
    return re.compile((f"[{head}{head.swapcase()}]" if head.isalpha() else head) + rest, re.DOTALL)
