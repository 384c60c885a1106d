"""Backdrops shared by several styles: stars, houses of a city, clouds, hills, drifting petals."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.providers.procedural.brush import Field, Spot
from app.providers.procedural.canvas import Canvas
from app.providers.procedural.colour import WHITE, Colour
from app.providers.procedural.fields import blur, shifted, skyline
from app.providers.procedural.scene import Scene
from app.providers.procedural.shapes import disc, rounded, smooth


def stars(scene: Scene, count: int, depth: float) -> None:
    """Scatter stars over the upper part of the sky, `depth` being its fraction of the height."""
    canvas = scene.canvas
    for x, y, size in scene.rng.random((count, 3)):
        radius = 0.0021 * canvas.unit * (size + 0.3)
        canvas.draw(disc(1), WHITE, canvas.spot(x, y * depth), radius, alpha=0.3 + 0.6 * size)


def hills(scene: Scene, base: float, amplitude: float, octaves: int = 5) -> Field:
    """Return the mask of everything below a rolling line."""
    canvas = scene.canvas
    line: Field = np.float32(base) + skyline(scene.rng, canvas.width, amplitude, octaves)
    mask: Field = np.clip((canvas.y - line[None]) * np.float32(canvas.height), 0, 1)
    return mask


def below(canvas: Canvas, y: float) -> Field:
    """Return the mask of everything below a level line."""
    return canvas.spread(np.clip((canvas.y - np.float32(y)) * canvas.height, 0, 1))


def city(scene: Scene, base: float, tallest: float, walls: Colour, windows: Colour | None) -> None:
    """Paint a row of houses; windows, when given, are lit at random."""
    canvas, rng = scene.canvas, scene.rng
    x = -0.02
    while x < 1.02:
        wide, tall = rng.uniform(0.04, 0.1), rng.uniform(0.3 * tallest, tallest)
        left, top = canvas.spot(x, base - tall)
        right = left + wide * canvas.width
        canvas.draw(rounded(left, top, right, (base + 1) * canvas.height), walls, scale=1)
        if windows is not None:
            _light_windows(scene, (left, top, right, base * canvas.height), windows)
        x += wide * 0.96


def _light_windows(scene: Scene, wall: tuple[float, float, float, float], colour: Colour) -> None:
    canvas, rng = scene.canvas, scene.rng
    step = canvas.unit * 0.017
    for x, y in _window_grid(wall, step):
        if rng.random() < 0.3:
            rows = slice(int(max(y, 0)), int(max(y + step * 0.7, 0)))
            columns = slice(int(max(x, 0)), int(max(x + step * 0.55, 0)))
            canvas.pixels[rows, columns] = colour * np.float32(rng.uniform(0.5, 1))


def _window_grid(wall: tuple[float, float, float, float], step: float) -> Iterator[tuple[float, float]]:
    left, top, right, bottom = wall
    for y in np.arange(top + step, bottom, step * 1.5):
        for x in np.arange(left + step * 0.6, right - step * 0.8, step * 1.2):
            yield float(x), float(y)


def cloud(scene: Scene, at: Spot, size: float, lit: Colour, shade: Colour) -> None:
    """Paint a cumulus of two flat tones; size counts canvas units."""
    canvas = scene.canvas
    body = _cloud_mask(scene, at, size)
    canvas.paint(body, lit)
    offset = max(2, int(size * canvas.unit * 0.09))
    shaded = blur(shifted(body, -offset // 2, offset) * body, 2)
    fade = np.clip((canvas.y - np.float32(at[1] - size * 0.35)) / np.float32(size * 0.5), 0, 1)
    canvas.paint(shaded * fade, shade, 0.8)


def _cloud_mask(scene: Scene, at: Spot, size: float) -> Field:
    canvas, rng = scene.canvas, scene.rng
    x, y = at
    sheet = Image.new("L", canvas.size)
    pen = ImageDraw.Draw(sheet)
    reach = size * canvas.unit
    for _ in range(26):
        aside = rng.normal(0, 0.42)
        radius = reach * rng.uniform(0.16, 0.34) * (1 - min(abs(aside), 1) * 0.55)
        centre_x = x * canvas.width + aside * reach
        centre_y = y * canvas.height - abs(rng.normal(0, 0.22)) * reach * (1 - min(abs(aside), 0.9))
        box = (centre_x - radius, centre_y - radius, centre_x + radius, centre_y + radius)
        pen.ellipse(box, fill=255)
    flat_base = min(int(y * canvas.height + 0.1 * reach), canvas.height)
    pen.rectangle((0, flat_base, canvas.width, canvas.height), fill=0)
    return np.asarray(sheet.filter(ImageFilter.GaussianBlur(1.2)), np.float32) / np.float32(255)


def petals(scene: Scene, count: int, colour: Colour) -> None:
    """Let petals drift over the whole picture."""
    canvas = scene.canvas
    outline = np.array([(-1, 0), (0, -0.5), (1, 0), (0, 0.5)])
    for x, y, size, turn in scene.rng.random((count, 4)):
        angle = turn * 2 * np.pi
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        scale = (0.004 + 0.011 * size) * canvas.unit
        canvas.draw(smooth(outline @ rotation), colour, canvas.spot(x, y), scale, alpha=0.85)
