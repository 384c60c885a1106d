"""Pinned results of a draft: taken from a run or written by hand, checked against the sockets (S22).

They belong to the draft alone: nothing that runs a published version reads them.
"""

import json
from collections.abc import Mapping
from typing import Any

from app import clock
from app.identity.roles import Identity
from app.store import audit, drafts, generations
from app.store import runs as run_rows
from app.store.database import Database
from app.store.drafts import PinRow
from app.workflows.drafts import opened
from app.workflows.errors import BadFieldError
from app.workflows.service import WorkflowService
from app.workflows.starts import RunUnknownError
from graphs.catalogue import Catalogue
from graphs.document import NodeSpec, parse
from graphs.errors import UnknownKindError
from graphs.kinds import TRIGGER
from graphs.typed import wrong_value

Json = dict[str, Any]
MAX_BYTES = 1024 * 1024


class PinValueError(BadFieldError):
    """A value does not fit its socket."""


class Pins:
    """What people pin on the canvas."""

    def __init__(self, db: Database, workflows: WorkflowService, catalogue: Catalogue) -> None:
        self._db = db
        self._workflows = workflows
        self._catalogue = catalogue

    def list(self, org_id: str, slug: str) -> tuple[PinRow, ...]:
        """What is pinned in a draft.

        Raises:
            WorkflowUnknownError
        """
        row = self._workflows.get(org_id, slug)
        with self._db.read() as connection:
            return drafts.pins(connection, row.id)

    def put(  # noqa: PLR0917
        self,
        who: Identity,
        slug: str,
        node_id: str,
        outputs: Json | None = None,
        run_id: str | None = None,
        request_id: str | None = None,
    ) -> PinRow:
        """Pin what a node made in a run, or `outputs` in its place.

        Raises:
            WorkflowUnknownError, ArchivedError
            RunUnknownError: There is no such run here, or the node made nothing in it.
            BadFieldError: The node is not in the draft, cannot be pinned, or a value does not fit its socket.
        """
        row = opened(self._workflows, who.org_id, slug)
        node = self._node(who.org_id, slug, node_id)
        made = self._made(who, row.id, run_id, node_id) if run_id else None
        given = made if outputs is None else outputs
        if given is None:
            raise BadFieldError("outputs", "is missing; give values by output, or the run to take them from")
        self._check(node, given)
        edited = made is None or given != made
        text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
        found = PinRow(row.id, node_id, text, run_id, edited, who.actor, clock.now())
        detail = {"node": node_id, "run": run_id, "edited": edited}
        with self._db.write() as connection:
            drafts.pin(connection, found)
            audit.write(connection, who.acting(request_id), "draft.pin", slug, detail)
        return found

    def remove(
        self, who: Identity, slug: str, node_ids: tuple[str, ...] = (), request_id: str | None = None
    ) -> int:
        """Take pins away, of some nodes or all; how many there were.

        Raises:
            WorkflowUnknownError
        """
        row = self._workflows.get(who.org_id, slug)
        with self._db.write() as connection:
            count = drafts.unpin(connection, row.id, node_ids)
            detail = {"nodes": list(node_ids) or "all", "count": count}
            audit.write(connection, who.acting(request_id), "draft.unpin", slug, detail)
        return count

    def sockets(self, node: NodeSpec) -> dict[str, str]:
        """The types of a node's outputs by name; empty when its settings do not tell them."""
        try:
            settings = self._catalogue.settings(node.type, node.settings, node.version)
            _, outputs = self._catalogue.sockets(node.type, settings)
        except (UnknownKindError, ValueError):
            return {}
        return {socket.name: socket.type for socket in outputs}

    def _node(self, org_id: str, slug: str, node_id: str) -> NodeSpec:
        document = parse(self._workflows.draft(org_id, slug).document)
        node = next((each for each in document.nodes if each.id == node_id), None)
        if node is None:
            raise BadFieldError("node_id", f"names no node of the draft: '{node_id[:64]}'")
        if node.type == TRIGGER:
            raise BadFieldError("node_id", "names the trigger; save a sample payload instead")
        return node

    def _made(self, who: Identity, workflow_id: str, run_id: str, node_id: str) -> Json:
        with self._db.read() as connection:
            run = run_rows.get(connection, who.scope, run_id)
            if run is None or run.workflow_id != workflow_id:
                raise RunUnknownError(run_id)
            steps = {step.node_id: step for step in generations.steps(connection, run_id)}
        step = steps.get(node_id)
        if step is None or step.status != "succeeded" or not step.outputs:
            raise BadFieldError("run_id", f"names a run in which '{node_id}' made nothing")
        made: Json = json.loads(step.outputs)
        return made

    def _check(self, node: NodeSpec, outputs: Mapping[str, Any]) -> None:
        if len(json.dumps(outputs)) > MAX_BYTES:
            raise PinValueError("outputs", f"are larger than {MAX_BYTES} bytes")
        sockets = self.sockets(node)
        if not sockets:
            raise PinValueError("outputs", "cannot be checked: mend the settings of the node first")
        for name, value in outputs.items():
            if name not in sockets:
                known = ", ".join(sockets)
                raise PinValueError(f"outputs.{name}", f"is no output of this node; its outputs: {known}")
            reason = wrong_value(sockets[name], value)
            if reason is not None:
                raise PinValueError(f"outputs.{name}", reason)
