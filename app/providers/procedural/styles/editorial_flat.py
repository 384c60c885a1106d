"""Editorial flat: a few blocks of colour, split shading, geometric confetti, printed grain."""

import numpy as np

from app.providers.procedural.colour import Colour, distance, mix
from app.providers.procedural.faces import plain_face
from app.providers.procedural.fields import noise
from app.providers.procedural.lighting import grain
from app.providers.procedural.palettes import Palette
from app.providers.procedural.scene import Figure, Piece, Scene, stand
from app.providers.procedural.shapes import Shape, disc, ellipse, polygon, ring, rounded

_TABLE = 0.9
_APART = 0.2
_SPOTS = (
    (0.08, 0.1),
    (0.8, 0.14),
    (0.1, 0.74),
    (0.82, 0.74),
    (0.1, 0.46),
    (0.88, 0.48),
    (0.66, 0.07),
    (0.3, 0.07),
)


def editorial_flat(scene: Scene) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    side = float(rng.choice([-1, 1]))
    canvas.pixels[:] = colours["top"]
    _backdrop(scene, side, int(rng.integers(3)) if scene.subject else 1)
    _confetti(scene, side)
    _table(scene)
    figure = stand(scene, _TABLE + 0.03, 0.4, bust=0.44)
    if figure:
        _subject(scene, figure, side)
    canvas.pixels *= (1 - 0.07 * noise(rng, canvas.size, canvas.height // 3, 1))[..., None]
    grain(canvas, rng, 0.016)


def _backdrop(scene: Scene, side: float, kind: int) -> None:
    """Paint a disc, a rainbow of arches or a slope, in a colour the subject stands out from."""
    canvas, colours = scene.canvas, scene.colours
    middle = canvas.spot(0.5, 0.5)
    field = _behind(colours)
    if kind == 0:
        canvas.draw(ellipse(0.06 * side, -0.06, 0.37, 0.37), field, middle)
    elif kind == 1:
        bands = (field, mix(field, colours["top"], 0.45), mix(field, colours["top"], 0.8))
        for wide, band in zip((0.44, 0.33, 0.22), bands, strict=True):
            canvas.draw(_arch(wide), band, middle)
    else:
        slope = [(-0.9, 0.9), (-0.9, -0.2 * side - 0.05), (0.9, 0.2 * side - 0.05), (0.9, 0.9)]
        canvas.draw(polygon(slope), field, middle, max(canvas.size))


def _behind(colours: Palette) -> Colour:
    wanted = [colours["mid"], colours["far"], mix(colours["near"], colours["top"], 0.35)]
    return _apart(wanted, [colours["main"], colours["accent"]])


def _apart(wanted: list[Colour], others: list[Colour]) -> Colour:
    """Return the first wanted colour that none of the others drowns in, or the one furthest from them."""
    nearness = [min(distance(colour, other) for other in others) for colour in wanted]
    clear = [colour for colour, gap in zip(wanted, nearness, strict=True) if gap > _APART]
    return clear[0] if clear else wanted[int(np.argmax(nearness))]


def _arch(wide: float) -> Shape:
    turn = np.linspace(np.pi, 2 * np.pi, 40)
    top = np.stack([wide * np.cos(turn), -0.1 + wide * np.sin(turn)], -1)
    return polygon(np.concatenate([[(-wide, 1.0)], top, [(wide, 1.0)]]))


def _confetti(scene: Scene, side: float) -> None:
    canvas, colours = scene.canvas, scene.colours
    blocks: tuple[tuple[Shape, str], ...] = (
        (polygon([(0, 0), (0.22, 0), (0, 0.22)]), "mid"),
        (disc(0.07), "near"),
        (rounded(0, 0, 0.26, 0.045, 0.022), "accent"),
        (ring(0, 0, 0.08, 0.08, 0.018), "dark"),
        (polygon([(0, 0.15), (0.085, 0), (0.17, 0.15)]), "near"),
        (rounded(0, 0, 0.05, 0.22), "mid"),
    )
    order = scene.rng.permutation(len(_SPOTS))
    for (shape, role), index in zip(blocks, order, strict=False):
        x, y = canvas.spot(*_SPOTS[index])
        canvas.draw(shape, colours[role], (x - 0.05 * canvas.unit, y - 0.05 * canvas.unit))
    corner = canvas.spot(0.86 if side < 0 else 0.06, 0.3)
    for row in range(6):
        for column in range(6):
            at = (corner[0] + column * 0.02 * canvas.unit, corner[1] + row * 0.02 * canvas.unit)
            canvas.draw(disc(0.0055), colours["dark"], at)


def _table(scene: Scene) -> None:
    canvas, colours = scene.canvas, scene.colours
    edge = canvas.spot(0.5, _TABLE)
    wide = max(canvas.size)
    wanted = [colours["near"], colours["far"], colours["mid"], colours["light"]]
    top = _apart(wanted, [colours["main"], _behind(colours), colours["top"]])
    canvas.draw(rounded(-0.9, 0, 0.9, 0.9), top, edge, wide)
    canvas.draw(rounded(-0.9, 0, 0.9, 0.01), colours["dark"], edge, wide)


def _subject(scene: Scene, figure: Figure, side: float) -> None:
    colours = scene.colours | {
        "leaf": mix(scene.colours["mid"], scene.colours["dark"], 0.15),
        "stem": scene.colours["dark"],
        "hair": scene.colours["dark"],
        "back": scene.colours["dark"] * 0.8,
    }
    if distance(colours["leaf"], _behind(colours)) < _APART:
        colours["leaf"] = colours["light"]
    for piece in figure.pieces(line=0.045):
        scene.canvas.paint(piece.stamp, colours[piece.role])
        _split(scene, figure, piece, colours[piece.role], side)
        if figure.is_person and piece.role == "skin" and len(piece.shape.points) > 8:
            plain_face(figure, colours, blush=False)


def _split(scene: Scene, figure: Figure, piece: Piece, colour: Colour, side: float) -> None:
    """Darken the half that lies away from the light."""
    if piece.role in {"line", "eye", "glint", "steam", "stem"}:
        return
    columns = scene.canvas.x[:, piece.stamp.area[1]] * scene.canvas.width
    shaded = piece.stamp.mask * ((columns - figure.at[0]) * side > 0)
    scene.canvas.paint(piece.stamp._replace(mask=shaded), colour * 0.8 + 0.02)
