"""Where a draft stands against its published version. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.store.workflows import VersionRow
from app.ui.lang.say import n, t
from app.ui.words import Look
from graphs.compare import differences
from graphs.document import document_hash, parse
from graphs.errors import MalformedDocumentError


@dataclass(frozen=True, slots=True)
class PublishState:
    """`number` is the published version, 0 for none; `changed` whether the draft would run differently."""

    number: int
    changed: bool
    # how many changes a comparison lists, those of titles and notes too; None where nobody counted
    changes: int | None = None

    @property
    def unpublished(self) -> bool:
        """Whether publishing would bring anything."""
        return self.changed or bool(self.changes)

    @property
    def look(self) -> Look:
        if not self.number:
            return Look("o_edit", t("Draft only"))
        if self.changes:
            words = n(
                "v{number} · {count} change", "v{number} · {count} changes", self.changes, number=self.number
            )
            return Look("o_published_with_changes", words, "warn")
        if self.changed:
            words = t("v{number} · changed since", number=self.number)
            return Look("o_published_with_changes", words, "warn")
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


def counted_state(document: Mapping[str, Any], version: VersionRow | None) -> PublishState:
    """As ``publish_state``, with the changes counted."""
    if version is None:
        return PublishState(0, changed=True)
    published = json.loads(version.graph)
    try:
        changed = document_hash(parse(document)) != version.hash
    except MalformedDocumentError:
        changed = True
    return PublishState(version.number, changed, len(differences(published, document)))
