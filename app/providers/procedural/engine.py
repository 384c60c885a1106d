"""The door of the procedural rehearsal model: `paint` and `encode_png`.

It needs no weights, no key and no network, and says what it is: `ai_model` is False, files carry the
IPTC source type `algorithmicMedia`.
"""

import hashlib
import time
from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.providers.procedural.canvas import Canvas
from app.providers.procedural.errors import CanvasSizeError
from app.providers.procedural.look import Look
from app.providers.procedural.palettes import choose
from app.providers.procedural.png import save_png
from app.providers.procedural.scene import Scene
from app.providers.procedural.styles import RENDERERS
from app.providers.procedural.words import STYLES, SUBJECTS, read, style_of

__all__ = ["MODEL_ID", "STYLES", "SUBJECTS", "CanvasSizeError", "Painting", "encode_png", "paint"]

MODEL_ID = "procedural/atelier-1"
LEAST_EDGE, MOST_EDGE = 64, 4096


@dataclass(frozen=True, slots=True)
class Painting:
    """What is known of one painting.

    `style` is the key that was painted, `style_hint` what was asked for; `style_understood` is False when
    the hint names no style and one was picked for it. `subject` is None for a scene without a thing in it.
    """

    model_id: str
    ai_model: bool
    style: str
    style_hint: str
    style_understood: bool
    subject: str | None
    seed: int
    width: int
    height: int
    seconds: float


def paint(  # noqa: PLR0917 - a picture is what it is asked to be
    prompt: str, style: str, width: int, height: int, seed: int, look: Look | None = None
) -> tuple[Image.Image, Painting]:
    """Paint an RGB picture of `width` x `height` pixels; equal arguments give equal pixels.

    A `look` brings the colours, the light and the place of the subject of a reference picture; colours that
    the prompt names stay.

    `style` is one of STYLES, an alias ("watercolor", "studio") or a longer text naming one.

    Raises:
        CanvasSizeError: an edge is shorter than 64 or longer than 4096 pixels.
    """
    if not (LEAST_EDGE <= width <= MOST_EDGE and LEAST_EDGE <= height <= MOST_EDGE):
        raise CanvasSizeError(width, height, LEAST_EDGE, MOST_EDGE)
    started = time.perf_counter()
    key, understood = style_of(style)
    scene = _commission(prompt, key, Canvas(width, height), seed, look)
    RENDERERS[key](scene)
    if look is not None:
        look.shine(scene.canvas.pixels)
    image = scene.canvas.image()
    seconds = round(time.perf_counter() - started, 3)
    painting = Painting(MODEL_ID, False, key, style, understood, scene.subject, seed, width, height, seconds)
    return image, painting


def encode_png(image: Image.Image, painting: Painting, prompt: str | None = None) -> bytes:
    """Return PNG bytes that name the model, style and seed; the prompt only when it is passed."""
    text = {"Model": painting.model_id, "Style": painting.style, "Seed": str(painting.seed)}
    return save_png(image, text | ({"Description": prompt} if prompt else {}))


def _commission(prompt: str, style: str, canvas: Canvas, seed: int, look: Look | None) -> Scene:
    reading = read(prompt)
    rng = np.random.default_rng(_stream(prompt, style, seed))
    subject = reading.subject or ("bottle" if style == "studio-product" else None)
    colours = choose(style, reading, rng, look)
    return Scene(canvas, rng, colours, reading, subject, look.middle if look else 0.5)


def _stream(prompt: str, style: str, seed: int) -> int:
    """Derive the random stream; case and outer blanks of a prompt do not matter."""
    text = f"{seed}|{style}|{prompt.strip().casefold()}"
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
