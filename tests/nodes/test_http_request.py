"""HTTP request: values in their places, answers in their classes."""

import asyncio
import json

import pytest
from pydantic import ValidationError

from graphs.errors import NodeError
from graphs.web import WebAnswer, WebError
from nodes.http_request import HttpRequest, Inputs, Settings

URL = "https://api.example.com/items"


class Answering:
    """A web of one receiver."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    async def request(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def answer(status=200, body=b"{}", **more):
    return WebAnswer(status, {}, body, more.pop("truncated", False), **more)


def run(ctx, reply, inputs=None, **settings):
    ctx.web = Answering(reply)
    node = HttpRequest(Settings(url=settings.pop("url", URL), **settings))
    return asyncio.run(node.run(Inputs(**(inputs or {})), ctx))


def error(ctx, reply, **settings):
    with pytest.raises(NodeError) as caught:
        run(ctx, reply, **settings)
    return caught.value.error_class, caught.value.code


def test_values_are_encoded_for_their_place(ctx):
    """A value can neither leave its part of the address nor break out of the JSON."""
    run(
        ctx,
        answer(),
        {"id": "a/../b?x=1#é", "name": 'He said "{{id}}"', "count": 3},
        url=URL + "/{{id}}?n={{count}}",
        method="POST",
        body_type="json",
        body='{"name": "{{name}}", "count": "{{count}}", "label": "n={{count}}"}',
    )
    (asked,) = ctx.web.asked
    assert asked.url == URL + "/a%2F..%2Fb%3Fx%3D1%23%C3%A9?n=3"
    assert json.loads(asked.content) == {"name": 'He said "{{id}}"', "count": 3, "label": "n=3"}
    assert asked.headers["content-type"] == "application/json"


def test_a_linked_body_replaces_the_one_of_the_settings(ctx, image):
    """Whole payloads and pictures travel as JSON."""
    run(ctx, answer(), {"body": [image()]}, method="PUT", body_type="text", body="old")
    assert json.loads(ctx.web.asked[0].content)[0]["width"] == 1280


def test_a_whole_address_may_come_from_the_data(ctx):
    """A placeholder at the very start is put in as it is; the address policy judges it."""
    run(ctx, answer(), {"link": "https://shop.example/a?b=c"}, url="{{link}}")
    assert ctx.web.asked[0].url == "https://shop.example/a?b=c"


def test_the_key_goes_with_what_must_not_happen_twice(ctx):
    """POST carries the step's key, one that is set stays, and GET needs none."""
    run(ctx, answer(), method="POST")
    assert ctx.web.asked[0].headers == {"idempotency-key": "key"}
    run(ctx, answer(), method="POST", headers=[{"name": "Idempotency-Key", "value": "mine"}])
    assert ctx.web.asked[0].headers == {"idempotency-key": "mine"}
    run(ctx, answer())
    assert ctx.web.asked[0].headers == {}


def test_the_answer_becomes_outputs(ctx):
    """JSON, a picked part, text and status; what the answer does not hold does not fire."""
    found = run(ctx, answer(body=b'{"a": [1, 2]}'), pick="a[1]")
    assert (found.payload, found.text, found.status) == (2, '{"a": [1, 2]}', 200)
    assert run(ctx, answer(body=b"plain")).model_fields_set == {"text", "status"}
    assert run(ctx, answer(204, b"\xff\x00")).model_fields_set == {"status"}


LOST = WebError("timeout", "api.example.com did not answer in full within 30 s", sent=True)
NOT_SENT = WebError("unreachable", "no connection to api.example.com: refused", sent=False)


@pytest.mark.parametrize(
    ("settings", "reply", "expected"),
    [
        ({}, LOST, ("transient", "node.provider_timeout")),
        ({"method": "POST"}, LOST, ("transient", "node.provider_timeout")),
        (
            {"method": "POST", "send_idempotency_key": False},
            LOST,
            ("ambiguous", "node.provider_outcome_unknown"),
        ),
        (
            {"method": "PATCH", "send_idempotency_key": False},
            answer(504),
            ("ambiguous", "node.provider_outcome_unknown"),
        ),
        (
            {"method": "POST", "send_idempotency_key": False, "retry_safe": True},
            LOST,
            ("transient", "node.provider_timeout"),
        ),
        (
            {"method": "POST", "send_idempotency_key": False},
            NOT_SENT,
            ("transient", "node.provider_unavailable"),
        ),
        (
            {"method": "POST", "send_idempotency_key": False},
            answer(500),
            ("permanent", "node.provider_unavailable"),
        ),
        (
            {"method": "POST", "send_idempotency_key": False},
            answer(503),
            ("transient", "node.provider_unavailable"),
        ),
        ({}, answer(500), ("transient", "node.provider_unavailable")),
        ({}, answer(429), ("transient", "node.provider_rate_limited")),
        ({}, answer(302), ("permanent", "node.provider_rejected_input")),
        ({}, answer(404), ("permanent", "node.provider_rejected_input")),
        ({}, answer(401), ("operator", "node.provider_auth")),
        ({"expect": [404]}, answer(200), ("permanent", "node.provider_bad_output")),
        ({}, answer(truncated=True), ("permanent", "node.asset_too_large")),
        ({"pick": "a"}, answer(body=b"no json"), ("permanent", "node.provider_bad_output")),
        (
            {},
            WebError("refused", "the URL must start with https://", sent=False),
            ("permanent", "node.provider_rejected_input"),
        ),
    ],
)
def test_errors_have_the_class_that_says_what_may_happen_next(ctx, settings, reply, expected):
    """Nothing that may have been carried out is sent again unless that is safe (S121)."""
    assert error(ctx, reply, **settings) == expected


def test_an_expected_status_is_right(ctx):
    """A 404 may be what was hoped for."""
    assert run(ctx, answer(404), expect=[404]).status == 404


def test_a_busy_receiver_says_when_to_come_back(ctx):
    """Retry-After reaches the schedule."""
    with pytest.raises(NodeError) as caught:
        run(ctx, answer(503, retry_after=7.0))
    assert caught.value.retry_after == 7.0


def test_header_values_stay_on_their_line(ctx):
    """A value with a line break cannot add a header, and its text is not repeated in the error."""
    header = [{"name": "X-Name", "value": "{{name}}"}]
    with pytest.raises(NodeError, match="X-Name") as caught:
        run(ctx, answer(), {"name": "a\r\nX-Evil: secret"}, headers=header)
    assert "secret" not in caught.value.description


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"url": "ftp://x/"}, "https://"),
        ({"url": "https://{{host}}/"}, "host is fixed"),
        ({"url": "https://x/{{A}}"}, "not a placeholder"),
        ({"body_type": "json", "body": "{name: 1}"}, "not JSON"),
        ({"headers": [{"name": "a b", "value": ""}]}, "pattern"),
        ({"headers": [{"name": "a", "value": "ü"}]}, "plain ASCII"),
        ({"expect": [99]}, "no status"),
        ({"pick": "a["}, "JMESPath"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, reason):
    """What is wrong is said at the canvas, not at the first run."""
    with pytest.raises(ValidationError, match=reason):
        Settings(**settings)


def test_placeholders_are_inputs():
    """From address, headers and body, in their order; one with a default everywhere is optional."""
    settings = Settings(
        url=URL + "/{{id}}",
        headers=[{"name": "X-L", "value": "{{lang|en}}"}],
        body_type="json",
        body='["{{id}}", "{{note|-}}"]',
    )
    sockets = HttpRequest.inputs_for(settings)
    assert [(each.name, each.required) for each in sockets] == [
        ("id", True),
        ("lang", False),
        ("note", False),
        ("body", False),
    ]


def test_a_secret_goes_to_the_door_by_its_name(ctx):
    """The node hands on which secret stands in which header; the last of two headers of a name holds."""
    headers = [
        {"name": "Authorization", "value": "none"},
        {"name": "authorization", "value": "Bearer", "secret": "crm"},
        {"name": "X-Key", "value": "id={{id}}:", "secret": "crm"},
        {"name": "X-Plain", "secret": "cms"},
        {"name": "x-plain", "value": "said"},
    ]
    run(ctx, answer(), {"id": "7"}, headers=headers)
    (asked,) = ctx.web.asked
    assert asked.headers == {"x-plain": "said"}
    assert [(each.header, each.before, each.name, each.field) for each in asked.secrets] == [
        ("authorization", "Bearer ", "crm", "headers[1].secret"),
        ("x-key", "id=7:", "crm", "headers[2].secret"),
    ]


def test_a_secret_is_no_placeholder():
    """Addresses and bodies take no secrets: they end up in logs."""
    for settings in ({"url": URL + "?key={{secret:crm}}"}, {"body_type": "text", "body": "{{secret:crm}}"}):
        with pytest.raises(ValidationError, match="named in the field 'secret' of a header"):
            Settings(**settings)
