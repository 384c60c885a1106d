"""Trying a draft out: its runs, pinned results and sample payloads (S22, S120)."""

import asyncio
import json
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented, reading
from app.api.problems import not_found
from app.api.times import iso
from app.identity.roles import Identity
from app.store import drafts, runs
from app.store.drafts import PinRow, SampleRow
from app.store.runs import RunFilter
from app.wiring import System
from app.workflows.outside import changed_outside
from app.workflows.pins import Pins
from app.workflows.samples import Samples
from app.workflows.trying import Tries, Try, compare, look_back
from graphs.document import parse

router = APIRouter(prefix="/v1/workflows", tags=["Drafts"])
Json = dict[str, Any]
Reader = Annotated[Identity, Depends(Permit("workflows.read"))]
Writer = Annotated[Identity, Depends(Permit("workflows.write"))]
NodeId = Annotated[str, Path(max_length=64)]
Name = Annotated[str, Path(max_length=80)]


class DraftRun(Body):
    """How to run the draft as it is now."""

    inputs: dict[str, Any] = Field(default_factory=dict, description="Business fields.")
    targets: list[str] = Field([], max_length=100, description="Run only what these nodes need.")
    base: str | None = Field(
        None, max_length=40, description="Take over what still holds of this run of the same workflow."
    )
    from_node: str | None = Field(
        None, max_length=64, description="With a base: do this node and what follows it again."
    )


class Pin(Body):
    """A result that runs of the draft take instead of doing the node."""

    outputs: dict[str, Any] | None = Field(None, description="Values by output; default: those of the run.")
    run_id: str | None = Field(None, max_length=40, description="The run whose result is pinned.")


class Sample(Body):
    """A named payload."""

    payload: dict[str, Any] = Field(default_factory=dict, description="Business fields.")


@router.post(
    "/{slug}/draft/runs",
    status_code=202,
    summary="Run the draft as it is now; nothing is published and pinned results are used",
    openapi_extra=documented(DraftRun, required=False),
)
async def run_draft(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("drafts.run"))],
    body: Annotated[DraftRun, Depends(JsonBody(DraftRun))],
) -> Response:
    how = Try(body.inputs, tuple(body.targets), body.base, body.from_node)
    tries = Tries(system.db, system.engine, system.workflows, system.catalogue)
    started = await tries.start(who, slug, how, request_id=call.request_id)
    headers = {"location": f"/v1/runs/{started.run_id}"}
    return Response(started.body, 202, headers, "application/json")


@router.get("/{slug}/draft/stale", summary="What of a run would be made anew by the draft, and why")
async def get_stale(
    slug: str,
    system: SystemDep,
    who: Reader,
    run: Annotated[str | None, Query(max_length=40, description="Default: the newest run of it.")] = None,
) -> Json:
    row = await asyncio.to_thread(system.workflows.get, who.org_id, slug)
    if run is None:
        run = next(iter(await reading(system, runs.ids, who.scope, RunFilter(workflow=slug), 1)), "")
    earlier = await reading(system, look_back, who.scope, run)
    if earlier is None or earlier.run.workflow_id != row.id:
        raise not_found("run")
    draft = await asyncio.to_thread(system.workflows.draft, who.org_id, slug)
    pins = {each.node_id: each for each in await reading(system, drafts.pins, row.id)}
    outside = await reading(system, changed_outside, earlier, system.catalogue)
    found = await asyncio.to_thread(
        partial(compare, earlier, parse(draft.document), system.catalogue, pins, outside=outside)
    )
    items = [
        {"node_id": name, "reason": each.code, "names": list(each.names)} for name, each in found.items()
    ]
    return {"run": run, "items": items}


@router.get("/{slug}/draft/pins", summary="Pinned results of the draft")
async def get_pins(slug: str, system: SystemDep, who: Reader) -> Json:
    found = await asyncio.to_thread(_pins(system).list, who.org_id, slug)
    return {"items": [pin_json(each) for each in found]}


@router.put(
    "/{slug}/draft/pins/{node_id}",
    summary="Pin a node's result: that of a run, or values of one's own",
    openapi_extra=documented(Pin),
)
async def put_pin(  # noqa: PLR0917 - FastAPI names them
    slug: str,
    node_id: NodeId,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Pin, Depends(JsonBody(Pin))],
) -> Json:
    work = _pins(system).put
    row = await asyncio.to_thread(work, who, slug, node_id, body.outputs, body.run_id, call.request_id)
    return pin_json(row)


@router.delete("/{slug}/draft/pins/{node_id}", status_code=204, summary="Take a pin away")
async def delete_pin(slug: str, node_id: NodeId, system: SystemDep, call: CallDep, who: Writer) -> Response:
    if not await asyncio.to_thread(_pins(system).remove, who, slug, (node_id,), call.request_id):
        raise not_found("pin")
    return Response(status_code=204)


@router.delete("/{slug}/draft/pins", summary="Take all pins away")
async def delete_pins(slug: str, system: SystemDep, call: CallDep, who: Writer) -> Json:
    return {"removed": await asyncio.to_thread(_pins(system).remove, who, slug, (), call.request_id)}


@router.get("/{slug}/samples", summary="Named sample payloads")
async def get_samples(slug: str, system: SystemDep, who: Reader) -> Json:
    found = await asyncio.to_thread(_samples(system).list, who.org_id, slug)
    return {"items": [sample_json(each) for each in found]}


@router.put("/{slug}/samples/{name}", summary="Save a sample payload", openapi_extra=documented(Sample))
async def put_sample(  # noqa: PLR0917 - FastAPI names them
    slug: str,
    name: Name,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Sample, Depends(JsonBody(Sample))],
) -> Json:
    work = _samples(system).put
    return sample_json(await asyncio.to_thread(work, who, slug, name, body.payload, call.request_id))


@router.delete("/{slug}/samples/{name}", status_code=204, summary="Forget a sample payload")
async def delete_sample(slug: str, name: Name, system: SystemDep, call: CallDep, who: Writer) -> Response:
    if not await asyncio.to_thread(_samples(system).remove, who, slug, name, call.request_id):
        raise not_found("sample")
    return Response(status_code=204)


def pin_json(row: PinRow) -> Json:
    return {
        "node_id": row.node_id,
        "outputs": json.loads(row.outputs),
        "run_id": row.run_id,
        "edited": row.edited,
        "pinned_by": row.pinned_by,
        "pinned_at": iso(row.pinned_at),
    }


def sample_json(row: SampleRow) -> Json:
    return {
        "name": row.name,
        "payload": json.loads(row.payload),
        "saved_by": row.saved_by,
        "saved_at": iso(row.saved_at),
    }


def _pins(system: System) -> Pins:
    return Pins(system.db, system.workflows, system.catalogue)


def _samples(system: System) -> Samples:
    return Samples(system.db, system.workflows)
