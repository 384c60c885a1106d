"""Who is met by a breaking change: said before publishing, and kept in the history."""

from collections.abc import Sequence

from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import box, row, text
from app.ui.parts.show import When, banner
from app.workflows.guard import Affected

_MOST = 6


def callers(met: Affected, words: str) -> None:
    """The callers of one change, those it meets most first, under these words."""
    with box("sk-callers"):
        if not met.callers:
            text(t("No caller needed it otherwise in the last 30 days."), "sk-small sk-muted")
            return
        text(words, "sk-small sk-muted")
        for use in met.callers[:_MOST]:
            with row("sk-small"):
                text(use.caller, "sk-strong sk-cut")
                text(n("{count} run", "{count} runs", use.runs))
                text(t("last"), "sk-muted")
                When(use.last_at)
        left = len(met.callers) - _MOST
        if left > 0:
            text(n("and {count} more caller", "and {count} more callers", left), "sk-small sk-muted")


def broken_for(changes: Sequence[Affected]) -> None:
    """What a published version broke, with the callers who had used it in the 30 days before."""
    for each in changes:
        with banner("warn", "o_warning_amber", heard(each.change.text)):
            callers(each, t("Called so in the 30 days before:"))
