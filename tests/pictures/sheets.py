"""Contact sheets: the pictures of one look side by side, to see many at once."""

from pathlib import Path

from PIL import Image, ImageDraw

_WIDE, _NARROW, _GAP, _LABEL = 640, 260, 10, 18
_ACROSS = {_WIDE: 3, _NARROW: 7}
_ROWS = {_WIDE: 4, _NARROW: 3}


def contact_sheets(folder: Path) -> list[Path]:
    """Write sheet-1.jpg and so on beside the pictures of a folder."""
    pictures = sorted(folder.glob("*.png"))
    if not pictures:
        return []
    with Image.open(pictures[0]) as first:
        width = _WIDE if first.width > first.height else _NARROW
    each = _ACROSS[width] * _ROWS[width]
    parts = [pictures[start : start + each] for start in range(0, len(pictures), each)]
    return [_sheet(part, width, folder / f"sheet-{number}.jpg") for number, part in enumerate(parts, 1)]


def _sheet(pictures: list[Path], width: int, path: Path) -> Path:
    small = [(each.stem, _small(each, width)) for each in pictures]
    across = _ACROSS[width]
    height = max(image.height for _, image in small) + _LABEL
    rows = -(-len(small) // across)
    sheet = Image.new("RGB", (across * (width + _GAP), rows * (height + _GAP)), "#9a9aa2")
    pen = ImageDraw.Draw(sheet)
    for number, (name, image) in enumerate(small):
        x, y = (number % across) * (width + _GAP), (number // across) * (height + _GAP)
        pen.text((x + 3, y + 3), name, fill="black")
        sheet.paste(image, (x, y + _LABEL))
    sheet.save(path, quality=85)
    return path


def _small(path: Path, width: int) -> Image.Image:
    with Image.open(path) as image:
        size = (width, round(image.height * width / image.width))
        return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
