"""The error tree of the procedural model; every error survives pickling."""


class ProceduralError(Exception):
    """Base of everything the procedural model raises."""


class CanvasSizeError(ProceduralError):
    """The asked size is outside what the model paints; the bounds are pixels per edge."""

    def __init__(self, width: int, height: int, least: int, most: int) -> None:
        super().__init__(width, height, least, most)
        self.width = width
        self.height = height
        self.least = least
        self.most = most

    def __str__(self) -> str:
        return (
            f"width and height must lie between {self.least} and {self.most} pixels, "
            f"not {self.width} x {self.height}"
        )
