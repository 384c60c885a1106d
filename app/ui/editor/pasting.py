"""Text pasted onto the canvas from elsewhere: a piece of a graph file, or a reason why it is none."""

from collections import Counter
from typing import Any

from graphs.document import parse, to_json
from graphs.errors import MalformedDocumentError


def readable_piece(text: bytes) -> dict[str, Any]:
    """The piece as the JSON object of a document, checked as strictly as a graph file.

    Raises:
        MalformedDocumentError: Naming node and field; also for ids that are used twice.
    """
    document = parse(text)
    for name, ids in (
        ("nodes", [node.id for node in document.nodes]),
        ("groups", [group.get("id") for group in document.groups]),
        ("notes", [note.get("id") for note in document.notes]),
    ):
        for each, count in Counter(map(str, ids)).items():
            if count > 1:
                raise MalformedDocumentError(
                    f"{name}: the id '{each[:64]}' is used {count} times", field=name
                )
    return to_json(document)
