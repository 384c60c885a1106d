"""ComfyUI over real sockets: submitted once, asked for, fetched, cancelled; every bad end told apart."""

import asyncio
import copy
from collections.abc import Iterator
from typing import Any

import pytest

from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.providers.connection import Connection, ConnectionSettings
from app.providers.contract import Done, Model, Pending
from app.providers.errors import JobEndedError, UnansweredError
from app.providers.kinds import connect
from graphs.errors import PermanentError, TransientError
from graphs.node import GenerationRequest
from tests.support.comfy import WORKFLOW, Comfy, comfy_server


async def _load(sha256: str, form: str) -> bytes:
    return f"{sha256}.{form}".encode()


@pytest.fixture
def server() -> Iterator[tuple[Comfy, str]]:
    with comfy_server() as found:
        yield found


def request(pictures: Any = (), **changed: Any) -> GenerationRequest:
    graph = copy.deepcopy(WORKFLOW) | changed
    options = {"workflow": graph, "pictures": list(pictures)}
    return GenerationRequest("box", "workflow", "", "", "", 0, 0, 1, 77, options)


def run(url: str, work: Any) -> Any:
    settings = ConnectionSettings(timeout_seconds=2, poll_seconds=0.05)
    models = (Model("workflow", "", 0.5),)
    wanted = Connection("prv_1", "org_1", "box", "comfyui", url, models, settings, True, 0, 0, "")

    async def go() -> Any:
        async with Egress(EgressPolicy.of(("127.0.0.0/8",))) as egress:
            return await work(connect(wanted, egress, _load))

    return asyncio.run(go())


def test_a_job_is_submitted_polled_and_fetched(server) -> None:
    """Its place is told while it waits; saved pictures come, previews do not; the probe names the version."""
    comfy, url = server

    async def work(box: Any) -> None:
        first = await box.submit(request(), "run_1:a:1")
        assert isinstance(first, Pending)
        assert (await box.poll(first.job)).note == "place 1 in the queue"
        comfy.take()
        assert (await box.poll(first.job)).note == "in work"
        comfy.work()
        done = await box.poll(first.job)
        assert isinstance(done, Done)
        assert (done.model_id, done.credit_cost, len(done.pictures)) == ("workflow", 0.5, 1)
        assert (done.pictures[0].seed, done.pictures[0].texts) == (77, False)
        assert done.pictures[0].data.startswith(b"\x89PNG")
        assert await box.probe() == "ComfyUI 0.3.64 answers."

    run(url, work)


def test_a_submission_whose_answer_was_lost_is_never_made_twice(server) -> None:
    """The same key finds the waiting, running or finished job again; another key makes another one."""
    comfy, url = server
    comfy.drop_answers = True

    async def work(box: Any) -> None:
        with pytest.raises(UnansweredError):
            await box.submit(request(), "key")
        comfy.drop_answers = False
        again = await box.submit(request(), "key")
        assert len(comfy.pending) == 1
        comfy.take()
        await box.submit(request(), "key")
        comfy.work()
        await box.submit(request(), "key")
        assert (comfy.pending, comfy.running) == ([], None)
        assert isinstance(await box.poll(again.job), Done)
        await box.submit(request(), "other key")
        assert len(comfy.pending) == 1

    run(url, work)


def test_pictures_are_uploaded_before_the_workflow(server) -> None:
    """A LoadImage gets the name that the server gave the file."""
    comfy, url = server
    picture = {"node": "10", "input": "image", "sha256": "ab" * 32, "format": "png"}

    async def work(box: Any) -> None:
        await box.submit(request([picture]), "key")

    run(url, work)
    name = f"sakuga-{'ab' * 16}.png"
    assert comfy.uploads == {name: f"{'ab' * 32}.png".encode()}
    assert comfy.pending[0][1]["10"]["inputs"]["image"] == name


def test_a_refused_workflow_names_its_nodes(server) -> None:
    """Validation is permanent and says which node, with what it says itself."""
    _, url = server
    odd = {"class_type": "NoSuchNode", "inputs": {}}
    with pytest.raises(PermanentError) as refused:
        run(url, lambda box: box.submit(request(**{"12": odd}), "key"))
    assert "NoSuchNode (12): Node not found: NoSuchNode" in refused.value.description
    with pytest.raises(PermanentError, match="ComfyUI workflow node"):
        run(url, lambda box: box.submit(GenerationRequest("box", "workflow", "p", "", "", 1, 1, 1, 1), "k"))


@pytest.mark.parametrize(
    ("fails", "kind"),
    [
        (("RuntimeError", "shape mismatch"), PermanentError),
        (("torch.OutOfMemoryError", "Allocation on device"), TransientError),
    ],
)
def test_a_job_that_failed_says_where_and_whether_again(server, fails, kind) -> None:
    """A fault of the workflow is permanent, memory that ran out passes."""
    comfy, url = server
    comfy.fails = fails

    async def work(box: Any) -> None:
        first = await box.submit(request(), "key")
        comfy.work()
        with pytest.raises(JobEndedError) as ended:
            await box.poll(first.job)
        assert type(ended.value.cause) is kind
        assert f"KSampler (3): {fails[1]}" in ended.value.cause.description

    run(url, work)


def test_cancelling_stops_this_job_only(server) -> None:
    """A waiting one leaves the queue, a running one is interrupted by its id, a finished one is left."""
    comfy, url = server

    async def work(box: Any) -> None:
        first, second = await box.submit(request(), "one"), await box.submit(request(), "two")
        comfy.take()
        assert await box.cancel(second.job)
        assert (comfy.pending, comfy.running is not None) == ([], True)
        assert await box.cancel(first.job)
        assert comfy.running is None
        with pytest.raises(JobEndedError, match="interrupted"):
            await box.poll(first.job)
        assert not await box.cancel(first.job)
        answer = second
        for _ in range(2):
            answer = await box.poll(answer.job)
        # deleted in the queue: no event, no history, so it is given up after a few looks
        with pytest.raises(JobEndedError, match="does not know the job"):
            await box.poll(answer.job)

    run(url, work)
