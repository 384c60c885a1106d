"""Answers that were paid for and are of no use: charged, told once, not asked for again (S61)."""

from collections.abc import Callable

import pytest

from app.engine.paid import PaidCalls
from app.providers import wire
from app.providers.contract import Done
from graphs.errors import PermanentError, TransientError
from graphs.node import Generated, GenerationRequest, Wait
from tests.support.paying import REQUEST, claimed_runs, connection, keep, sums, ticket, with_calls
from tests.support.rig import Rig
from tests.support.service import PRICE, Service

Build = Callable[..., Rig]


def test_what_was_paid_and_cannot_be_kept_is_charged(rig: Build) -> None:
    """An answer whose picture is unusable is paid for, and not asked for again."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)

    async def unusable(_: GenerationRequest, __: Done) -> Generated:
        raise TransientError("node.provider_bad_output", "no picture")

    async def twice(paid: PaidCalls) -> None:
        # another try would only be told of this picture again: nobody is made to wait for that
        with pytest.raises(PermanentError, match="was paid and gave no usable picture: no picture") as told:
            await paid.generate(ticket(claimed), REQUEST, unusable)
        assert told.value.credits == PRICE / 1_000_000
        with pytest.raises(PermanentError, match="was paid") as told:
            await paid.generate(ticket(claimed, attempt=2), REQUEST, keep)
        assert told.value.credits == PRICE / 1_000_000

    with Service() as service:
        with_calls(here.db, connection(service.url), twice)
    assert sums(here) == {"done": (1, PRICE, PRICE)}
    assert len(service.ledger) == 1


def test_paid_pictures_that_are_not_where_they_should_be_are_charged(rig: Build) -> None:
    """The answer with their addresses was paid for, whatever becomes of fetching them."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)

    async def fetch(paid: PaidCalls) -> None:
        waits = await paid.generate(ticket(claimed), REQUEST, keep)
        assert isinstance(waits, Wait)
        with pytest.raises(PermanentError, match="answered 404") as told:
            await paid.generate(ticket(claimed, state=waits.state), REQUEST, keep)
        assert told.value.credits == PRICE / 1_000_000

    with Service() as service:
        gone = {"data": [{"url": f"{service.url}/nowhere"}]}
        service.fates = ((200, {}, gone),)
        with_calls(here.db, connection(service.url), fetch)
    assert sums(here) == {"done": (1, PRICE, PRICE)}
    assert len(service.ledger) == 1


def test_a_paid_picture_that_is_too_large_is_charged(rig: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is ours; the service made what it was asked for."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)
    monkeypatch.setattr(wire, "PICTURE_BYTES", 16)

    async def once(paid: PaidCalls) -> None:
        with pytest.raises(PermanentError, match="made a picture of more than"):
            await paid.generate(ticket(claimed), REQUEST, keep)

    with Service() as service:
        with_calls(here.db, connection(service.url), once)
    assert sums(here) == {"done": (1, PRICE, PRICE)}
