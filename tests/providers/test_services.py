"""Both protocols over real sockets: what is sent, what comes back, and what each failure means."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.providers.connection import Connection, ConnectionSettings
from app.providers.contract import Done, Model, Pending
from app.providers.errors import JobEndedError, UnansweredError
from app.providers.kinds import Connected, connect
from graphs.errors import (
    AmbiguousError,
    NodeError,
    OperatorError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from graphs.node import GenerationRequest
from tests.support.service import Service

SECRET = "sk-very-secret-credential"


def connection(url: str, kind: str = "openai_images", **settings: Any) -> Connection:
    return Connection(
        id="prv_1",
        org_id="org_1",
        name="painter",
        kind=kind,
        base_url=f"{url}/v1" if kind == "openai_images" else url,
        models=(Model("acme/flux/dev", "Flux", 0.25),),
        settings=ConnectionSettings(**{"timeout_seconds": 1, "poll_seconds": 0.05, **settings}),
        enabled=True,
        created_at=0,
        updated_at=0,
        credential=SECRET,
    )


def request(**changed: Any) -> GenerationRequest:
    base: dict[str, Any] = {"provider": "painter", "model": "acme/flux/dev", "prompt": "an oak chair"}
    more = {"negative": "blur", "style": "studio", "width": 1280, "height": 640, "count": 1, "seed": 11}
    return GenerationRequest(**{**base, **more, **changed})


def run(work: Callable[[Connected], Any], wanted: Connection, allow: str = "127.0.0.0/8") -> Any:
    """Do something with a service on a loop of its own."""

    async def go() -> Any:
        async with Egress(EgressPolicy.of((allow,) if allow else ())) as egress:
            return await work(connect(wanted, egress))

    return asyncio.run(go())


def submit(service: Service, kind: str = "openai_images", **settings: Any) -> Any:
    return run(lambda each: each.submit(request(), "run_1:gen:0"), connection(service.url, kind, **settings))


def test_an_immediate_service_gets_what_it_knows_and_gives_pictures() -> None:
    """Model, prompt, number and size are sent with the key; base64 comes back as pictures with their cost."""
    with Service() as service:
        done = submit(service, idempotent=True, sizes=("1024x1024", "1536x1024"), send_seed=True)
    (paid,) = service.ledger
    assert isinstance(done, Done)
    assert (done.credit_cost, done.model_id, done.pictures[0].data) == (
        0.25,
        "acme/flux/dev",
        service.picture,
    )
    assert paid.authorization == f"Bearer {SECRET}"
    assert paid.key == "run_1:gen:0"
    assert paid.body == {
        "model": "acme/flux/dev",
        "prompt": "an oak chair\nStyle: studio.\nAvoid: blur.",
        "n": 1,
        "size": "1536x1024",
        "seed": 11,
        "response_format": "b64_json",
    }


def test_no_key_is_sent_to_a_service_that_does_not_know_keys() -> None:
    """The header would promise a protection that is not there."""
    with Service() as service:
        submit(service)
    assert service.ledger[0].key is None


def test_operators_may_add_and_take_out_parameters() -> None:
    """Parameters of a connection are sent with each request; null leaves one out."""
    with Service() as service:
        submit(service, parameters={"quality": "high", "response_format": None})
    body = service.ledger[0].body
    assert body["quality"] == "high"
    assert "response_format" not in body


def test_pictures_by_address_are_fetched_at_once() -> None:
    """Addresses expire, so the pictures behind them are fetched with the answer."""
    with Service(("url",)) as service:
        done = submit(service)
    assert done.pictures[0].data == service.picture


def test_paid_pictures_that_cannot_be_fetched_yet_are_not_paid_again() -> None:
    """When the fetching fails the call stays open with the addresses, and only fetches are repeated."""
    data = {"created": 1, "data": [{"url": "http://127.0.0.1:9/gone.png"}]}
    with Service(((200, {}, data),)) as service:
        answer = submit(service)
    assert isinstance(answer, Pending)
    assert answer.job["urls"] == ["http://127.0.0.1:9/gone.png"]
    assert len(service.ledger) == 1


def test_a_queue_is_submitted_to_once_and_asked_until_done() -> None:
    """A job is submitted with the service's own key form, then asked for by the addresses it gave."""
    states = ({"status": "IN_QUEUE", "queue_position": 1}, {"status": "IN_PROGRESS"}, {"status": "COMPLETED"})
    with Service(states=states) as service:

        async def whole(each: Connected) -> list[Any]:
            answers: list[Any] = [await each.submit(request(), "k")]
            while isinstance(answers[-1], Pending):
                answers.append(await each.poll(answers[-1].job))
            return answers

        answers = run(whole, connection(service.url, "fal_queue"))
    assert [each.note for each in answers[:-1]] == ["place 4 in the queue", "place 2 in the queue", "in work"]
    assert answers[-1].pictures[0].data == service.picture
    assert answers[-1].pictures[0].seed == 7
    (paid,) = service.ledger
    assert paid.path == "/acme/flux/dev"
    assert paid.authorization == f"Key {SECRET}"
    assert paid.body["image_size"] == {"width": 1280, "height": 640}
    assert paid.body["negative_prompt"] == "blur"


def test_a_job_can_be_stopped() -> None:
    """Cancelling asks the service by the address it gave; a job it does not know cannot be stopped."""
    with Service(states=({"status": "IN_QUEUE"},)) as service:

        async def stop(each: Connected) -> tuple[bool, bool]:
            pending = await each.submit(request(), "k")
            assert isinstance(pending, Pending)
            stopped = await each.cancel(pending.job)
            cancel_url = str(pending.job["cancel_url"]).replace("req-1", "req-9")
            return stopped, await each.cancel({**pending.job, "cancel_url": cancel_url})

        assert run(stop, connection(service.url, "fal_queue")) == (True, False)
    assert service.jobs["req-1"].cancelled


def test_the_credential_stays_at_home() -> None:
    """A service that names another origin for its job gets no request there; its answer counts as lost."""
    elsewhere = dict.fromkeys(("status_url", "response_url", "cancel_url"), "http://127.0.0.1:9/x")
    with Service(((200, {}, {"request_id": "r", **elsewhere}),)) as service, pytest.raises(AmbiguousError):
        submit(service, "fal_queue")


def refused(
    status: int, body: Any = None, headers: dict[str, str] | None = None, **settings: Any
) -> NodeError:
    with Service(((status, headers or {}, body or {}),)) as service, pytest.raises(NodeError) as caught:
        submit(service, **settings)
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, {"error": {"message": "size"}}, PermanentError, "provider_rejected_input"),
        (422, {"detail": [{"msg": "no", "type": "x"}]}, PermanentError, "provider_rejected_input"),
        (404, {}, PermanentError, "provider_rejected_input"),
        (400, {"error": {"code": "content_policy_violation"}}, PermanentError, "provider_content_policy"),
        (422, {"detail": [{"type": "content_policy_violation"}]}, PermanentError, "provider_content_policy"),
        (403, {"error": {"code": "moderation_blocked"}}, PermanentError, "provider_content_policy"),
        (401, {}, OperatorError, "provider_auth"),
        (403, {}, OperatorError, "provider_auth"),
        (402, {}, OperatorError, "provider_auth"),
        (429, {"error": {"code": "insufficient_quota"}}, OperatorError, "provider_auth"),
        (429, {}, ThrottledError, "provider_rate_limited"),
        (408, {}, TransientError, "provider_unavailable"),
        (500, {}, TransientError, "provider_unavailable"),
        (503, {}, TransientError, "provider_unavailable"),
        (301, {}, OperatorError, "provider_unavailable"),
        (504, {}, AmbiguousError, "provider_outcome_unknown"),
    ],
)
def test_each_refusal_has_its_class(status: int, body: Any, kind: type[NodeError], code: str) -> None:
    """What a service answers decides what may happen next (S122)."""
    error = refused(status, body)
    assert (type(error), error.code) == (kind, f"node.{code}")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after": "17"}, 17.0), ({"retry-after-ms": "1500"}, 1.5), ({"retry-after": "soon"}, None)],
)
def test_a_throttling_service_says_how_long(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After is taken as seconds, as milliseconds where a service says so, or not at all."""
    assert refused(429, headers=headers).retry_after == seconds


@pytest.mark.parametrize("fate", ["late", "drop", "garbage"])
@pytest.mark.parametrize("kind", ["openai_images", "fal_queue"])
def test_a_lost_answer_is_unknown_unless_the_service_knows_keys(fate: str, kind: str) -> None:
    """A request that left without a readable answer may be repeated only under a key (S121)."""
    with Service((fate,)) as service:
        with pytest.raises(AmbiguousError):
            submit(service, kind)
        with pytest.raises(UnansweredError):
            submit(service, kind, idempotent=True)


def test_a_service_that_is_not_there_may_be_tried_again() -> None:
    """Nothing left, so nothing was charged."""
    with pytest.raises(TransientError) as caught:
        run(lambda each: each.submit(request(), "k"), connection("http://127.0.0.1:9"))
    assert not isinstance(caught.value, UnansweredError)
    assert caught.value.code == "node.provider_unavailable"


def test_an_address_that_may_not_be_reached_is_for_the_operator() -> None:
    """The policy on outgoing requests holds for services too."""
    with pytest.raises(OperatorError):
        run(lambda each: each.submit(request(), "k"), connection("http://127.0.0.1:9"), allow="")


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ({"status": "COMPLETED", "error": "x", "error_type": "runner_server_error"}, TransientError),
        (
            {"status": "COMPLETED", "error": "flagged", "error_type": "content_policy_violation"},
            PermanentError,
        ),
        ({"status": "FAILED"}, PermanentError),
    ],
)
def test_a_job_that_ended_badly_is_over(state: dict[str, Any], cause: type[NodeError]) -> None:
    """A job's end is told apart from a question that was not answered."""
    with Service(states=(state,)) as service:

        async def ask(each: Connected) -> Any:
            pending = await each.submit(request(), "k")
            assert isinstance(pending, Pending)
            return await each.poll(pending.job)

        with pytest.raises(JobEndedError) as caught:
            run(ask, connection(service.url, "fal_queue"))
    assert type(caught.value.cause) is cause


def test_a_question_that_is_not_answered_leaves_the_job_alone() -> None:
    """A status page that fails says nothing about the job."""
    with Service(states=({"http": 503, "status": "x"},)) as service:

        async def ask(each: Connected) -> Any:
            pending = await each.submit(request(), "k")
            assert isinstance(pending, Pending)
            return await each.poll(pending.job)

        with pytest.raises(TransientError):
            run(ask, connection(service.url, "fal_queue"))


def test_no_error_gives_the_credential_or_an_address_away() -> None:
    """A service that echoes the key or inside addresses is quoted without them."""
    told = {"error": {"message": f"bad key {SECRET} at http://10.0.0.8:9000/x (10.1.2.3)"}}
    text = refused(400, told).description
    assert SECRET not in text
    assert "10." not in text
    assert "bad key" in text
    assert SECRET not in repr(connection("http://127.0.0.1:9"))


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    """Nothing is sent for a model that the connection does not list."""
    with Service() as service, pytest.raises(PermanentError, match="acme/flux/dev"):
        run(lambda each: each.submit(request(model="other"), "k"), connection(service.url))
    assert not service.ledger


@pytest.mark.parametrize("kind", ["openai_images", "fal_queue"])
def test_a_connection_can_be_tried_without_paying(kind: str) -> None:
    """The test of a connection asks something that costs nothing."""
    with Service() as service:
        words = run(lambda each: each.probe(), connection(service.url, kind))
    assert "answers" in words
    assert not service.ledger
