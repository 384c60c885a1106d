"""Writes the table of error codes in docs/integrators.md: `.venv/bin/python docs/make_codes.py`."""
# ruff: noqa: INP001 - a script, not a package

from pathlib import Path

from app.api import codes

PATH = Path(__file__).with_name("integrators.md")
BEGIN, END = "<!-- codes: written by docs/make_codes.py -->\n", "<!-- end of codes -->\n"


def table() -> str:
    """Every code of the API as a Markdown table, in the API's order."""
    lines = ["| Code | Status | Class | Meaning | What to do |", "| --- | --- | --- | --- | --- |"]
    for each in codes.table().values():
        cells = (f"`{each.code}`", str(each.status or "–"), each.kind, each.explanation, each.advice)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page with its table as it should be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


if __name__ == "__main__":
    PATH.write_text(page(PATH.read_text("utf-8")), "utf-8")
