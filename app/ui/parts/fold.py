"""What has room on a desk and hides behind a button on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.ui.parts.base import attrs, box, button

_TOGGLE = """(event) => {
  const open = event.currentTarget.getAttribute('aria-expanded') !== 'true';
  event.currentTarget.setAttribute('aria-expanded', open);
}"""


@contextmanager
def fold_on_phone(label: str, *, shown: bool) -> Iterator[None]:
    """Enter the part; on a phone the button shows and hides it, without asking the server."""
    opener = button(label, icon="o_tune").classes("sk-fold-phone")
    attrs(opener, aria_expanded="true" if shown else "false")
    opener.on("click", js_handler=_TOGGLE)
    with box("sk-fold-phone__body"):
        yield
