"""A trigger between reading and storing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.api.context import Call
from app.api.reserved import Reserved
from app.engine.records import NewRun
from app.identity.callers import Caller
from app.identity.roles import Identity
from app.workflows.held import wait_for
from app.workflows.published import Published
from graphs.trigger import RESERVED, Accepted


class UsedKey(NamedTuple):
    """An idempotency key within its scope, and the payload it came with; both as SHA-256."""

    scope: str
    payload: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A trigger that was read, before its fields are judged."""

    call: Call
    identity: Identity
    published: Published
    body: dict[str, Any]
    reserved: Reserved
    project_id: str
    caller: Caller | None = None

    @property
    def idempotency(self) -> UsedKey | None:
        key = self.reserved.idempotency_key
        if key is None:
            return None
        return used_key(self.identity.caller_id, self.published.workflow.id, key, self.body)

    def new_run(self, accepted: Accepted) -> NewRun:
        unread = RESERVED.union(accepted.ignored)
        published, identity, reserved = self.published, self.identity, self.reserved
        return NewRun(
            org_id=identity.org_id,
            project_id=self.project_id,
            workflow_id=published.workflow.id,
            workflow=published.workflow.slug,
            version=published.number,
            version_id=published.version_id,
            plan=published.plan,
            caller_id=identity.caller_id,
            caller=identity.caller,
            source="api",
            trigger={name: value for name, value in self.body.items() if name not in unread},
            inputs=accepted.values,
            trace_id=self.call.trace_id,
            request_id=self.call.request_id,
            ignored=tuple(accepted.ignored),
            callback_url=reserved.callback_url,
            external_id=reserved.external_id,
            idempotency=self.idempotency,
            deadline_seconds=published.workflow.deadline_seconds,
            paused=wait_for(published.workflow, self.caller),
        )


def used_key(caller_id: str, workflow_id: str, key: str, body: Mapping[str, Any]) -> UsedKey:
    """What a key is kept under: another caller or workflow may use the same words."""
    payload = {name: value for name, value in body.items() if name != "idempotency_key"}
    canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    return UsedKey(_sha256(f"{caller_id}\0{workflow_id}\0{key}"), _sha256(canonical))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
