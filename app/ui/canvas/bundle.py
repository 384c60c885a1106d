"""Where the canvas bundle lies: inside an installed package, or under ``static/`` of a checkout."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[2] / "static"


class BundleMissingError(Exception):
    """The canvas bundle was never built; ``python -m app.ui.canvas.build`` makes it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{self.__doc__} (looked at {path})")
        self.path = path


def dist_dir() -> Path:
    """The folder with ``canvas/index.js``, ``licenses/`` and ``digest.txt``."""
    packed = HERE / "dist"
    return packed if packed.is_dir() else CHECKOUT / "dist"


def bundle_dir() -> Path:
    """The folder of the ES module, whole; raises BundleMissingError when ``index.js`` is not there."""
    folder = dist_dir() / "canvas"
    if not (folder / "index.js").is_file():
        raise BundleMissingError(folder)
    return folder
