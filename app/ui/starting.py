"""Starting runs from pages: from the canvas with a sample, and again from the history."""

from typing import Any

from app.ui.visitor import Visitor
from app.workflows.keeping import Again
from app.workflows.starts import Starts

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
