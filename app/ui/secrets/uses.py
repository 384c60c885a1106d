"""Where a secret is used, in words and links."""

from collections.abc import Sequence

from app.identity.secrets import Use
from app.ui.lang.say import n, t
from app.ui.parts.base import anchor, box, text


def show_uses(uses: Sequence[Use]) -> None:
    """Workflows that send it now, then drafts and older versions that name it."""
    sending = [each for each in uses if each.current]
    named: dict[str, Use] = {each.workflow: each for each in reversed(uses) if not each.current}
    if not uses:
        text(t("No workflow names it."), "sk-muted", tag="p")
    for each in sending:
        _line(each, t("version {number} sends it", number=each.version))
    for each in named.values():
        older = sum(use.workflow == each.workflow and not use.current and use.version > 0 for use in uses)
        draft = any(use.workflow == each.workflow and not use.version for use in uses)
        told = [t("its draft names it")] if draft else []
        if older:
            told.append(n("{count} older version names it", "{count} older versions name it", older))
        _line(each, ", ".join(told))


def _line(use: Use, told: str) -> None:
    with box("sk-line"), box("sk-stack sk-stack--tight sk-grow"):
        anchor(use.title or use.workflow, f"/workflows/{use.workflow}")
        text(told, "sk-small sk-muted")
