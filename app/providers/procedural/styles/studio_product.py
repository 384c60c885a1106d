"""Studio product: seamless backdrop, podium, window light, cylinder shading, contact shadow."""

import numpy as np

from app.providers.procedural.brush import Field
from app.providers.procedural.colour import WHITE, mix
from app.providers.procedural.faces import drawn_face
from app.providers.procedural.fields import blur
from app.providers.procedural.lighting import glow, grain, ground_shadow, relief, vignette
from app.providers.procedural.scene import Figure, Piece, Scene, stand
from app.providers.procedural.shapes import ellipse, polygon, rounded

_FLOOR = 0.8
_PODIUM, _PODIUM_HEIGHT = 0.36, 0.1
_TURNED = frozenset({"bottle", "mug", "plant", "phone"})


def studio_product(scene: Scene) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    side = float(rng.choice([-1, 1]))
    canvas.gradient(
        [
            (0, colours["top"]),
            (_FLOOR - 0.12, colours["middle"]),
            (_FLOOR + 0.02, colours["horizon"]),
            (1, colours["middle"]),
        ]
    )
    glow(canvas, (0.5 - 0.18 * side, 0.3), 0.95, colours["paper"], 0.55, power=1.6)
    (_disc, _arches, _columns)[int(rng.integers(3))](scene, side)
    _window_light(scene, side)
    figure = stand(scene, _podium_top(scene), 0.36, bust=0.42)
    if figure and not figure.is_person:
        _podium(scene, side)
        ground_shadow(canvas, (figure.foot[0] - 0.03 * side * canvas.unit, figure.foot[1]),
                      min(figure.half_width, _PODIUM * 0.9 * canvas.unit), colours["dark"], 0.62)  # fmt: skip
    if figure:
        _subject(scene, figure, side)
    glow(canvas, (0.5 + 0.3 * side, 0.1), 0.8, colours["paper"], 0.2)
    vignette(canvas, 0.2)
    grain(canvas, rng, 0.006)


def _podium_top(scene: Scene) -> float:
    return _FLOOR - (_PODIUM_HEIGHT * 0.5 - 0.028) * scene.canvas.unit / scene.canvas.height


def _disc(scene: Scene, side: float) -> None:
    canvas, colours = scene.canvas, scene.colours
    stamp = canvas.stamp(ellipse(0, -0.43, 0.34, 0.34), canvas.spot(scene.middle, _FLOOR), canvas.unit)
    canvas.paint(stamp, mix(colours["near"], colours["middle"], 0.45))
    lit = np.clip(relief(stamp.mask, 0.12 * canvas.unit, side, -0.6), 0, 1)
    canvas.paint(stamp._replace(mask=lit), colours["light"], 0.25)


def _arches(scene: Scene, side: float) -> None:
    canvas, colours = scene.canvas, scene.colours
    x, y = canvas.spot(scene.middle, _FLOOR)
    at = (x - 0.06 * canvas.unit * side, y - 0.02 * canvas.unit)
    for wide, share in ((0.42, 0.0), (0.3, 0.75)):
        turn = np.linspace(np.pi, 2 * np.pi, 40)
        top = np.stack([wide * np.cos(turn), -0.42 + wide * np.sin(turn)], -1)
        arch = polygon(np.concatenate([[(-wide, 0.0)], top, [(wide, 0.0)]]))
        canvas.draw(arch, mix(colours["far"], colours["mid"], share), at, alpha=0.8)


def _columns(scene: Scene, side: float) -> None:  # noqa: ARG001  # all backdrops share one signature
    canvas, colours = scene.canvas, scene.colours
    colour = mix(colours["far"], colours["middle"], 0.4)
    for index in range(-8, 9):
        x = index * 0.14 - 0.035
        column = rounded(x, -1.6, x + 0.07, -0.02, 0.035)
        canvas.draw(column, colour, canvas.spot(scene.middle, _FLOOR), alpha=0.55)


def _window_light(scene: Scene, side: float) -> None:
    """Throw the soft bars of an unseen window over the backdrop."""
    canvas = scene.canvas
    bars = canvas.blank()
    bar = polygon([(0, 0), (0.1, 0), (0.1 - 0.34 * side, 1.1), (-0.34 * side, 1.1)])
    for index in range(5):
        at = canvas.spot(0.08 + index * 0.2 + 0.1 * side, 0)
        area, mask = canvas.stamp(bar, at, canvas.height)
        np.maximum(bars[area], mask, out=bars[area])
    canvas.paint(blur(bars, 0.018 * canvas.unit), scene.colours["paper"], 0.22)


def _podium(scene: Scene, side: float) -> None:
    canvas, colours, unit = scene.canvas, scene.colours, scene.canvas.unit
    x, floor = canvas.spot(scene.middle, _FLOOR)
    top = (x, floor - _PODIUM_HEIGHT * unit * 0.5)
    cast = canvas.stamp(ellipse(-0.07 * side, 0.1, _PODIUM * 1.2, 0.075), (x, floor), unit)
    canvas.paint(blur(canvas.whole(cast), 0.03 * unit), colours["dark"], 0.42)
    turn = np.linspace(0, np.pi, 24)
    rim = np.stack([_PODIUM * np.cos(turn), _PODIUM_HEIGHT + 0.07 * np.sin(turn)], -1)
    wall = polygon(np.concatenate([[(-_PODIUM, 0.0), (_PODIUM, 0.0)], rim]))
    stone = mix(colours["far"], colours["horizon"], 0.45)
    stamp = canvas.stamp(wall, top, unit)
    across = np.clip((canvas.x[:, stamp.area[1]] * canvas.width - x) / (_PODIUM * unit), -1, 1)
    turned = 0.6 + 0.4 * np.clip(1 - (across - 0.45 * side) ** 2, 0, 1)
    shaded = np.broadcast_to(turned, stamp.mask.shape)[..., None] * stone
    canvas.paint(stamp, shaded.astype(np.float32))
    canvas.draw(ellipse(0, 0, _PODIUM, 0.07), mix(stone, colours["light"], 0.3), top)
    canvas.draw(ellipse(0, 0.002, _PODIUM * 0.985, 0.066), mix(stone, colours["light"], 0.5), top)


def _subject(scene: Scene, figure: Figure, side: float) -> None:
    for piece in figure.pieces():
        if piece.role == "steam":
            steam = blur(scene.canvas.whole(piece.stamp), 0.012 * scene.canvas.unit)
            scene.canvas.paint(steam, WHITE, 0.55)
        elif min(piece.stamp.mask.shape) >= 6:
            _model(scene, figure, piece, side)
    if figure.is_person:
        drawn_face(figure, scene.colours, scene.colours["main"])


def _model(scene: Scene, figure: Figure, piece: Piece, side: float) -> None:
    """Shade a part as a solid: fall-off, core shadow, broad light and, on turned bodies, reflections."""
    canvas, mask = scene.canvas, piece.stamp.mask
    colour = scene.colours[piece.role]
    across: Field = np.linspace(-1, 1, mask.shape[1], dtype=np.float32)[None]
    along: Field = np.linspace(0, 1, mask.shape[0], dtype=np.float32)[:, None]
    body = piece.shape.kind == "rounded" and piece.role in {"main", "accent", "dark"}
    turned = body and figure.subject in _TURNED
    fall = 1 - 0.5 * np.abs(across + 0.25 * -side) ** 2.2 if turned else np.ones_like(across)
    shaded = (fall * (1.04 - 0.14 * along))[..., None] * colour
    canvas.paint(piece.stamp, shaded.astype(np.float32))
    lit = relief(mask, max(4, 0.09 * figure.scale), side, -0.45)
    canvas.paint(piece.stamp._replace(mask=np.clip(-lit, 0, 1)), colour * 0.35, 0.55)
    canvas.paint(piece.stamp._replace(mask=np.clip(lit, 0, 1)), mix(colour, WHITE, 0.75), 0.5)
    if turned:
        ends = np.clip(np.minimum(along, 1 - along) * 9, 0, 1)
        strip = mask * np.exp(-(((across - 0.58 * side) / 0.1) ** 2)) * ends
        canvas.paint(piece.stamp._replace(mask=strip), WHITE, 0.5, "light")
        rim = mask * np.exp(-(((across + 0.72 * side) / 0.07) ** 2))
        canvas.paint(piece.stamp._replace(mask=rim), WHITE, 0.22, "light")
