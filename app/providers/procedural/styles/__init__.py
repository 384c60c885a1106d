"""The style renderers; this table is the only place that lists them."""

from collections.abc import Callable

from app.providers.procedural.scene import Scene
from app.providers.procedural.styles.anime import anime
from app.providers.procedural.styles.editorial_flat import editorial_flat
from app.providers.procedural.styles.neon import neon
from app.providers.procedural.styles.noir import noir
from app.providers.procedural.styles.papercut import papercut
from app.providers.procedural.styles.studio_product import studio_product
from app.providers.procedural.styles.watercolour import watercolour

RENDERERS: dict[str, Callable[[Scene], None]] = {
    "anime": anime,
    "studio-product": studio_product,
    "editorial-flat": editorial_flat,
    "watercolour": watercolour,
    "noir": noir,
    "neon": neon,
    "papercut": papercut,
}
