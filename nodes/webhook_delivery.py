"""Webhook delivery (S31): what reaches this node is what the caller gets."""

from typing import Any

from pydantic import BaseModel, Field

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node
from graphs.sockets import Image, Prompt, Report


class Settings(node.Settings):
    include_trigger: bool = Field(
        True, description="Echo the business fields of the trigger in the callback."
    )
    note: str = Field("", max_length=500, description="Remark for your colleagues; it is not sent.")


class Inputs(BaseModel):
    images: list[Image] = Field(description="The pictures to deliver.")
    report: Report | None = Field(None, description="Verdict for pictures that carry none of their own.")
    prompt: Prompt | None = Field(None, description="Prompt for pictures that do not name theirs.")


class Outputs(BaseModel):
    delivered: list[Image] = Field(description="The pictures as the callback lists them.")


class WebhookDelivery(Node[Settings, Inputs, Outputs]):
    """Deliver the pictures to the caller's `callback_url`.

    When the run has ended, one signed request carries everything a receiver needs: addresses, sizes,
    alt texts, captions, file names, quality verdicts, prompt, model and cost. It is repeated until it
    arrives, without generating again. A run without a `callback_url` keeps the same answer for polling.
    """

    kind = "webhook_delivery"
    title = "Webhook delivery"
    group = "Output"
    icon = "send"

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        if not inputs.images:
            raise PermanentError("node.input_missing", "There is no picture to deliver.", field="images")
        return Outputs(delivered=[_completed(image, inputs) for image in inputs.images])


def _completed(image: Image, inputs: Inputs) -> Image:
    missing: dict[str, Any] = {}
    if image.qc is None and inputs.report:
        missing["qc"] = inputs.report
    if not image.prompt and inputs.prompt:
        missing["prompt"] = inputs.prompt.positive
    return image.model_copy(update=missing)
