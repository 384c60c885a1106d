"""The error tree of the imaging room; every error survives pickling, so it can cross a process pool."""

from typing import Literal

Reason = Literal[
    "too_many_bytes",
    "unknown_format",
    "too_many_pixels",
    "animated",
    "trailing_data",
    "damaged",
]

_ADVICE: dict[str, str] = {
    "too_many_bytes": "The file has {size} bytes; at most {limit} are accepted.",
    "unknown_format": "Not a PNG, JPEG or WebP image; convert it to one of these.",
    "too_many_pixels": "The image is {width} x {height}; at most {limit} pixels are accepted.",
    "animated": "The image is animated; send a single still image.",
    "trailing_data": "{size} bytes follow the end of the image; save it again from an image editor.",
    "damaged": "The image data is damaged or cut short; upload it again.",
}


class ImagingError(Exception):
    """Base of everything the imaging room raises."""


class ImageRefusedError(ImagingError):
    """An image was refused; `reason` says why, the other attributes hold the facts known by then.

    `size` counts bytes (of the file, or of what trails the image), `limit` is the bound that was crossed.
    """

    def __init__(  # noqa: PLR0917  # pickling rebuilds an exception from positional arguments
        self,
        reason: Reason,
        form: str | None = None,
        width: int | None = None,
        height: int | None = None,
        size: int | None = None,
        limit: int | None = None,
    ) -> None:
        super().__init__(reason, form, width, height, size, limit)
        self.reason = reason
        self.format = form
        self.width = width
        self.height = height
        self.size = size
        self.limit = limit

    def __str__(self) -> str:
        return _ADVICE[self.reason].format(**vars(self))


class ExportTooLargeError(ImagingError):
    """A picture cannot be brought under the byte limit of its platform, however small it is made."""

    def __init__(self, platform: str, max_bytes: int) -> None:
        super().__init__(platform, max_bytes)
        self.platform = platform
        self.max_bytes = max_bytes

    def __str__(self) -> str:
        return f"No picture of {self.platform} fits into {self.max_bytes} bytes; raise max_bytes."
