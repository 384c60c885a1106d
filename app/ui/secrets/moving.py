"""A key that somebody pasted into a workflow, moved into a secret with one click."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.editor.model import Document, node_of
from app.ui.lang.say import t
from app.ui.secrets.keep import keep_secret, suggested
from graphs.document import parse
from graphs.errors import MalformedDocumentError
from graphs.resolved import resolve
from graphs.secrecy import PastedKey
from graphs.secrets import PASTED, pasted_keys


def movable(desk: Desk, problem: Mapping[str, Any]) -> bool:
    """Whether this visitor may move what a problem is about into a secret."""
    in_header = str(problem["field"] or "").startswith("settings.headers[")
    return problem["code"] == PASTED and in_header and desk.secrets.may_make


async def move_to_secret(desk: Desk, problem: Mapping[str, Any]) -> None:
    """Keep the key as a secret, then name it where the key was; undo brings the key back."""
    pasted = _found(desk, problem)
    if pasted is None:
        ui.notify(t("There is no key any more."))
        return

    async def kept(name: str) -> None:
        await desk.secrets.load()
        still = _found(desk, problem)
        if still is not None and still.value == pasted.value:
            await desk.amend(_moved(desk.document, str(problem["node"]), still, name))

    given = suggested(pasted.url, pasted.value, pasted.where)
    await keep_secret(desk.visitor, kept, given=given)


def _found(desk: Desk, problem: Mapping[str, Any]) -> PastedKey | None:
    try:
        resolved = resolve(parse(desk.document), desk.visitor.house.system.catalogue)
    except MalformedDocumentError:
        return None
    place = (problem["node"], str(problem["field"]).removeprefix("settings."))
    return next((each for node, each in pasted_keys(resolved) if (node, each.field) == place), None)


def _moved(document: Document, node_id: str, pasted: PastedKey, name: str) -> Document:
    """The document with the header naming the secret after what stood before the key."""
    changed = deepcopy(document)
    node = node_of(changed, node_id)
    if node is not None:
        header = node["settings"]["headers"][int(pasted.field.split("[")[1].split("]")[0])]
        header["value"] = str(header["value"]).strip().removesuffix(pasted.value).strip()
        header["secret"] = name
    return changed
