"""What changed between two texts, word by word. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

PieceKind = Literal["same", "removed", "added"]

# a word, one character of a script that sets no spaces, white space, or one mark
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3]|[^\W_]+|\s+|[\W_]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# comparing costs up to the product of both lengths: longer texts are compared line by line
_MOST_WORDS = 1_500
_MOST_LINES = 1_500


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: what both have, what only the earlier one had, or what only the later one has."""

    kind: PieceKind
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces that lead from one text to the other; of a change, what was removed comes first.

    The pieces that are not ``added`` make up `before`, those that are not ``removed`` make up `after`.
    """
    start = _common(before, after)
    # a word is compared whole: the common parts end where a word ends in both texts
    while start and not (_ends_word(before, start) and _ends_word(after, start)):
        start -= 1
    old, new = _tokens(before[start:], after[start:])
    pieces = [*_piece("same", before[:start]), *_compared(old, new)]
    return tuple(_joined(pieces))


def _common(before: str, after: str) -> int:
    low, high = 0, min(len(before), len(after))
    while low < high:
        middle = (low + high + 1) // 2
        if before[:middle] == after[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _ends_word(text: str, at: int) -> bool:
    return at >= len(text) or not (text[at - 1].isalnum() and text[at].isalnum())


def _tokens(before: str, after: str) -> tuple[Sequence[str], Sequence[str]]:
    for pattern, most in ((_TOKEN, _MOST_WORDS), (_LINE, _MOST_LINES)):
        old, new = pattern.findall(before), pattern.findall(after)
        if len(old) <= most and len(new) <= most:
            return old, new
    return [before], [after]


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    for _, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = "".join(old[i1:i2]), "".join(new[j1:j2])
        if was == now:
            yield from _piece("same", now)
        else:
            yield from _piece("removed", was)
            yield from _piece("added", now)


def _piece(kind: PieceKind, text: str) -> Iterator[Piece]:
    if text:
        yield Piece(kind, text)


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Words that changed with only white space between them are one change: that reads as people write."""
    removed = added = ""
    for index, piece in enumerate(pieces):
        changes_follow = index + 1 < len(pieces) and (removed or added)
        if piece.kind == "removed":
            removed += piece.text
        elif piece.kind == "added":
            added += piece.text
        elif changes_follow and piece.text.isspace() and len(piece.text) <= 2:
            removed, added = removed + piece.text, added + piece.text
        else:
            yield from (*_piece("removed", removed), *_piece("added", added), piece)
            removed = added = ""
    yield from (*_piece("removed", removed), *_piece("added", added))
