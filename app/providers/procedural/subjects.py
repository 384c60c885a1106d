"""The ten subjects as role-tagged outlines, painted back to front; every style can paint each of them.

One row is `role kind numbers`: role names a palette entry, the numbers are the arguments of the shape.
"""

import functools
from dataclasses import dataclass

import numpy as np

from app.providers.procedural.shapes import Shape, curve, ellipse, line, polygon, ring, rounded, smooth

LINE = 0.035
_ROWS: dict[str, str] = {
    "person": """
        back smooth -.45 -.4 -.34 -.78 0 -.93 .34 -.78 .45 -.4 .5 .05
            .56 .5 .3 .42 0 .36 -.3 .42 -.56 .5 -.5 .05
        skin polygon -.13 .05 .13 .05 .15 .42 -.15 .42
        main smooth -.86 1.15 -.74 .5 -.3 .31 0 .46 .3 .31 .74 .5 .86 1.15 0 1.3
        light polygon -.2 .3 0 .62 .2 .3 .27 .36 0 .78 -.27 .36
        skin smooth -.35 -.45 -.2 -.66 0 -.72 .2 -.66 .35 -.45 .345 -.12
            .22 .1 .07 .205 -.07 .205 -.22 .1 -.345 -.12
        hair smooth -.385 .04 -.45 -.36 -.36 -.74 -.14 -.91 .12 -.91 .36 -.74 .45 -.36
            .385 .04 .345 -.2 .32 -.44 .25 -.3 .17 -.5 .06 -.29 -.02 -.52 -.14 -.3 -.2 -.5
            -.29 -.31 -.33 -.45 -.35 -.2
        """,
    "bottle": """
        main rounded -.36 -.38 .36 .95 .12
        dark rounded -.13 -.56 .13 -.34 .03
        accent rounded -.2 -.96 .2 -.52 .05
        light rounded -.25 .02 .25 .62 .02
        line line -.15 .2 .15 .2
        line line -.1 .32 .1 .32
        accent ellipse 0 .47 .06 .06
        """,
    "mug": """
        main ring .5 .28 .27 .3 .1
        main rounded -.55 -.25 .48 .85 .16
        light ellipse -.035 -.25 .515 .12
        dark ellipse -.035 -.23 .46 .09
        accent ellipse -.03 .32 .17 .17
        steam curve -.25 -.4 -.16 -.54 -.3 -.7 -.2 -.88
        steam curve .08 -.4 .18 -.56 .04 -.72 .14 -.96
        """,
    "shoe": """
        light smooth -.46 -.26 -.34 -.38 -.2 -.41 -.11 -.32 -.14 -.16 -.3 -.16
        main smooth -.93 .42 -.97 .05 -.94 -.28 -.84 -.42 -.68 -.34 -.5 -.26 -.34 -.32 -.2 -.3 -.04 -.1
            .26 .06 .62 .13 .9 .26 .98 .46 .4 .52 -.4 .52
        accent smooth -.95 .0 -.93 -.28 -.84 -.4 -.74 -.3 -.72 .0 -.76 .4 -.93 .42
        accent smooth .55 .14 .75 .17 .92 .28 .97 .44 .7 .46 .52 .4
        light smooth -.62 .36 -.3 .2 0 .02 .14 .04 .1 .2 -.14 .34 -.4 .42
        light rounded -1.0 .42 1.03 .62 .1
        dark rounded -.98 .58 1.01 .68 .05
        line line -.26 -.14 -.1 -.24
        line line -.13 -.03 .04 -.13
        line line .01 .08 .18 -.02
        """,
    "bag": """
        accent ring 0 -.32 .34 .5 .07
        main polygon -.66 -.28 .66 -.28 .8 .85 -.8 .85
        dark smooth -.66 -.28 -.3 -.29 .3 -.29 .66 -.28 .69 -.02 .6 .16 .2 .3 0 .34 -.2 .3 -.6 .16 -.69 -.02
        light rounded -.1 .18 .1 .4 .05
        accent ellipse 0 .29 .05 .05
        """,
    "phone": """
        dark rounded -.46 -.94 .46 .94 .14
        main rounded -.4 -.88 .4 .88 .1
        accent ellipse 0 -.28 .24 .24
        light polygon -.08 -.42 -.08 -.14 .14 -.28
        light rounded -.26 .14 .26 .24 .05
        light rounded -.26 .34 .1 .42 .04
        accent rounded -.26 .58 .26 .74 .08
        dark rounded -.12 -.84 .12 -.77 .035
        """,
    "plant": """
        stem curve 0 .4 -.03 -.1 0 -.6
        leaf smooth 0 .35 -.5 .22 -.85 -.25 -.35 -.1
        leaf smooth 0 .25 .5 .1 .88 -.4 .35 -.2
        leaf smooth 0 0 -.35 -.2 -.6 -.72 -.2 -.4
        leaf smooth 0 -.05 .3 -.3 .5 -.85 .15 -.45
        accent smooth 0 -.45 -.25 -.7 -.12 -1 0 -.88 .12 -1 .25 -.7
        main polygon -.46 .32 .46 .32 .34 .95 -.34 .95
        light rounded -.52 .26 .52 .44 .04
        """,
    "cat": """
        main smooth .2 .96 .62 .96 .9 .74 .94 .3 .84 -.02 .7 -.04 .72 .12 .76 .36 .68 .62 .46 .74 .2 .72
        main smooth -.42 .95 -.52 .4 -.3 -.05 .3 -.05 .52 .4 .42 .95 0 1
        light smooth -.2 .9 -.22 .4 0 .2 .22 .4 .2 .9
        main smooth -.44 -.3 -.47 -.62 -.43 -.92 -.26 -.78 -.08 -.6 -.1 -.4
        main smooth .44 -.3 .47 -.62 .43 -.92 .26 -.78 .08 -.6 .1 -.4
        accent polygon -.37 -.5 -.39 -.79 -.2 -.6
        accent polygon .37 -.5 .39 -.79 .2 -.6
        main ellipse 0 -.32 .47 .38
        light smooth 0 -.24 -.16 -.2 -.18 -.08 -.08 -.02 0 -.05 .08 -.02 .18 -.08 .16 -.2
        accent smooth -.06 -.24 .06 -.24 0 -.17
        line curve -.09 -.1 -.03 -.08 0 -.16 .03 -.08 .09 -.1
        eye ellipse -.2 -.38 .075 .1
        eye ellipse .2 -.38 .075 .1
        glint ellipse -.225 -.42 .025 .032
        glint ellipse .175 -.42 .025 .032
        """,
    "boat": """
        light smooth .03 -.95 .3 -.5 .62 .3 .05 .32
        accent smooth -.04 -.8 -.25 -.3 -.55 .28 -.05 .32
        line line 0 -1 0 .45
        main smooth -.85 .4 0 .46 .92 .36 .6 .82 -.55 .82
        dark smooth -.72 .64 0 .68 .76 .6 .6 .82 -.55 .82
        """,
    "house": """
        dark rounded .36 -.8 .52 -.3 .01
        main rounded -.62 -.15 .62 .9 .01
        dark polygon -.82 -.1 0 -.85 .82 -.1
        accent rounded -.16 .35 .16 .9 .02
        light ellipse .1 .64 .025 .025
        light rounded -.48 .1 -.26 .36 .01
        light rounded .26 .1 .48 .36 .01
        line line -.37 .1 -.37 .36
        line line -.48 .23 -.26 .23
        line line .37 .1 .37 .36
        line line .26 .23 .48 .23
        light ellipse 0 -.38 .11 .11
        """,
}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One outline of a subject and the palette role that fills it."""

    role: str
    shape: Shape


@functools.cache
def parts_of(subject: str) -> tuple[Part, ...]:
    """Return the parts of a subject, back to front.

    Raises:
        KeyError: there is no such subject.
    """
    parts: list[Part] = []
    words = iter(_ROWS[subject].split())
    role = next(words, None)
    while role is not None:
        kind, numbers, following = next(words), [], None
        for word in words:
            if word[0].isalpha():
                following = word
                break
            numbers.append(float(word))
        parts.append(Part(role, _shape(kind, numbers)))
        role = following
    return tuple(parts)


@functools.cache
def extent(subject: str) -> tuple[float, float]:
    """Return (lowest point, half width) of a subject in unit space."""
    points = np.concatenate([part.shape.points for part in parts_of(subject)])
    return float(points[:, 1].max()), float(np.abs(points[:, 0]).max())


def _shape(kind: str, numbers: list[float]) -> Shape:
    match kind:
        case "line" | "curve":
            return (line if kind == "line" else curve)(numbers, LINE)
        case "polygon" | "smooth":
            return (polygon if kind == "polygon" else smooth)(numbers)
        case "ring":
            return ring(*numbers)
        case "rounded":
            return rounded(*numbers)
        case _:
            return ellipse(*numbers)
