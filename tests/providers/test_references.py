"""Reference pictures on their way to services: as each protocol takes them, and never passed over."""

import asyncio
import base64
from dataclasses import replace
from typing import Any

import pytest

from app.cpu import CpuPool
from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.providers.contract import Model
from app.providers.kinds import connect
from app.providers.rehearsal import Rehearsal
from graphs.errors import PermanentError
from graphs.node import GenerationRequest
from graphs.sockets import Image
from tests.providers.test_services import connection, request
from tests.support.service import Service, picture

GIVEN = picture("gold", (320, 200))
REFERENCE = Image(asset_id="ast_1", sha256="a" * 64, format="png", width=320, height=200, bytes=len(GIVEN))


async def load(sha256: str, form: str) -> bytes:
    assert (sha256, form) == (REFERENCE.sha256, "png")
    return GIVEN


def ask(kind: str, *, able: bool = True, **settings: Any) -> Any:
    """What a service was sent for a request with a reference."""
    with Service() as service:
        wanted = connection(service.url, kind, **settings)
        wanted = replace(wanted, models=(replace(wanted.models[0], reference=able),))

        async def go() -> None:
            async with Egress(EgressPolicy.of(("127.0.0.0/8",))) as egress:
                await connect(wanted, egress, load).submit(request(reference=REFERENCE), "key")

        asyncio.run(go())
        (paid,) = service.ledger
        return paid


def test_an_images_service_gets_a_form_at_its_edits() -> None:
    """The picture travels as a file beside the same fields, with key and credential."""
    paid = ask("openai_images", idempotent=True, parameters={"input_fidelity": "high", 'x"\r\ny': 1})
    assert paid.path == "/v1/images/edits"
    assert paid.body["image"] == GIVEN
    assert (paid.body["prompt"], paid.body["n"], paid.body["input_fidelity"]) == (
        "an oak chair\nStyle: studio.\nAvoid: blur.",
        "1",
        "high",
    )
    assert paid.key == "key"


def test_a_queue_gets_the_picture_as_an_address_that_holds_it() -> None:
    """A single address by default; a list where the member is a plural."""
    address = f"data:image/png;base64,{base64.b64encode(GIVEN).decode()}"
    assert ask("fal_queue").body["image_url"] == address
    assert ask("fal_queue", reference_member="image_urls").body["image_urls"] == [address]


@pytest.mark.parametrize("kind", ["openai_images", "fal_queue"])
def test_a_model_that_takes_none_is_not_paid(kind: str) -> None:
    """The request is refused before it leaves, naming the input."""
    with pytest.raises(PermanentError, match="takes no reference picture") as refused:
        ask(kind, able=False)
    assert refused.value.field == "reference"


def test_a_picture_too_large_to_travel_is_refused() -> None:
    """What would not fit a request is told as the node's error, not as the service's."""
    huge = REFERENCE.model_copy(update={"bytes": 17 * 1024 * 1024})
    with Service() as service:
        wanted = connection(service.url)
        wanted = replace(wanted, models=(Model("acme/flux/dev", "Flux", 0.25, reference=True),))

        async def go() -> None:
            async with Egress(EgressPolicy.of(("127.0.0.0/8",))) as egress:
                await connect(wanted, egress, load).submit(request(reference=huge), "key")

        with pytest.raises(PermanentError) as refused:
            asyncio.run(go())
    assert (refused.value.code, service.ledger) == ("node.asset_too_large", [])


def painted(reference: Image | None, model: str = "procedural/atelier-1") -> bytes:
    pool = CpuPool(1)
    asked = GenerationRequest("rehearsal", model, "a mug", "", "papercut", 128, 128, 1, 3)

    async def go() -> bytes:
        service = Rehearsal(pool, load)
        answer: Any = await service.submit(replace(asked, reference=reference), "k")
        if not hasattr(answer, "pictures"):
            answer = await service.poll({**answer.job, "ready_at": 0})
        return bytes(answer.pictures[0].data)

    try:
        return asyncio.run(go())
    finally:
        pool.close()


def test_the_built_in_models_go_by_the_picture() -> None:
    """The same reference gives the same picture, another one than without it; from the queue too."""
    with_it = painted(REFERENCE)
    assert with_it == painted(REFERENCE, "procedural/queued-1")
    assert with_it != painted(None)
    with pytest.raises(PermanentError, match="takes no reference picture"):
        painted(REFERENCE, "procedural/instant-1")
