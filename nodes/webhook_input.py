"""Webhook input (S13 to S24): the fields a caller may send, each one an output."""

from pydantic import Field

from graphs import node
from graphs.node import Context, Node, Nothing, Socket
from graphs.sockets import Payload
from graphs.trigger import Fields, sockets


class Settings(node.Settings):
    fields: Fields = Field(
        (), description="The business fields of a request: name, type, and what values are allowed."
    )


class Outputs(node.Open):
    trigger: Payload = Field(description="The whole accepted payload, for gates.")


class WebhookInput(Node[Settings, Nothing, Outputs]):
    """Start a run when another system calls this workflow.

    Declare only what differs from run to run; all else belongs into the settings of the other nodes.
    Each field becomes an output of its type, wherever in the request its `source` finds it. Wrong or
    missing fields are refused before a run starts, all of them named at once. An optional field that
    is neither sent nor has a default gives nothing.
    """

    kind = "webhook_input"
    title = "Webhook input"
    group = "Input"
    icon = "webhook"

    @classmethod
    def outputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """One output per declared field, and the whole payload."""
        return sockets(settings.fields)

    async def run(self, inputs: Nothing, context: Context) -> Outputs:
        accepted = context.run.trigger
        names = (field.name for field in self.settings.fields)
        values = {name: accepted[name] for name in names if accepted.get(name) is not None}
        return Outputs(trigger=accepted, **values)
