"""Papercut: stacked sheets with soft shadows and lit edges, seen through a cut-out frame."""

import numpy as np

from app.providers.procedural.brush import Field, Stamp
from app.providers.procedural.colour import WHITE, Colour, mix
from app.providers.procedural.faces import plain_face
from app.providers.procedural.fields import blur, noise, shifted, stretch
from app.providers.procedural.lighting import glow, vignette
from app.providers.procedural.scene import Figure, Scene, stand
from app.providers.procedural.scenery import hills
from app.providers.procedural.shapes import disc, polygon, smooth

_GROUND = 0.885
_CLOUD = (
    -1.1,
    0.1,
    -0.9,
    -0.25,
    -0.45,
    -0.3,
    -0.1,
    -0.65,
    0.4,
    -0.3,
    0.9,
    -0.28,
    1.1,
    0.1,
    0.6,
    0.2,
    -0.6,
    0.2,
)
_HALF_FIR = ((0.0, -1.5), (0.28, -0.9), (0.16, -0.9), (0.4, -0.45), (0.24, -0.45), (0.5, 0.0))
_FIR = (*_HALF_FIR, *((-x, y) for x, y in reversed(_HALF_FIR)))


def papercut(scene: Scene) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    canvas.gradient([(0, colours["top"]), (1, colours["middle"])])
    tooth = noise(rng, canvas.size, canvas.height // 2, 1)
    frame = _frame(scene)
    _landscape(scene)
    figure = stand(scene, _GROUND, 0.33, bust=0.4)
    if figure:
        _subject(scene, figure)
    _sheet(scene, hills(scene, 0.91, 0.05, 2), colours["near"])
    for field, role in frame:
        _sheet(scene, np.clip(field * canvas.unit, 0, 1), mix(colours[role], colours["dark"], 0.12))
    canvas.pixels *= (1 - 0.06 * tooth)[..., None]
    vignette(canvas, 0.14)


def _sheet(
    scene: Scene, mask: Stamp | Field, colour: Colour, shade: float = 0.36, lift: float = 0.012
) -> None:
    """Lay one sheet: its shadow on what lies below, the sheet, and the lit upper edge."""
    canvas = scene.canvas
    stamp = mask if isinstance(mask, Stamp) else _band(scene, mask)
    down, right = max(1, int(lift * canvas.unit)), max(1, int(lift * 0.6 * canvas.unit))
    shadow = shifted(blur(stamp.mask, 0.012 * canvas.unit), right, down) * (1 - stamp.mask)
    canvas.paint(stamp._replace(mask=shadow), scene.colours["dark"] * 0.5, shade)
    canvas.paint(stamp, colour)
    edge = np.clip(stamp.mask - shifted(stamp.mask, 0, max(1, int(0.0022 * canvas.unit))), 0, 1)
    canvas.paint(stamp._replace(mask=edge), WHITE, 0.4)


def _band(scene: Scene, field: Field) -> Stamp:
    """Cut a field to the rows it touches, with room for its shadow."""
    canvas = scene.canvas
    rows = np.flatnonzero(field.max(1) > 0)
    if not len(rows):
        return Stamp((slice(0, 0), slice(0, 0)), field[:0, :0])
    room = int(0.06 * canvas.unit)
    band = slice(max(0, int(rows[0]) - room), min(canvas.height, int(rows[-1]) + room))
    return Stamp((band, slice(0, canvas.width)), field[band])


def _frame(scene: Scene) -> list[tuple[Field, str]]:
    """Return three nested frames, innermost first, as distances in canvas units (positive is paper)."""
    canvas = scene.canvas
    wide, tall = canvas.width / canvas.unit, canvas.height / canvas.unit
    x = (canvas.x[:, ::4] - 0.5) * wide
    y = (canvas.y[::4] - 0.45) * tall
    away, angle = np.hypot(x / wide, y / tall), np.arctan2(y, x)
    frames: list[tuple[Field, str]] = []
    for radius, role in ((0.47, "far"), (0.555, "mid"), (0.64, "near")):
        waves = zip((0.022, 0.016, 0.01), (5, 9, 3), scene.rng.uniform(0, 2 * np.pi, 3), strict=True)
        ripple = sum(size * np.sin(count * angle + phase) for size, count, phase in waves)
        frames.append((stretch((away - radius - 0.06 - ripple).astype(np.float32), canvas.size), role))
    return frames


def _landscape(scene: Scene) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    sun = mix(colours["accent"], colours["paper"], 0.2)
    place = canvas.spot(0.5 + rng.uniform(-0.16, 0.16), 0.34)
    _sheet(scene, canvas.stamp(disc(0.17), place, canvas.unit, 0.03 * canvas.unit), sun, 0.2, 0.006)
    glow(canvas, (0.5, 0.36), 0.5, colours["paper"], 0.3)
    for x, y, size in ((0.28, 0.34, 0.1), (0.7, 0.27, 0.12), (0.64, 0.46, 0.08)):
        at = canvas.spot(x + rng.uniform(-0.04, 0.04), y)
        stamp = canvas.stamp(smooth(_CLOUD), at, size * canvas.unit, 0.03 * canvas.unit)
        _sheet(scene, stamp, colours["paper"], 0.3, 0.008)
    for base, rise, role in ((0.56, 0.12, "horizon"), (0.66, 0.12, "far"), (0.77, 0.08, "mid")):
        _sheet(scene, hills(scene, base, rise, 2), colours[role])
        if role == "far":
            _forest(scene)


def _forest(scene: Scene) -> None:
    canvas, colours = scene.canvas, scene.colours
    for x in scene.rng.uniform(0.05, 0.95, 7):
        stamp = canvas.stamp(polygon(_FIR), canvas.spot(x, 0.75), 0.08 * canvas.unit, 0.03 * canvas.unit)
        _sheet(scene, stamp, mix(colours["mid"], colours["near"], 0.5), 0.3, 0.006)


def _subject(scene: Scene, figure: Figure) -> None:
    canvas = scene.canvas
    hair = mix(scene.colours["near"], scene.colours["dark"], 0.35)
    colours = scene.colours | {"hair": hair, "back": hair * 0.85, "steam": scene.colours["paper"]}
    border = np.clip(blur(figure.silhouette(), 0.007 * canvas.unit) * 6, 0, 1)
    _sheet(scene, border, mix(colours["paper"], colours["top"], 0.25), 0.5, 0.016)
    for piece in figure.pieces(line=0.04, margin=0.045 * canvas.unit):
        if piece.role in {"eye", "glint"}:
            canvas.paint(piece.stamp, colours[piece.role])
            continue
        _sheet(scene, piece.stamp, colours[piece.role], 0.15 if piece.shape.kind == "line" else 0.4, 0.008)
        if figure.is_person and piece.role == "skin" and len(piece.shape.points) > 8:
            plain_face(figure, colours)
