"""Light and lens: relief shading, glow, bloom, shadows, grain, vignette."""

import numpy as np
from PIL import Image, ImageFilter

from app.providers.procedural.brush import Field, Spot
from app.providers.procedural.canvas import Canvas
from app.providers.procedural.colour import Colour
from app.providers.procedural.fields import blur, stretch
from app.providers.procedural.shapes import ellipse


def relief(mask: Field, radius: float, right: float = -0.6, down: float = -0.7) -> Field:
    """Light a mask as if inflated: -1 in shade to 1 in light; the light comes from (right, down)."""
    rows, columns = mask.shape
    if min(rows, columns) < 4:
        return np.zeros_like(mask)
    factor = 2 if radius > 6 and min(rows, columns) > 40 else 1
    image = Image.fromarray((mask * 255).astype(np.uint8))
    image = image.reduce(factor) if factor > 1 else image
    height = np.asarray(image.filter(ImageFilter.GaussianBlur(radius / factor)), np.float32) / np.float32(255)
    slope_down, slope_right = np.gradient(height)
    towards = slope_right * np.float32(right) + slope_down * np.float32(down)
    light = np.clip(towards * np.float32(-radius / factor * 2.4), -1, 1).astype(np.float32)
    return (light if factor == 1 else stretch(light, (columns, rows))) * mask


def glow(
    canvas: Canvas,
    at: Spot,
    radius: float,
    colour: Colour,
    alpha: float = 1.0,
    *,
    power: float = 2.0,
) -> None:
    """Add a round light at a relative place (fractions of the edges); the radius counts units."""
    x, y = at
    reach = radius * canvas.unit
    rows = slice(max(0, int(y * canvas.height - reach)), max(0, int(y * canvas.height + reach)))
    columns = slice(max(0, int(x * canvas.width - reach)), max(0, int(x * canvas.width + reach)))
    field = canvas.blank()
    across = (canvas.x[:, columns] - np.float32(x)) * canvas.width
    along = (canvas.y[rows] - np.float32(y)) * canvas.height
    away = np.sqrt(across**2 + along**2) / np.float32(reach)
    field[rows, columns] = np.clip(1 - away, 0, 1) ** np.float32(power)
    canvas.paint(field, colour, alpha, "light")


def bloom(canvas: Canvas, threshold: float, radius: float, colour: Colour, alpha: float) -> None:
    """Let what is brighter than the threshold spread its light."""
    bright = np.clip(canvas.pixels[::4, ::4].max(-1) - threshold, 0, 1)
    canvas.paint(stretch(blur(bright, radius * canvas.unit / 4), canvas.size), colour, alpha, "light")


def ground_shadow(canvas: Canvas, at: Spot, half_width: float, colour: Colour, alpha: float) -> None:
    """Darken the ground under a thing: wide and soft, with a tight core where it touches."""
    for spread, soft, share in ((1.15, 0.02, 0.6), (0.9, 0.006, 0.6)):
        shape = ellipse(0, 0, half_width * spread, half_width * 0.11 * spread)
        mask = canvas.whole(canvas.stamp(shape, at, 1, margin=soft * canvas.unit * 2))
        canvas.paint(blur(mask, soft * canvas.unit), colour, alpha * share)


def grain(canvas: Canvas, rng: np.random.Generator, strength: float) -> None:
    """Add film grain."""
    speckle = rng.standard_normal((canvas.height, canvas.width), dtype=np.float32)
    canvas.pixels += (speckle * np.float32(strength))[..., None]


def vignette(canvas: Canvas, strength: float) -> None:
    """Darken towards the corners."""
    away = np.clip(((canvas.x - 0.5) ** 2 + (canvas.y - 0.5) ** 2) * 2, 0, 1)
    canvas.pixels *= (1 - np.float32(strength) * away ** np.float32(1.2))[..., None]
