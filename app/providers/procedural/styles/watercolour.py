"""Watercolour: washes with bleeding and dark rims over grained paper, white margin left free."""

from dataclasses import dataclass

import numpy as np

from app.providers.procedural.brush import Field, Stamp
from app.providers.procedural.canvas import Canvas
from app.providers.procedural.colour import WHITE, Colour, distance, mix
from app.providers.procedural.faces import plain_face
from app.providers.procedural.fields import blur, noise
from app.providers.procedural.lighting import relief
from app.providers.procedural.scene import Figure, Piece, Scene, stand
from app.providers.procedural.scenery import hills
from app.providers.procedural.shapes import disc

_GROUND = 0.86
_PALE = 0.2
_OUTDOORS = frozenset({None, "boat", "house", "cat", "person", "plant"})


@dataclass(frozen=True, slots=True)
class Paper:
    """The sheet: how far pigment creeps, how dense it dries, and the tooth of the paper."""

    canvas: Canvas
    creep: Field
    density: Field
    tooth: Field

    def wash(
        self,
        mask: Stamp | Field,
        colour: Colour,
        *,
        strength: float = 0.85,
        rough: float = 0.5,
        soft: float = 0.012,
        rim: float = 0.5,
    ) -> None:
        """Lay pigment: the edge follows the creep of the paper, pigment gathers at the rim."""
        everywhere = (slice(None), slice(None))
        area, field = mask if isinstance(mask, Stamp) else (everywhere, self.canvas.spread(mask))
        crept = blur(field, soft * self.canvas.unit) + self.creep[area] * np.float32(rough)
        wet: Field = np.clip((crept - 0.42) * 7, 0, 1)
        edge = np.clip(wet - blur(wet, 0.007 * self.canvas.unit), 0, 1)
        pigment: Field = np.clip(wet * self.density[area] * strength + edge * rim, 0, 1) * self.tooth[area]
        self.canvas.paint(Stamp(area, pigment), colour, blend="stain")

    def bleed(self, mask: Field, colour: Colour, strength: float) -> None:
        """Let pigment run into a wet wash: no edge, only the paper's uneven drying."""
        pigment = np.clip(mask * (self.density + self.creep * 0.5) * strength, 0, 1) * self.tooth
        self.canvas.paint(pigment.astype(np.float32), colour, blend="stain")


def watercolour(scene: Scene) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    canvas.pixels[:] = colours["paper"] * 0.985
    broad, fine = noise(rng, canvas.size, 3, 5, 0.5), noise(rng, canvas.size, 40, 3)
    tooth = noise(rng, canvas.size, canvas.height // 4, 1)
    paper = Paper(
        canvas,
        creep=(fine - 0.5) * 0.4 + (broad - 0.5) * 0.6,
        density=np.clip(0.55 + 0.7 * (broad - 0.4) + 0.14 * (fine - 0.5), 0.2, 1),
        tooth=1 - 0.14 * tooth,
    )
    _background(scene, paper)
    figure = stand(scene, _GROUND, 0.37, bust=0.42)
    if figure:
        _subject(scene, figure, paper)
    _spatter(scene)
    canvas.pixels *= (1 - 0.035 * tooth - 0.02 * fine)[..., None]


def _background(scene: Scene, paper: Paper) -> None:
    canvas = scene.canvas
    across, along = np.minimum(canvas.x, 1 - canvas.x), np.minimum(canvas.y, 1 - canvas.y)
    border = np.minimum(across * canvas.width, along * canvas.height)
    inside: Field = np.clip(border / np.float32(0.085 * canvas.unit), 0, 1)
    _sky(scene, paper, inside)
    (_hillside if scene.subject in _OUTDOORS else _tabletop)(scene, paper, inside)


def _sky(scene: Scene, paper: Paper, inside: Field) -> None:
    canvas, colours = scene.canvas, scene.colours
    x, radius = scene.rng.uniform(0.2, 0.8), 0.085 * canvas.unit
    away = np.hypot((canvas.x - x) * canvas.width, (canvas.y - 0.24) * canvas.height) / radius
    sun: Field = np.clip((1.2 - away) * 3, 0, 1).astype(np.float32)
    # The sun is painted on white paper, left free by the sky, so that yellow over blue does not turn green.
    open_sky = np.clip((0.72 - canvas.y) * 3, 0, 1) * inside * (1 - sun)
    paper.wash(open_sky, mix(colours["middle"], WHITE, 0.25), rough=0.7, soft=0.012, strength=0.75, rim=0.3)
    paper.bleed(open_sky * np.clip((0.5 - canvas.y) * 2.4, 0, 1), colours["top"], 1.1)
    paper.bleed(open_sky * np.clip(1 - np.abs(canvas.y - 0.58) * 5, 0, 1), colours["horizon"], 1.2)
    paper.wash(sun, colours["accent"], rough=0.15, soft=0.004, rim=0.3)


def _hillside(scene: Scene, paper: Paper, inside: Field) -> None:
    rows = ((0.56, 0.2, "far", 0.6), (0.67, 0.14, "mid", 0.75), (0.79, 0.08, "near", 0.8))
    for base, rise, role, strength in rows:
        ridge = hills(scene, base, rise) * inside
        paper.wash(ridge, scene.colours[role], soft=0.006, strength=strength, rim=0.35, rough=0.3)


def _tabletop(scene: Scene, paper: Paper, inside: Field) -> None:
    canvas, colours = scene.canvas, scene.colours
    table = np.clip((canvas.y - 0.72) * 9, 0, 1) * inside
    paper.wash(table, colours["far"], rough=0.5, soft=0.014, strength=0.75, rim=0.4)
    paper.bleed(table * np.clip((canvas.y - 0.8) * 4, 0, 1), colours["mid"], 1.1)


def _subject(scene: Scene, figure: Figure, paper: Paper) -> None:
    canvas, colours = scene.canvas, scene.colours
    if not figure.is_person:
        _shadow(scene, figure, paper)
    # Masking fluid: the subject keeps white paper under it, so that its colours stay clean.
    kept = np.clip(blur(figure.silhouette(), 0.004 * canvas.unit) * 1.7, 0, 1)
    canvas.paint(kept, colours["paper"], 0.97)
    for piece in figure.pieces(line=0.03, margin=0.02 * canvas.unit):
        _part(scene, figure, paper, piece)
        if figure.is_person and piece.role == "skin" and len(piece.shape.points) > 8:
            plain_face(figure, colours)


def _shadow(scene: Scene, figure: Figure, paper: Paper) -> None:
    canvas = scene.canvas
    at = (figure.foot[0] + 0.25 * figure.half_width, figure.foot[1])
    flat = (canvas.y * canvas.height - at[1]) / (0.13 * figure.half_width)
    oval = np.clip(2 - 2 * np.hypot((canvas.x * canvas.width - at[0]) / figure.half_width, flat), 0, 1)
    colour = mix(scene.colours["dark"], scene.colours["top"], 0.45)
    paper.wash(oval, colour, rough=0.4, soft=0.008, strength=0.6, rim=0.2)


def _part(scene: Scene, figure: Figure, paper: Paper, piece: Piece) -> None:
    canvas, colours = scene.canvas, scene.colours
    colour = colours[piece.role]
    if piece.shape.kind == "line" or piece.role in {"eye", "glint"}:
        ink = colour if piece.role == "glint" else mix(colour, colours["dark"], 0.55)
        soft = piece.role == "steam"
        canvas.paint(piece.stamp, ink, 0.35 if soft else 0.85, "cover" if piece.role == "glint" else "stain")
        return
    dry = piece.stamp._replace(mask=np.clip(piece.stamp.mask * 1.5 - 0.25, 0, 1))
    canvas.paint(dry, colours["paper"], 0.92)
    tone = mix(colours["far"], WHITE, 0.6) if piece.role == "light" else colour
    tone = mix(colour, colours["dark"], 0.45) if piece.role in {"hair", "back"} else tone
    pale = piece.role != "light" and distance(tone, colours["paper"]) < _PALE
    tone = mix(tone, colours["mid"], 0.4) if pale else tone
    strength = 1.25 if piece.role != "light" else 0.7
    paper.wash(piece.stamp, tone, rough=0.15, soft=0.003, strength=strength, rim=0.5)
    if piece.role in {"main", "hair", "back", "leaf", "dark", "light", "accent"}:
        shade = np.clip(-relief(piece.stamp.mask, 0.07 * figure.scale, 0.7, -0.6) * 1.6, 0, 1)
        deep = mix(tone, colours["dark"], 0.4)
        paper.wash(piece.stamp._replace(mask=shade), deep, rough=0.4, soft=0.006, strength=0.7, rim=0.15)


def _spatter(scene: Scene) -> None:
    canvas, colours, rng = scene.canvas, scene.colours, scene.rng
    for x, y, pick in rng.random((40, 3)):
        colour = colours[("main", "accent", "top", "mid")[int(pick * 4)]]
        radius = canvas.unit * (0.0012 + 0.005 * rng.random() ** 3)
        canvas.draw(disc(1), colour, canvas.spot(x, y), radius, alpha=0.5, blend="stain")
