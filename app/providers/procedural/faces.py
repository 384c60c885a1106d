"""Faces of the person subject: drawn large for anime and studio, in a few strokes elsewhere."""

from app.providers.procedural.colour import WHITE, Colour, mix, rgb
from app.providers.procedural.palettes import Palette
from app.providers.procedural.scene import Figure
from app.providers.procedural.shapes import curve, ellipse

_EYE = 0.165
_BLUSH = rgb("f2736b")


def drawn_face(figure: Figure, colours: Palette, iris: Colour) -> None:
    """Paint large eyes with lashes, brows, blush, nose and mouth."""
    lash = colours["dark"]
    for side in (-1, 1):
        _eye(figure, side, iris, lash)
        brow = curve([(-0.085 * side, -0.318), (0, -0.338), (0.09 * side, -0.322)], 0.02)
        figure.draw(brow, mix(colours["hair"], lash, 0.45), side * _EYE)
        figure.draw(ellipse(side * 0.035, -0.02, 0.062, 0.03), _BLUSH, side * _EYE, alpha=0.3)
    figure.draw(curve([(-0.05, 0.09), (0, 0.105), (0.05, 0.09)], 0.018), _lips(colours))
    figure.draw(curve([(0.0, 0.005), (0.012, 0.022)], 0.014), colours["skin"] * 0.75)


def _eye(figure: Figure, side: int, iris: Colour, lash: Colour) -> None:
    aside = side * _EYE
    figure.draw(ellipse(0, -0.15, 0.088, 0.1), WHITE, aside)
    figure.draw(ellipse(0, -0.145, 0.07, 0.094), iris * 0.7, aside)
    figure.draw(ellipse(0, -0.17, 0.046, 0.056), iris * 0.25, aside)
    figure.draw(ellipse(0, -0.095, 0.044, 0.04), mix(iris, WHITE, 0.55), aside)
    figure.draw(ellipse(-0.028, -0.19, 0.024, 0.028), WHITE, aside)
    figure.draw(ellipse(0.03, -0.105, 0.012, 0.014), WHITE, aside)
    lid = [(-0.09 * side, -0.205), (-0.04 * side, -0.25), (0.04 * side, -0.248), (0.105 * side, -0.185)]
    figure.draw(curve(lid, 0.03), lash, aside)


def plain_face(figure: Figure, colours: Palette, *, blush: bool = True) -> None:
    """Paint dot eyes, a nose stroke, a smile and, if asked, cheeks."""
    ink = colours["dark"]
    for side in (-1, 1):
        figure.draw(ellipse(0, -0.16, 0.036, 0.05), ink, side * _EYE)
        figure.draw(curve([(-0.07, -0.275), (0, -0.3), (0.07, -0.28)], 0.02), ink, side * _EYE, alpha=0.7)
        if blush:
            figure.draw(ellipse(0, -0.03, 0.075, 0.045), _BLUSH, side * 0.2, alpha=0.3)
    figure.draw(curve([(0.0, -0.1), (0.028, 0.0), (-0.008, 0.012)], 0.018), ink, alpha=0.45)
    figure.draw(curve([(-0.07, 0.075), (0, 0.1), (0.07, 0.075)], 0.026), _lips(colours))


def _lips(colours: Palette) -> Colour:
    return mix(colours["skin"], rgb("991f1f"), 0.75)
