"""Workflows: list, make, draft, check, publish, compare, take back (contract §7)."""

import asyncio
from functools import partial
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import Field

from app.api.deps import MAX_VERSION, Body, CallDep, JsonBody, Permit, SystemDep, documented, raw_json
from app.api.documents import known_codes
from app.api.routes import workflow_views as views
from app.identity.roles import Identity, allowed
from app.workflows import contract, openapi
from app.workflows.configure import LONGEST, SHORTEST, set_deadline
from app.workflows.rules import tag_matches
from graphs.document import MAX_BYTES
from graphs.errors import MalformedDocumentError

router = APIRouter(prefix="/v1/workflows", tags=["Workflows"])
Reader = Annotated[Identity, Depends(Permit("workflows.read"))]
Writer = Annotated[Identity, Depends(Permit("workflows.write"))]
Publisher = Annotated[Identity, Depends(Permit("workflows.publish"))]
Version = Annotated[int | None, Query(ge=1, le=MAX_VERSION, description="Default: the published one.")]
Number = Annotated[int, Path(ge=1, le=MAX_VERSION)]
Json = dict[str, Any]
_REPAIRS = 200
# what stands beside the graph
_REST = 64 * 1024
_GRAPH = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}
_MAYBE_GRAPH = {"requestBody": {**_GRAPH["requestBody"], "required": False}}


class NewWorkflow(Body):
    slug: str = Field(max_length=80, description="Name in addresses: a-z, 0-9 and '-'.")
    name: str | None = Field(None, min_length=1, max_length=200, description="Name for people.")
    graph: dict[str, Any] | None = Field(None, description="The graph document; default: a Webhook Input.")
    project_id: str | None = Field(None, max_length=80, description="Project by id or slug.")


class Publication(Body):
    note: str = Field("", max_length=2_000, description="What changed, for the list of versions.")
    allow_breaking: bool = Field(False, description="Publish although callers' requests would be refused.")


class Change(Body):
    deadline_seconds: float | None = Field(
        None, description=f"Seconds a run may take, {SHORTEST:g} to {LONGEST:.0f}; null: no limit."
    )


class Restore(Body):
    version: int = Field(ge=1, le=MAX_VERSION, description="The version whose graph becomes the draft.")


class Rollback(Body):
    version: int | None = Field(
        None, ge=1, le=MAX_VERSION, description="Default: the one before the published one."
    )


@router.get("", summary="List workflows")
async def list_workflows(
    system: SystemDep, who: Reader, archived: Annotated[bool, Query(description="Archived ones too.")] = False
) -> Json:
    found = await asyncio.to_thread(system.workflows.list, who.org_id, archived=archived)
    return {"items": [views.workflow_json(each) for each in found], "next_cursor": None}


@router.post("", status_code=201, summary="Make a workflow", openapi_extra=documented(NewWorkflow))
async def create(
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[NewWorkflow, Depends(JsonBody(NewWorkflow, MAX_BYTES + _REST))],
    response: Response,
) -> Json:
    made = await asyncio.to_thread(
        system.workflows.create,
        who.org_id,
        body.slug,
        body.name,
        body.graph,
        body.project_id,
        actor=who.actor,
        request_id=call.request_id,
    )
    response.headers["location"] = f"/v1/workflows/{made.slug}"
    return views.workflow_json(made)


@router.get("/{slug}", summary="One workflow")
async def get_workflow(slug: str, system: SystemDep, who: Reader) -> Json:
    return views.workflow_json(await asyncio.to_thread(system.workflows.get, who.org_id, slug))


@router.patch("/{slug}", summary="Change a workflow's settings", openapi_extra=documented(Change))
async def change(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Change, Depends(JsonBody(Change))],
) -> Json:
    if "deadline_seconds" not in body.model_fields_set:
        return await get_workflow(slug, system, who)
    acting, seconds = who.acting(call.request_id), body.deadline_seconds
    row = await asyncio.to_thread(set_deadline, system.db, system.workflows, acting, slug, seconds)
    return views.workflow_json(row)


@router.delete("/{slug}", status_code=204, summary="Take a workflow out of use")
async def archive(
    slug: str, system: SystemDep, call: CallDep, who: Annotated[Identity, Depends(Permit("workflows.delete"))]
) -> Response:
    await asyncio.to_thread(
        system.workflows.archive, who.org_id, slug, actor=who.actor, request_id=call.request_id
    )
    return Response(status_code=204)


@router.post("/{slug}/bring-back", summary="Take an archived workflow into use again")
async def bring_back(
    slug: str, system: SystemDep, call: CallDep, who: Annotated[Identity, Depends(Permit("workflows.delete"))]
) -> Json:
    service = system.workflows
    await asyncio.to_thread(service.bring_back, who.org_id, slug, actor=who.actor, request_id=call.request_id)
    return views.workflow_json(await asyncio.to_thread(service.get, who.org_id, slug))


@router.get("/{slug}/draft", summary="The draft's graph document; If-None-Match asks for news only")
async def get_draft(
    slug: str,
    system: SystemDep,
    who: Reader,
    if_none_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    draft = await asyncio.to_thread(system.workflows.draft, who.org_id, slug)
    if if_none_match is not None and tag_matches(if_none_match, draft.etag):
        return Response(status_code=304, headers={"etag": draft.etag})
    return Response(draft.document, headers={"etag": draft.etag}, media_type="application/json")


@router.put(
    "/{slug}/draft", summary="Replace the draft; If-Match guards against lost updates", openapi_extra=_GRAPH
)
async def put_draft(  # noqa: PLR0917 - FastAPI names them
    slug: str,
    request: Request,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    raw = await raw_json(request, MAX_BYTES)
    draft = await asyncio.to_thread(
        system.workflows.save_draft,
        who.org_id,
        slug,
        raw,
        if_match,
        actor=who.actor,
        request_id=call.request_id,
    )
    return Response(draft.document, headers={"etag": draft.etag}, media_type="application/json")


@router.post(
    "/{slug}/validate",
    summary="Every problem of the draft, or of the document sent",
    openapi_extra=_MAYBE_GRAPH,
)
async def validate(slug: str, request: Request, system: SystemDep, who: Reader) -> Json:
    raw = await raw_json(request, MAX_BYTES)
    draft = await asyncio.to_thread(system.workflows.draft, who.org_id, slug)
    try:
        # else one could try names and hosts until they fit
        secrets = allowed(who, "secrets.read")
        judge = partial(system.workflows.validate, secrets=secrets)
        found = await asyncio.to_thread(judge, raw or draft.document, who.org_id, slug)
    except MalformedDocumentError as error:
        return {"valid": False, "problems": views.malformed_json(error)}
    mending = await asyncio.to_thread(system.workflows.repairs, raw or draft.document, found[:_REPAIRS])
    problems = [views.problem_json(*each) for each in zip_longest(found, mending)]
    return {"valid": all(each.severity != "error" for each in found), "problems": problems}


@router.post(
    "/{slug}/publish",
    status_code=201,
    summary="Make the draft the version that runs",
    openapi_extra=documented(Publication, required=False),
)
async def publish(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Publisher,
    body: Annotated[Publication, Depends(JsonBody(Publication))],
) -> Json:
    info = await asyncio.to_thread(
        system.workflows.publish,
        who.org_id,
        slug,
        body.note,
        body.allow_breaking,
        actor=who.actor,
        request_id=call.request_id,
    )
    return views.version_json(info, slug)


@router.post(
    "/{slug}/rollback",
    summary="Let an earlier version run again",
    openapi_extra=documented(Rollback, required=False),
)
async def rollback(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Publisher,
    body: Annotated[Rollback, Depends(JsonBody(Rollback))],
) -> Json:
    info = await asyncio.to_thread(
        system.workflows.rollback, who.org_id, slug, body.version, actor=who.actor, request_id=call.request_id
    )
    return views.version_json(info, slug)


@router.post(
    "/{slug}/draft/restore", summary="Make the draft what a version was", openapi_extra=documented(Restore)
)
async def restore(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Restore, Depends(JsonBody(Restore))],
) -> Response:
    acting = who.acting(call.request_id)
    draft = await asyncio.to_thread(system.workflows.drafts.restore, acting, slug, body.version)
    return Response(draft.document, headers={"etag": draft.etag}, media_type="application/json")


@router.get("/{slug}/versions", summary="Published versions, newest first")
async def versions(slug: str, system: SystemDep, who: Reader) -> Json:
    workflow = await asyncio.to_thread(system.workflows.get, who.org_id, slug)
    found = await asyncio.to_thread(system.workflows.versions, who.org_id, slug)
    items = [
        views.version_json(each, slug) | {"published": each.number == workflow.published} for each in found
    ]
    return {"items": items, "next_cursor": None}


@router.get("/{slug}/versions/{number}", summary="One version with its graph")
async def version(slug: str, number: Number, system: SystemDep, who: Reader) -> Json:
    return views.full_version_json(
        await asyncio.to_thread(system.workflows.version, who.org_id, slug, number), slug
    )


@router.get("/{slug}/diff", summary="What changed between two versions; `to` left out means the draft")
async def diff(
    slug: str,
    system: SystemDep,
    who: Reader,
    old: Annotated[int, Query(alias="from", ge=1, le=MAX_VERSION)],
    new: Annotated[int | None, Query(alias="to", ge=1, le=MAX_VERSION)] = None,
) -> Json:
    compared = await asyncio.to_thread(system.workflows.diff, who.org_id, slug, old, new)
    return {"from": old, "to": new, **views.diff_json(compared)}


@router.get("/{slug}/openapi.json", summary="OpenAPI 3.1 of this workflow")
async def workflow_openapi(slug: str, system: SystemDep, who: Reader, version: Version = None) -> Json:
    published = await asyncio.to_thread(system.workflows.published, who.org_id, slug, version)
    return openapi.describe(published, system.public_url, known_codes())


@router.get("/{slug}/contract", summary="Fields, examples and snippets for integrators")
async def workflow_contract(slug: str, system: SystemDep, who: Reader, version: Version = None) -> Json:
    published = await asyncio.to_thread(system.workflows.published, who.org_id, slug, version)
    return contract.describe(published, system.public_url)
