"""Values that must not come back: found in an answer however they are written, and replaced.

A receiver that repeats what it was sent writes a key as it is, escaped for JSON, HTML or an address, in
Base64 or in hexadecimal digits. The answer is unescaped and searched, and what was found is cut out of it.
"""

import base64
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_ESCAPE = re.compile(
    rb"\\u00([0-7][0-9a-fA-F])|%([0-7][0-9a-fA-F])|&#0{0,5}([0-9]{2,3});|&#[xX]0{0,5}([0-7][0-9a-fA-F]);"
    rb"|&(lt|gt|amp|quot|apos);|\\([\"\\/'])"
)
_ENTITIES = {b"lt": b"<", b"gt": b">", b"amp": b"&", b"quot": b'"', b"apos": b"'"}
# a shorter piece of another alphabet stands in any text
_SHORTEST = 6
_PRINTABLE = range(0x20, 0x7F)
# escapes in escapes, as in JSON that travels as a text in JSON
_LEVELS = 6
# addresses write blanks in two ways, and Base64 has two alphabets
_FOLD = bytes.maketrans(b"+-/", b"  _")


class Masker:
    """Replaces some values by their names.

    Args:
        values: Name → what must not be seen; printable ASCII, not empty.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._forms = [
            (form.translate(_FOLD), f"(secret {name})".encode())
            for name, value in values.items()
            for form in dict.fromkeys(_forms(value))
            if len(form) >= _SHORTEST or form == value.encode()
        ]

    def masked(self, data: bytes) -> bytes:
        """The same without the values."""
        found: list[tuple[int, int, bytes]] = []
        for level, text in enumerate(_levels(data)):
            folded = text.translate(_FOLD)
            if any(form in folded for form, _ in self._forms):
                found += self._found(folded, _at_level(data, level))
        return _replaced(data, found) if found else data

    def masked_text(self, text: str) -> str:
        return self.masked(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def _found(self, text: bytes, view: "_View") -> Iterator[tuple[int, int, bytes]]:
        for form, words in self._forms:
            at = text.find(form)
            while at >= 0:
                yield view.origin(at), view.origin(at + len(form)), words
                at = text.find(form, at + len(form))


@dataclass(frozen=True, slots=True)
class _View:
    """Bytes, and where each stood in the view before: places from which on there is another distance."""

    data: bytes
    places: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)
    before: "_View | None" = None

    def origin(self, place: int) -> int:
        """Where a byte stood at first."""
        mark = bisect_right(self.places, place) - 1
        earlier = self.origins[mark] + place - self.places[mark]
        return self.before.origin(earlier) if self.before else earlier

    def unescaped(self) -> "_View":
        parts: list[bytes] = []
        places, origins, at, length = [0], [0], 0, 0
        for escape in _ESCAPE.finditer(self.data):
            char = _meant(escape)
            parts += [self.data[at : escape.start()], char]
            length += escape.start() - at
            at = escape.end()
            places += [length, length + len(char)]
            length += len(char)
            origins += [escape.start(), at]
        return _View(b"".join((*parts, self.data[at:])), tuple(places), tuple(origins), self)


def _levels(data: bytes) -> Iterator[bytes]:
    """The bytes as they are, then what their escapes stand for, until there are none."""
    for _ in range(_LEVELS):
        yield data
        before, data = data, _ESCAPE.sub(_meant, data)
        if len(before) == len(data):
            return


def _at_level(data: bytes, level: int) -> _View:
    view = _View(data)
    for _ in range(level):
        view = view.unescaped()
    return view


def _meant(escape: re.Match[bytes]) -> bytes:
    """The character that an escape stands for; one that is not printable stays as it is written."""
    json_hex, url_hex, decimal, html_hex, entity, plain = escape.groups()
    if plain or entity:
        return plain or _ENTITIES[entity]
    code = int(decimal) if decimal else int(json_hex or url_hex or html_hex, 16)
    return bytes([code]) if code in _PRINTABLE else escape[0]


def _replaced(data: bytes, found: list[tuple[int, int, bytes]]) -> bytes:
    kept, at = [], 0
    for begin, end, words in sorted(found, key=lambda each: (each[0], -each[1])):
        if begin >= at:
            kept += [data[at:begin], words]
        at = max(at, end)
    return b"".join((*kept, data[at:]))


def _forms(value: str) -> Iterator[bytes]:
    raw = value.encode()
    # what the value itself has that looks like an escape is unescaped with the answer
    yield from _levels(raw)
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        # the first and the last character may also hold bits of what stands around it
        core = text[(before * 8 + 5) // 6 :]
        yield core if (len(raw) + before) % 3 == 0 else core[:-1]
