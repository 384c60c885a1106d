"""The imaging work as top-level functions over bytes and plain data, to be run in a process pool.

Each takes untrusted bytes and raises `ImageRefusedError` for what `open_image` refuses; arguments,
results and errors can all be pickled.
"""

import hashlib
from dataclasses import dataclass

from PIL import Image

from app.assets.imaging.decode import open_image
from app.assets.imaging.embed import RecipeDamagedError, find
from app.assets.imaging.export import Carried, Encoded, rendered
from app.assets.imaging.measure import Measures, measure
from app.assets.imaging.presets import Fit, Platform
from app.assets.imaging.recent import Recent
from app.assets.imaging.sniff import MIME, ImageFormat, sniff
from app.assets.imaging.strip import stripped
from app.assets.imaging.thumbs import thumbnail

THUMB_EDGE = 256

# a picture is asked for its facts, its measures and several exports, one soon after the other
_recent: Recent[Image.Image] = Recent(2)
_REMEMBERED_PIXELS = 8_000_000


@dataclass(frozen=True, slots=True)
class Ingested:
    """What is known of an image that passed the door; sizes are pixels as seen, after EXIF rotation."""

    format: ImageFormat
    mime: str
    width: int
    height: int
    sha256: str
    thumb: bytes


@dataclass(frozen=True, slots=True)
class Exported(Encoded):
    """A rendered picture with what ``ingest_job`` would tell of it."""

    sha256: str
    thumb: bytes


def ingest_job(data: bytes) -> Ingested:
    """Decode the bytes for safety and return their facts with a 256 px WebP thumbnail."""
    image = _opened(data)
    form = sniff(data).format
    digest = hashlib.sha256(data).hexdigest()
    return Ingested(form, MIME[form], image.width, image.height, digest, thumbnail(image, THUMB_EDGE))


def strip_job(data: bytes) -> bytes:
    """Return the file with nothing but the picture in it, see `strip.stripped`."""
    return stripped(data)


def measure_job(data: bytes) -> Measures:
    """Return the measures of encoded image bytes."""
    return measure(_opened(data))


def export_job(  # noqa: PLR0917  # a pool passes arguments by position
    data: bytes,
    platform: Platform,
    fit: Fit | None = None,
    focus: tuple[float, float] | None = None,
    description: str | None = None,
    digital_source: str | None = None,
) -> Exported:
    """Render image bytes for a platform, see `export.rendered`."""
    carried = Carried(description, digital_source, _recipe(data))
    encoded, picture = rendered(_opened(data), platform, carried, fit=fit, focus=focus)
    return Exported(
        *(encoded.data, encoded.format, encoded.width, encoded.height, encoded.quality),
        sha256=hashlib.sha256(encoded.data).hexdigest(),
        thumb=thumbnail(picture, THUMB_EDGE),
    )


def _recipe(data: bytes) -> bytes | None:
    """What the source says of its making goes along; a damaged one does not."""
    try:
        return find(data)
    except RecipeDamagedError:
        return None


def thumbnail_job(data: bytes, edge: int = THUMB_EDGE) -> bytes:
    """Return a WebP thumbnail of image bytes."""
    return thumbnail(_opened(data), edge)


def _opened(data: bytes) -> Image.Image:
    """As `open_image`; whoever gets the picture leaves it as it is, for the next asks for it again."""
    known = _recent.find(data)
    if known is not None:
        return known
    image = open_image(data)
    if image.width * image.height <= _REMEMBERED_PIXELS:
        _recent.keep(data, image)
    return image
