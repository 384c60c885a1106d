"""Anime: cel clouds, two-tone shading, ink outlines, large eyes, drifting petals."""

import numpy as np

from app.providers.procedural.brush import Spot
from app.providers.procedural.colour import WHITE, Colour, mix
from app.providers.procedural.faces import drawn_face
from app.providers.procedural.fields import blur
from app.providers.procedural.lighting import bloom, glow, ground_shadow, relief
from app.providers.procedural.scene import Figure, Piece, Scene, stand
from app.providers.procedural.scenery import below, city, cloud, hills, petals, stars
from app.providers.procedural.shapes import disc, ellipse, polygon

_HORIZON = 0.68
_GROUND = 0.95


def anime(scene: Scene) -> None:
    colours = scene.colours
    sun = float(scene.rng.choice([0.22, 0.78]))
    _sky(scene, sun)
    {"sea": _sea, "city": _streets, "hills": _meadow}[scene.reading.place](scene)
    figure = stand(scene, _GROUND, 0.34, x=0.04 if sun < 0.5 else -0.04, bust=0.44)
    if figure:
        _subject(scene, figure, light=-1 if sun < 0.5 else 1)
        if scene.reading.place == "hills" and not figure.is_person:
            _grass(scene, 46, figure.foot, figure.half_width)
    night = scene.reading.hour == "night"
    petals(scene, 30, colours["accent"] if night else mix(colours["main"], WHITE, 0.55))
    glow(scene.canvas, (sun, 0.2), 1.15, colours["accent"], 0.2, power=1.2)
    bloom(scene.canvas, 0.8, 0.02, WHITE, 0.4)


def _sky(scene: Scene, sun: float) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    horizon = colours["horizon"]
    canvas.gradient([(0, colours["top"]), (0.45, colours["middle"]), (0.72, horizon), (1, horizon)])
    glow(canvas, (sun, 0.2), 0.75, colours["accent"], 0.55)
    glow(canvas, (sun, 0.2), 0.13, WHITE, 0.9, power=0.8)
    lit, shade = mix(WHITE, horizon, 0.1), mix(colours["middle"], horizon, 0.35)
    if scene.reading.hour == "night":
        stars(scene, 150, 0.6)
        canvas.draw(disc(0.07), colours["paper"], canvas.spot(sun, 0.2))
        lit, shade = mix(colours["middle"], colours["light"], 0.25), colours["middle"]
    cloud(scene, (rng.uniform(0, 1), 0.3), 0.16, lit, mix(lit, shade, 0.4))
    for left, right, y, size in ((0.05, 0.3, 0.5, 0.5), (0.7, 0.95, 0.56, 0.62), (0.3, 0.7, 0.66, 0.42)):
        cloud(scene, (rng.uniform(left, right), y), size, lit, shade)


def _sea(scene: Scene) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    water = below(canvas, _HORIZON)
    canvas.paint(water, mix(colours["top"], colours["middle"], 0.45))
    canvas.paint(np.clip((canvas.y - _HORIZON) / 0.3, 0, 1) * water, colours["top"], 0.6)
    foam = mix(colours["horizon"], WHITE, 0.5)
    for y in np.linspace(_HORIZON + 0.01, 0.98, 46):
        near = (y - _HORIZON) / (1 - _HORIZON)
        wave = ellipse(0, 0, rng.uniform(0.02, 0.06 + 0.12 * near), 0.0015 + 0.0025 * near)
        canvas.draw(wave, foam, canvas.spot(rng.random(), y), alpha=0.5)
    if scene.subject not in {"boat", "person", None}:
        shore = hills(scene, 0.86, 0.025, 2)
        canvas.paint(shore, mix(colours["horizon"], colours["light"], 0.4))
        canvas.paint(
            shore * np.clip((canvas.y - 0.84) * 5, 0, 1), mix(colours["horizon"], colours["dark"], 0.2), 0.5
        )


def _streets(scene: Scene) -> None:
    canvas, colours = scene.canvas, scene.colours
    night = scene.reading.hour == "night"
    city(scene, 0.86, 0.34, mix(colours["far"], colours["horizon"], 0.45), None)
    windows = colours["accent"] if night else mix(colours["horizon"], WHITE, 0.4)
    city(scene, 0.95, 0.36, mix(colours["mid"], colours["top"], 0.3), windows)
    terrace = below(canvas, 0.87)
    canvas.paint(terrace, mix(colours["far"], colours["light"], 0.15 if night else 0.55))
    canvas.paint(below(canvas, 0.87) - below(canvas, 0.885), colours["light"], 0.7)
    canvas.paint(terrace * np.clip((canvas.y - 0.86) * 4, 0, 1), colours["mid"], 0.45)


def _meadow(scene: Scene) -> None:
    canvas, colours = scene.canvas, scene.colours
    canvas.paint(hills(scene, 0.68, 0.16), mix(colours["far"], colours["horizon"], 0.35))
    canvas.paint(hills(scene, 0.76, 0.12), colours["mid"])
    front = hills(scene, 0.85, 0.05, 4)
    canvas.paint(front, colours["near"])
    canvas.paint(front * np.clip((canvas.y - 0.8) * 5, 0, 1), colours["dark"], 0.3)
    _grass(scene, 130, canvas.spot(0.5, 0.96), canvas.width)


def _grass(scene: Scene, count: int, around: Spot, reach: float) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    for _ in range(count):
        tip = rng.uniform(-1.5, 1.5)
        blade = polygon([(-0.5, 1), (tip, -2.6), (0.5, 1)])
        at = (
            around[0] + rng.uniform(-1.1, 1.1) * reach,
            around[1] + rng.uniform(-0.005, 0.05) * canvas.height,
        )
        tint = mix(colours["near"], colours["accent"], rng.uniform(0, 0.35))
        canvas.draw(blade, tint, at, 0.011 * canvas.unit, alpha=0.9)


def _subject(scene: Scene, figure: Figure, light: int) -> None:
    canvas, colours = scene.canvas, scene.colours
    if not figure.is_person:
        afloat = figure.subject == "boat" and scene.reading.place == "sea"
        shade = colours["top"] if afloat else colours["dark"]
        ground_shadow(canvas, figure.foot, figure.half_width * 0.95, shade, 0.6)
    ink = np.clip(blur(figure.silhouette(), 0.004 * canvas.unit) * 3.2, 0, 1)
    canvas.paint(ink, colours["dark"])
    for piece in figure.pieces():
        _cel(scene, figure, piece, light)
        if figure.is_person and piece.role == "skin" and len(piece.shape.points) > 8:
            night = scene.reading.hour == "night"
            iris = colours["main"] if night else mix(colours["top"], colours["main"], 0.2)
            drawn_face(figure, colours, iris)


def _cel(scene: Scene, figure: Figure, piece: Piece, light: int) -> None:
    """Fill a part, add one shadow tone and one light tone, and ink the edges between big parts."""
    canvas, colours = scene.canvas, scene.colours
    colour: Colour = colours[piece.role]
    mask = piece.stamp.mask
    alpha = 0.7 if piece.role == "steam" else 1.0
    canvas.paint(piece.stamp, colour, alpha)
    if not piece.solid:
        return
    lit = relief(mask, 0.05 * figure.scale, 0.8 * light, -0.55)
    shade = colour * mix(colours["top"], WHITE, 0.35)
    canvas.paint(piece.stamp._replace(mask=(lit < -0.1) * mask), shade, 0.55)
    bright = np.clip((lit - 0.45) * 9, 0, 1) * mask
    canvas.paint(piece.stamp._replace(mask=bright), mix(colour, colours["light"], 0.6), 0.55)
    if piece.role in {"hair", "back", "main", "skin"}:
        edge = np.clip(mask * (1 - blur(mask, 0.003 * canvas.unit)) * 3.4, 0, 1)
        canvas.paint(piece.stamp._replace(mask=edge), colours["dark"], 0.75)
