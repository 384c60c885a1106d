"""Starting runs from pages: from the canvas with a sample, and again from the history."""

from dataclasses import replace
from typing import Any

from app.ui.visitor import Visitor
from app.workflows.keeping import Again
from app.workflows.starts import Starts
from app.workflows.trying import Tries, Try

INBOX = "canvas"


async def start(
    visitor: Visitor, slug: str, body: dict[str, Any], *, to_inbox: bool, targets: tuple[str, ...] = ()
) -> str:
    """Run the published version with a payload, or only what leads to some nodes; gives the run's id.

    Raises:
        TriggerInvalid: With every wrong field.
        WorkflowError: There is nothing published to run.
        RefusedError: The visitor may not.
    """
    identity = await visitor.require("runs.trigger")
    inbox = f"{visitor.house.system.public_url}/v1/inbox/{INBOX}" if to_inbox else None
    return (await _starts(visitor).by_hand(identity, slug, body, callback_url=inbox, targets=targets)).run_id


async def try_out(visitor: Visitor, slug: str, how: Try, *, to_inbox: bool) -> str:
    """Run the draft as it is now; gives the run's id.

    Raises:
        TriggerInvalid, WorkflowError, RefusedError: As ``start``.
        NotRerunnableError, RunUnknownError: About the run to build on.
    """
    identity = await visitor.require("drafts.run")
    system = visitor.house.system
    inbox = f"{system.public_url}/v1/inbox/{INBOX}" if to_inbox else None
    tries = Tries(system.db, system.engine, system.workflows, system.catalogue)
    return (await tries.start(identity, slug, replace(how, callback_url=inbox))).run_id


async def rerun(visitor: Visitor, run_id: str, how: Again) -> str:
    """Run again as asked; gives the new run's id.

    Raises:
        TriggerInvalid, WorkflowError, RefusedError: As ``start``.
        NotRerunnableError: It cannot begin at this node.
    """
    identity = await visitor.require("runs.rerun")
    return (await _starts(visitor).again(identity, run_id, how)).run_id


def _starts(visitor: Visitor) -> Starts:
    system = visitor.house.system
    return Starts(system.db, system.engine, system.workflows)
