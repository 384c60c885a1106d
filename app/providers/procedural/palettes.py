"""Curated palettes of ten roles per style, and how a prompt bends them."""

import numpy as np

from app.providers.procedural.colour import WHITE, Colour, distance, mix, rgb
from app.providers.procedural.look import Look
from app.providers.procedural.words import Reading

Palette = dict[str, Colour]

ROLES = ("top", "middle", "horizon", "far", "mid", "near", "main", "accent", "light", "dark")
PALETTES: dict[str, tuple[str, ...]] = {
    "anime": (
        "2a6fd6 6fb6f2 fdebc8 9cc4ea 5f9fc0 3f8a5f e8505b ffd166 fffdf5 24315e",
        "5cc2e0 a9e4ea fff6d6 a8d8c8 6fbf9f 3f9f6a ff8a5c ffe066 ffffff 1f4a5c",
        "3b2a78 c95d9c ffc48a b78fc4 7a5fa0 3c3b6e f26b5b ffe08a fff3e0 1f1b44",
        "0f1f4d 27508f 7fb2d9 39588f 28406f 16294d ff7aa2 ffe9a8 f4fbff 0a1330",
    ),
    "studio-product": (
        "e9dfd6 f3ece5 fbf8f4 dccabb c9ad98 b08d74 c4674a e9b89a fffaf3 3a2a22",
        "cfdad6 e2eae6 f5f8f6 b4c8bf 8fae9f 6b9080 2f6f5e f2c57c ffffff 16302a",
        "d9d6ea e9e6f4 f8f7fc bcb6da 9b92c6 776cab 5b4bb0 f5a3b5 ffffff 231c45",
        "20242c 2d333d 434b58 525c6b 3a414d 23272f b98a4a e8c987 fff3d6 0d0f13",
    ),
    "editorial-flat": (
        "f4e9d8 f4e9d8 f4e9d8 f2b84b 2f6f73 d9583b d9583b f2b84b fff8ea 1e2a38",
        "f7d9d4 f7d9d4 f7d9d4 f08a70 6b4fa0 2e2a5b f0544f ffd25e fff5ef 2e2a5b",
        "d8ecea d8ecea d8ecea f6c453 ee7752 1f5f8b 1f5f8b f6c453 ffffff 14324a",
        "1e3d59 1e3d59 1e3d59 ff6e40 ffc13b f5f0e1 ff6e40 ffc13b f5f0e1 122536",
    ),
    "watercolour": (
        "6fa8d6 b5d6ea f9d9b8 98b9c9 6c9c8c 4a7d55 c9402c f0a32f fffdf8 263f52",
        "9d84c4 d9b8d6 fce0c0 a795c2 7f74ab 4f628a b02a5b f2a541 fffdf8 2d274d",
        "66bdb6 b9e2d6 fdeccb 8ec8ad 52a288 317a60 e0562f f7c23c fffdf8 1c4343",
    ),
    "noir": ("0a0c10 1c2027 59626d 2f353e 1a1d23 0b0c0f 14161a c4142a f1f3f5 050608",),
    "neon": (
        "0d0221 2a0a5e ff3c98 43107a 260a52 12042e ff2e97 21e6ff fdf6ff 07010f",
        "021124 07304a 00d1b2 08425c 052a40 03182a 00ffd0 ff5ea8 f2fffd 010a14",
        "14021f 4b0f4f ff7a3c 5a1458 370d3f 1c0626 ff9a3c 7a5cff fff6ee 0b0112",
    ),
    "papercut": (
        "fbe3cf f8cdb0 f3a683 e77f67 c44569 786fa6 d6336c f9c846 fffaf2 303952",
        "dff3f0 b6e3dd 7fcfc9 43aaa8 2b7a88 1d4e66 ff7a5c ffd166 ffffff 12303f",
        "e8e4fb c9c0f5 a596ea 7d69d3 5645ab 332a75 ff7f9f ffdd87 ffffff 1c1748",
    ),
}
_SKIN = ("f6d7c3", "e8b894", "c98d63", "8d5a3c")
_HAIR = ("2b2130", "5a3825", "1f2a44", "a8432f", "d9a441")
_TOO_CLOSE = 0.16


def choose(style: str, reading: Reading, rng: np.random.Generator, look: Look | None = None) -> Palette:
    """Return the colours of one picture: those of the style or of a look, bent to what the prompt names."""
    palette = _base(style, reading, rng) | (look.palette(style) if look else {})
    hair = rgb(_HAIR[int(rng.integers(len(_HAIR)))])
    palette |= {
        "paper": palette["light"],
        "skin": rgb(_SKIN[int(rng.integers(len(_SKIN)))]),
        "hair": hair,
        "back": hair * np.float32(0.78),
        "line": palette["dark"],
        "eye": palette["dark"],
        "glint": WHITE,
        "leaf": rgb("3f8f63"),
        "stem": rgb("2f6b4a"),
        "steam": palette["light"],
    }
    _dye(palette, style, reading.colours)
    return palette


def _base(style: str, reading: Reading, rng: np.random.Generator) -> Palette:
    rows = PALETTES[style]
    index = int(rng.integers(len(rows)))
    if style == "anime":
        index = {"dusk": 2, "night": 3}.get(reading.hour, index % 2)
    return dict(zip(ROLES, map(rgb, rows[index].split()), strict=True))


def _dye(palette: Palette, style: str, colours: tuple[str, ...]) -> None:
    """Give the subject the colours of the prompt; noir keeps to one, on the accent."""
    wanted = [_glowing(rgb(code)) if style == "neon" else rgb(code) for code in colours]
    if style == "noir":
        palette["accent"] = wanted[0] if wanted else palette["accent"]
        return
    palette["main"] = wanted[0] if wanted else palette["main"]
    if len(wanted) > 1:
        palette["accent"] = wanted[1]
    if distance(palette["accent"], palette["main"]) < _TOO_CLOSE:
        palette["accent"] = mix(palette["near"], palette["light"], 0.45)
    if distance(palette["light"], palette["main"]) < _TOO_CLOSE:
        palette["light"] = mix(palette["light"], palette["near"], 0.35)
    if distance(palette["dark"], palette["main"]) < _TOO_CLOSE:
        palette["main"] = np.clip(palette["main"] * 1.6 + 0.02, 0, 1).astype(np.float32)


def _glowing(colour: Colour) -> Colour:
    """Return the hue at full brightness: a dark tube would not shine."""
    return colour / max(float(colour.max()), 0.05)
