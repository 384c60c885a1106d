"""Starting runs from pages: from the canvas with a sample, and again from the history."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from app.engine.records import NewRun, Source
from app.identity.roles import Identity
from app.store.ids import new_id
from app.store.runs import RunRow
from app.ui.visitor import Visitor
from app.workflows.published import Published

INBOX = "canvas"


async def start(
    visitor: Visitor,
    slug: str,
    body: Mapping[str, Any],
    *,
    version: int | None = None,
    to_inbox: bool = False,
) -> str:
    """Run a published version with a payload; gives the run's id.

    Raises:
        TriggerInvalid: With every wrong field.
        WorkflowError: There is nothing published to run.
        RefusedError: The visitor may not.
    """
    identity = await visitor.require("runs.trigger")
    published = await visitor.call(visitor.house.system.workflows.published, identity.org_id, slug, version)
    callback = f"{visitor.house.system.public_url}/v1/inbox/{INBOX}" if to_inbox else None
    return await _start(visitor, _new(identity, published, body, "canvas", callback))


async def rerun(visitor: Visitor, run: RunRow, body: Mapping[str, Any], *, callback: bool) -> str:
    """Run the same version again with a payload; the callback goes where it went, if wanted.

    Raises:
        TriggerInvalid, WorkflowError, RefusedError: As ``start``.
    """
    identity = await visitor.require("runs.rerun")
    workflows = visitor.house.system.workflows
    published = await visitor.call(workflows.published, identity.org_id, run.workflow, run.version or None)
    url = run.callback_url if callback else None
    return await _start(visitor, _new(identity, published, body, "rerun", url, of=run))


async def _start(visitor: Visitor, new: NewRun) -> str:
    started = await asyncio.wrap_future(visitor.house.system.engine.start(new))
    return started.run_id


def _new(  # noqa: PLR0917 - one record from its parts
    identity: Identity,
    published: Published,
    body: Mapping[str, Any],
    source: Source,
    callback: str | None,
    of: RunRow | None = None,
) -> NewRun:
    accepted = published.trigger.read(body)
    return NewRun(
        org_id=identity.org_id,
        project_id=of.project_id if of else published.workflow.project_id,
        workflow_id=published.workflow.id,
        workflow=published.workflow.slug,
        version=published.number,
        version_id=published.version_id,
        plan=published.plan,
        # a rerun stays the original caller's: its limits, its history, its signing secret
        caller_id=of.caller_id if of else identity.caller_id,
        caller=of.caller if of else identity.caller,
        source=source,
        trigger=dict(body),
        inputs=accepted.values,
        trace_id=os.urandom(16).hex(),
        request_id=new_id("req"),
        ignored=tuple(accepted.ignored),
        callback_url=callback,
        external_id=of.external_id if of else None,
        rerun_of=of.id if of else None,
    )
