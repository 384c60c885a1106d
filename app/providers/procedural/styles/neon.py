"""Neon: striped sun over a grid, glowing tubes for outlines, mirrored in the floor."""

import numpy as np

from app.providers.procedural.brush import Field
from app.providers.procedural.colour import WHITE, mix, rgb
from app.providers.procedural.fields import blur
from app.providers.procedural.lighting import bloom, glow, grain, relief, vignette
from app.providers.procedural.scene import Figure, Scene, stand
from app.providers.procedural.scenery import below, city, stars
from app.providers.procedural.shapes import disc, line, rounded

_HORIZON = 0.64
_SUN = 0.29
_OUTER = frozenset({"main", "hair", "back", "leaf", "line"})


def neon(scene: Scene) -> None:
    canvas = scene.canvas
    _sky(scene)
    _sun(scene)
    for base, role in ((_HORIZON - 0.005, "far"), (_HORIZON + 0.015, "mid")):
        city(scene, base, 0.17, scene.colours[role], scene.colours["accent"])
    _grid(scene)
    figure = stand(scene, 0.9, 0.34, bust=0.42)
    if figure:
        _subject(scene, figure)
    canvas.pixels[::3] *= 0.94
    bloom(canvas, 0.7, 0.03, scene.colours["horizon"], 0.35)
    vignette(canvas, 0.45)
    grain(canvas, scene.rng, 0.01)


def _sky(scene: Scene) -> None:
    colours = scene.colours
    scene.canvas.gradient(
        [
            (0, colours["top"]),
            (0.4, colours["middle"]),
            (_HORIZON, mix(colours["middle"], colours["horizon"], 0.75)),
            (1, colours["top"]),
        ]
    )
    stars(scene, 120, 0.5)


def _sun(scene: Scene) -> None:
    canvas, horizon = scene.canvas, scene.colours["horizon"]
    y = _HORIZON - 0.2 * canvas.unit / canvas.height
    glow(canvas, (0.5, y), 0.62, horizon, 0.75)
    stamp = canvas.stamp(disc(_SUN), canvas.spot(0.5, y), canvas.unit)
    down: Field = np.linspace(0, 1, stamp.mask.shape[0], dtype=np.float32)[:, None]
    # Seven gaps, wider towards the bottom.
    gap = (down > 0.38) & ((down * 14) % 1 < (down - 0.3) * 0.75)
    warm = mix(rgb("fff07a"), horizon, 0.0) + (horizon - rgb("fff07a")) * down[..., None]
    canvas.paint(stamp._replace(mask=stamp.mask * ~gap), np.broadcast_to(warm, (*stamp.mask.shape, 3)))


def _grid(scene: Scene) -> None:
    canvas, colours = scene.canvas, scene.colours
    canvas.paint(below(canvas, _HORIZON), colours["near"])
    lines = canvas.blank()
    for slope in np.linspace(-3.2, 3.2, 33):
        ends = [canvas.spot(0.5 + slope * 0.12, _HORIZON), canvas.spot(0.5 + slope * 1.5, 1.05)]
        area, mask = canvas.stamp(line(ends, 0.0022 * canvas.unit), (0, 0), 1)
        np.maximum(lines[area], mask, out=lines[area])
    thick = max(1, int(canvas.unit * 0.0028))
    for step in range(13):
        row = int((_HORIZON + (1 - _HORIZON) * (step / 12) ** 2.1) * canvas.height)
        lines[row : row + thick] = 1
    lines[: int(_HORIZON * canvas.height)] = 0
    canvas.paint(blur(lines, 0.008 * canvas.unit), colours["main"], 0.9, "light")
    canvas.paint(lines, mix(colours["main"], WHITE, 0.3), 0.85)


def _subject(scene: Scene, figure: Figure) -> None:
    canvas, colours = scene.canvas, scene.colours
    canvas.paint(figure.silhouette(), colours["dark"], 0.94)
    tubes = _tubes(figure)
    if not figure.is_person:
        _mirror(scene, figure, tubes)
    for role, tube in tubes.items():
        canvas.paint(blur(tube, 0.016 * canvas.unit), colours[role], 0.9, "light")
        canvas.paint(np.clip(blur(tube, 0.003 * canvas.unit) * 1.3, 0, 1), colours[role], 0.9, "light")
        canvas.paint(tube, mix(colours[role], WHITE, 0.6), 0.95)
    for piece in figure.pieces():
        if piece.role in {"main", "hair"} and piece.solid:
            lit = np.clip(relief(piece.stamp.mask, 0.06 * figure.scale, 0, -1), 0, 1)
            canvas.paint(piece.stamp._replace(mask=lit), colours["main"], 0.3, "light")
    if figure.is_person:
        _visor(scene, figure)


def _tubes(figure: Figure) -> dict[str, Field]:
    """Outline the parts back to front, each hiding the tubes behind it; keyed by colour role."""
    canvas = figure.canvas
    tubes = {"main": canvas.blank(), "accent": canvas.blank()}
    for role, shape, (area, mask) in figure.pieces(line=0.022):
        if shape.kind == "line" or role == "glint":
            edge = mask
        else:
            edge = np.clip((mask - np.minimum(mask, blur(mask, 0.0035 * canvas.unit))) * 3.2, 0, 1)
            for tube in tubes.values():
                tube[area] *= 1 - mask
        tube = tubes["accent" if role in _OUTER else "main"]
        np.maximum(tube[area], edge, out=tube[area])
    return tubes


def _mirror(scene: Scene, figure: Figure, tubes: dict[str, Field]) -> None:
    canvas = scene.canvas
    foot = min(int(figure.foot[1]), canvas.height)
    depth = min(canvas.height - foot, foot)
    if depth < 2:
        return
    fade = np.linspace(0.75, 0, depth, dtype=np.float32)[:, None]
    for role, tube in tubes.items():
        mirrored = canvas.blank()
        mirrored[foot : foot + depth] = tube[foot - depth : foot][::-1] * fade
        canvas.paint(blur(mirrored, 0.006 * canvas.unit), scene.colours[role], 0.9, "light")


def _visor(scene: Scene, figure: Figure) -> None:
    canvas, colours = scene.canvas, scene.colours
    visor = canvas.whole(canvas.stamp(rounded(-0.32, -0.3, 0.32, -0.11, 0.08), figure.at, figure.scale))
    canvas.paint(blur(visor, 0.02 * canvas.unit), colours["main"], 0.9, "light")
    canvas.paint(visor, mix(colours["main"], WHITE, 0.15))
    lower = np.clip((canvas.y - np.float32(figure.at[1] / canvas.height) + 0.1) * 6, 0, 1)
    canvas.paint(visor * lower, colours["accent"], 0.8)
    figure.draw(line([(-0.24, -0.26), (0.05, -0.26)], 0.02), WHITE, alpha=0.8)
    figure.draw(line([(-0.06, 0.09), (0.06, 0.09)], 0.02), mix(colours["main"], WHITE, 0.5))
