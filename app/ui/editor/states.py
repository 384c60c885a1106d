"""Where a draft stands against its published version. Pure."""

import json
from dataclasses import dataclass

from app.store.workflows import VersionRow
from app.ui.lang.say import t
from app.ui.words import Look
from graphs.document import document_hash, parse
from graphs.errors import MalformedDocumentError


@dataclass(frozen=True, slots=True)
class PublishState:
    """`number` is the published version, 0 for none; `changed` whether the draft would run differently."""

    number: int
    changed: bool

    @property
    def look(self) -> Look:
        if not self.number:
            return Look("o_edit", "Draft only")
        if self.changed:
            return Look(
                "o_published_with_changes", t("v{number} · changed since", number=self.number), "warn"
            )
        return Look("o_check_circle", t("Published v{number}", number=self.number), "good")


def publish_state(draft: str, version: VersionRow | None) -> PublishState:
    """Compare a draft's text with the published version; positions and titles do not count."""
    if version is None:
        return PublishState(0, changed=True)
    if draft == version.graph:
        return PublishState(version.number, changed=False)
    try:
        return PublishState(version.number, changed=document_hash(parse(json.loads(draft))) != version.hash)
    except (MalformedDocumentError, ValueError):
        return PublishState(version.number, changed=True)
