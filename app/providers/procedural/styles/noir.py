"""Noir: moon, fog, street lamp, rain and wet asphalt; grey, rim-lit, with one spot of colour."""

import numpy as np

from app.providers.procedural.colour import BLACK, WHITE, grey, mix, rgb
from app.providers.procedural.fields import blur, noise
from app.providers.procedural.lighting import glow, grain, relief, vignette
from app.providers.procedural.scene import Figure, Scene, stand
from app.providers.procedural.scenery import city
from app.providers.procedural.shapes import curve, disc, ellipse, polygon, rounded, smooth

_STREET = 0.86
_LAMPLIGHT = rgb("f2eddb")
_TONES = {"skin": 0.34, "light": 0.5, "main": 0.15, "dark": 0.05, "leaf": 0.12, "eye": 0.7, "steam": 0.55}


def noir(scene: Scene) -> None:
    canvas, rng = scene.canvas, scene.rng
    moon = float(rng.choice([0.27, 0.73]))
    lamp = 0.11 if moon > 0.5 else 0.89
    _night(scene, moon)
    _lamp(scene, lamp)
    figure = stand(scene, _STREET + 0.08, 0.37, bust=0.43)
    if figure:
        _halo(scene, figure)
    _street(scene)
    if figure:
        _subject(scene, figure, light=1 if lamp > 0.5 else -1)
    _rain(scene)
    grain(canvas, rng, 0.03)
    vignette(canvas, 0.7)


def _night(scene: Scene, moon: float) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    horizon = colours["horizon"]
    canvas.gradient([(0, colours["top"]), (0.55, colours["middle"]), (0.8, horizon), (1, colours["top"])])
    glow(canvas, (moon, 0.2), 0.7, WHITE, 0.5, power=2.2)
    stamp = canvas.stamp(disc(0.1), canvas.spot(moon, 0.2), canvas.unit)
    canvas.paint(stamp, colours["paper"] * 0.95)
    seas = np.clip((noise(rng, canvas.size, 14, 3)[stamp.area] - 0.5) * 3, 0, 1) * stamp.mask
    canvas.paint(stamp._replace(mask=seas), horizon, 0.4)
    fog = noise(rng, canvas.size, 3, 4) * np.clip(1 - np.abs(canvas.y - 0.42) * 2.2, 0, 1)
    canvas.paint(fog, horizon * 1.15, 0.5, "light")
    city(scene, 0.84, 0.44, mix(colours["far"], horizon, 0.3), None)
    canvas.paint(np.clip(1 - np.abs(canvas.y - 0.72) * 5, 0, 1), horizon, 0.5, "light")
    city(scene, 0.96, 0.38, colours["mid"], rgb("d9d4bd"))


def _lamp(scene: Scene, x: float) -> None:
    canvas, colours, unit = scene.canvas, scene.colours, scene.canvas.unit
    head = canvas.spot(x, 0.2)
    beam = canvas.whole(
        canvas.stamp(polygon([(0, 0), (-0.36, 0.9), (0.36, 0.9)]), head, canvas.height * 0.95)
    )
    canvas.paint(blur(beam, 0.03 * unit) * np.clip(1.15 - canvas.y, 0, 1), _LAMPLIGHT, 0.36, "light")
    canvas.draw(rounded(-0.006, 0, 0.006, 0.9), colours["dark"], head, canvas.height)
    canvas.draw(
        polygon([(-0.05, 0.012), (0.05, 0.012), (0.02, -0.02), (-0.02, -0.02)]), colours["dark"], head
    )
    glow(canvas, (x, 0.215), 0.17, WHITE, 0.85, power=1.5)


def _halo(scene: Scene, figure: Figure) -> None:
    """Fill the fog behind the subject with light, so that its outline reads."""
    canvas = scene.canvas
    fog = np.clip(blur(figure.silhouette(), 0.07 * canvas.unit) * 1.5, 0, 1)
    canvas.paint(fog, scene.colours["horizon"] * 1.25, 0.5)


def _street(scene: Scene) -> None:
    canvas = scene.canvas
    edge = int(_STREET * canvas.height)
    depth = canvas.height - edge
    mirrored = canvas.pixels[edge - depth : edge][::-1].copy()
    broken = noise(scene.rng, (canvas.width, depth), 6, 3)[..., None]
    canvas.pixels[edge:] = scene.colours["near"] + mirrored * (0.2 + 0.45 * broken)


def _subject(scene: Scene, figure: Figure, light: int) -> None:
    canvas, colours = scene.canvas, scene.colours
    if not figure.is_person:
        shadow = canvas.whole(canvas.stamp(ellipse(0, 0, 1.1, 0.1), figure.foot, figure.half_width))
        canvas.paint(blur(shadow, 0.012 * canvas.unit), BLACK, 0.75)
    for piece in figure.pieces():
        spot = piece.role == "accent"
        tone = colours["accent"] * 0.85 if spot else grey(_TONES.get(piece.role, 0.08))
        tone = WHITE if piece.role == "glint" else tone
        canvas.paint(piece.stamp, tone, 0.5 if piece.role == "steam" else 1)
        if not piece.solid:
            continue
        lit = relief(piece.stamp.mask, 0.05 * figure.scale, light, -0.35)
        rim = mix(_LAMPLIGHT, colours["accent"], 0.55) if spot else _LAMPLIGHT
        canvas.paint(piece.stamp._replace(mask=np.clip(lit * 1.9 - 0.12, 0, 1)), rim, 0.88)
        canvas.paint(piece.stamp._replace(mask=np.clip(-lit * 1.5, 0, 1)), BLACK, 0.75)
    if figure.is_person:
        _dress(scene, figure, light)


def _dress(scene: Scene, figure: Figure, light: int) -> None:
    """Add half-lit features, a fedora and a tie."""
    colours = scene.colours
    figure.draw(ellipse(0, -0.5, 0.42, 0.14), BLACK, alpha=0.55)
    for side in (-1, 1):
        bright = 0.92 if side == light else 0.3
        figure.draw(curve([(-0.075, -0.2), (0, -0.235), (0.075, -0.2)], 0.024), BLACK, side * 0.15)
        figure.draw(ellipse(0, -0.195, 0.05, 0.022), grey(bright), side * 0.15)
        figure.draw(ellipse(0, -0.195, 0.02, 0.022), BLACK, side * 0.15)
    figure.draw(curve([(0.0, -0.12), (0.03 * light, 0.0), (-0.01, 0.012)], 0.018), BLACK, alpha=0.6)
    figure.draw(curve([(-0.08, 0.085), (0, 0.095), (0.08, 0.082)], 0.022), grey(0.09))
    crown = [
        (-0.38, -0.62),
        (-0.34, -1.02),
        (-0.1, -1.1),
        (0, -1.03),
        (0.1, -1.1),
        (0.34, -1.02),
        (0.38, -0.62),
        (0, -0.56),
    ]
    figure.draw(ellipse(0, -0.6, 0.63, 0.12), grey(0.16))
    figure.draw(ellipse(0, -0.615, 0.62, 0.115), colours["dark"])
    figure.draw(smooth(crown), colours["mid"])
    figure.draw(
        polygon([(-0.38, -0.77), (0.38, -0.77), (0.39, -0.64), (-0.39, -0.64)]), colours["accent"] * 0.85
    )
    figure.draw(
        polygon([(-0.05, 0.44), (0.05, 0.44), (0.09, 0.95), (0, 1.05), (-0.09, 0.95)]), colours["accent"]
    )


def _rain(scene: Scene) -> None:
    canvas = scene.canvas
    drop = polygon([(0, 0), (0.1, 0), (-1.2, 9), (-1.3, 9)])
    for x, y, length in scene.rng.random((170, 3)):
        at = canvas.spot(x * 1.1, y * 1.1 - 0.1)
        canvas.draw(drop, WHITE, at, canvas.unit * (0.004 + 0.009 * length), alpha=0.2)
