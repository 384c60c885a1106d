"""The header Idempotency-Key of requests other than triggers: where it is remembered, for what (S119)."""

import hashlib
import re
from typing import Annotated

from fastapi import Header

from app.api.problems import FieldProblem, invalid
from app.identity.roles import Identity
from app.workflows.starts import Key

KeyHeader = Annotated[
    str | None, Header(max_length=257, description="The same request with the same key is done once.")
]
_KEY = re.compile(r"[\x20-\x7e]{1,255}")


def key_of(header: str | None, who: Identity, act: str, payload: str, subject: str = "") -> Key | None:
    """Where this key of this caller's act is remembered; the payload must be the same when it comes again."""
    if header is None:
        return None
    key = header[1:-1] if len(header) > 2 and header[0] == header[-1] == '"' else header
    if not _KEY.fullmatch(key) or not key.strip():
        detail = "the Idempotency-Key header must be 1 to 255 printable ASCII characters"
        raise invalid([FieldProblem("idempotency_key", "trigger.bad_idempotency_key", detail)])
    return part_of((f"{act}\0{who.org_id}\0{who.caller_id}\0{key}", _sha256(payload)), subject)


def part_of(key: Key, subject: str) -> Key:
    """The key of one thing among those that are done under a key."""
    return _sha256(f"{key[0]}\0{subject}"), key[1]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
