"""HTTP request (S74): ask another system, and go on with its answer."""

from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from graphs import node
from graphs.node import Context, Node, Socket
from graphs.secrecy import PastedKey, SecretUse
from graphs.web import WebError
from nodes import answers, pasted_keys, requests


class Settings(node.Settings):
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = Field(
        "GET", description="GET, HEAD, PUT and DELETE may be repeated without harm, POST and PATCH may not."
    )
    url: str = Field(
        "https://example.com/",
        min_length=1,
        max_length=2048,
        description="Address. {{name}} makes an input of that name; its value is encoded for the address.",
    )
    headers: tuple[requests.Header, ...] = Field((), max_length=50, description="Headers to send.")
    body_type: Literal["none", "json", "text"] = Field("none", description="What is sent as the body.")
    body: str = Field(
        "",
        max_length=100_000,
        description='Body, e.g. {"name": "{{name}}"}; a placeholder alone in its quotes keeps its type.',
        json_schema_extra={"format": "textarea"},
    )
    expect: tuple[int, ...] = Field(
        (), max_length=50, description="Statuses that are right; empty: 200 to 299."
    )
    pick: str = Field(
        "", max_length=400, description="JMESPath to the part of a JSON answer that is wanted; empty: all."
    )
    timeout: float = Field(30, ge=1, le=120, description="Longest time for the whole exchange in seconds.")
    send_idempotency_key: bool = Field(
        True, description="Send the step's own Idempotency-Key, the same at every try."
    )
    retry_safe: bool = Field(
        False, description="The receiver takes the same request twice without harm, so it may be repeated."
    )

    @field_validator("expect")
    @classmethod
    def _statuses(cls, found: tuple[int, ...]) -> tuple[int, ...]:
        return answers.statuses(found)

    @model_validator(mode="after")
    def _sendable(self) -> "Settings":
        answers.readable(self.pick)
        if fault := requests.fault(self):
            raise ValueError(fault)
        return self


class Inputs(node.Open):
    body: Any = Field(None, description="Sent as JSON instead of the body of the settings.")


class Outputs(BaseModel):
    payload: Any = Field(None, description="The JSON of the answer, or the part that was picked.")
    text: str = Field("", description="The answer as text.")
    status: int = Field(0, description="Status of the answer.")


class HttpRequest(Node[Settings, Inputs, Outputs]):
    """Ask another system by HTTPS, or tell it something.

    Public https addresses only, unless an operator allows others; redirects are not followed, and an
    answer may be 1 MiB large. Errors and busy receivers are tried again on the usual schedule, honouring
    Retry-After. A POST or PATCH that got no answer is repeated only when it is safe: when an
    Idempotency-Key went with it, or the settings say so. Else a person decides. Keys belong into secrets: a
    header names one, and it is put in when the request leaves, for the hosts it is meant for.
    """

    kind = "http_request"
    title = "HTTP request"
    group = "Flow"
    icon = "http"
    weight = "slow"
    private = frozenset({"url", "headers", "body"})
    cacheable = True

    @classmethod
    def uncacheable(cls, settings: Settings) -> str | None:
        """What changes something at the receiver has to be sent each time."""
        return None if settings.method in {"GET", "HEAD"} else f"a {settings.method} has to be sent each time"

    @classmethod
    def secrets_for(cls, settings: Settings) -> tuple[SecretUse, ...]:
        """Those that its headers name."""
        return requests.secrets_of(settings)

    @classmethod
    def pasted_for(cls, settings: Settings) -> tuple[PastedKey, ...]:
        """Keys written into headers or into the query of the address."""
        return pasted_keys.found(settings.url, settings.headers)

    @classmethod
    def inputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """One input per placeholder, and the body."""
        names = requests.placeholders(settings)
        made = [Socket(name, "Any", need, f"Value for {{{{{name}}}}}.") for name, need in names.items()]
        return (*made, Socket("body", "Any", False, Inputs.model_fields["body"].description or ""))

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        settings = self.settings
        given = {"body": inputs.body} if "body" in inputs.model_fields_set else {}
        key = context.run.idempotency_key if settings.send_idempotency_key else None
        request = requests.build(settings, {**(inputs.model_extra or {}), **given}, key)
        protected = settings.retry_safe or requests.repeatable(request)
        try:
            answer = await context.web.request(request)
        except WebError as error:
            raise answers.unanswered(error, protected=protected) from error
        answers.judge(answer, settings.expect, protected=protected)
        return Outputs(**answers.read(answer, settings.pick))
