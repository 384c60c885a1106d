"""Presets that an upgrade changed: results that were made with them hold no longer."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from app import clock
from app.assets.imaging.presets import load_platforms
from app.store import presets as rows
from app.store.database import Database
from app.store.presets import Name
from app.store.runs import StepRow
from graphs.document import Document, NodeSpec
from nodes.presets import styles

# what a platform says to people makes no picture different
_SAID = {"title", "rules", "source"}


def note_presets(db: Database) -> int:
    """Remember what the presets of this release are; how many are others than those of the one before."""
    digests = shipped()
    with db.write() as connection:
        return rows.note(connection, digests, clock.now())


def shipped() -> dict[Name, str]:
    """The content of every preset of this release as SHA-256 (hex), by kind and key."""
    found = {("style", key): preset.model_dump(mode="json") for key, preset in styles().items()}
    for key, platform in load_platforms().items():
        found["platform", key] = platform.model_dump(mode="json", exclude=_SAID)
    return {name: _digest(content) for name, content in found.items()}


def changed_presets(
    connection: Connection, document: Document, steps: Mapping[str, StepRow], since: float
) -> dict[str, str]:
    """Nodes that used a preset which is another one now, and the name of that preset for people."""
    fresh = rows.changed_since(connection, since)
    if not fresh:
        return {}
    titles = {("style", key): preset.title for key, preset in styles().items()}
    titles |= {("platform", key): platform.title for key, platform in load_platforms().items()}
    found = {}
    for node in document.nodes:
        name = next((each for each in _used(node, steps.get(node.id)) if each in fresh), None)
        if name is not None:
            found[node.id] = titles.get(name, name[1])
    return found


def _used(node: NodeSpec, step: StepRow | None) -> Iterator[Name]:
    """The shipped presets behind a result, as the result itself says."""
    outputs = _outputs(step)
    if node.type == "style_preset" and isinstance(style := outputs.get("style"), dict):
        key, custom = str(style.get("key")), node.settings.get("custom")
        if not (isinstance(custom, dict) and key in custom):
            yield "style", key
    if node.type == "multi_format_export" and isinstance(images := outputs.get("images"), list):
        codes = (each.get("platform_code") for each in images if isinstance(each, dict))
        yield from (("platform", str(code)) for code in codes if code)


def _outputs(step: StepRow | None) -> dict[str, Any]:
    found = json.loads(step.outputs) if step is not None and step.outputs else None
    return found if isinstance(found, dict) else {}


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
