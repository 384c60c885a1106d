"""Templates: workflows an organisation offers as a beginning."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented
from app.api.times import iso
from app.identity.roles import Identity
from app.store.templates import TemplateRow
from app.workflows.templates import LONGEST_PURPOSE, list_templates, mark, mark_of, unmark

router = APIRouter(prefix="/v1", tags=["Workflows"])
Writer = Annotated[Identity, Depends(Permit("workflows.write"))]
Json = dict[str, Any]


class Mark(Body):
    """What the card of a template says."""

    category: Literal["products", "campaigns", "stories"] = Field(
        "products", description="Where it stands in the gallery."
    )
    purpose: str = Field("", max_length=LONGEST_PURPOSE, description="What it is for, in a sentence.")


@router.get("/templates", summary="Workflows that are offered as templates")
async def templates(system: SystemDep, who: Annotated[Identity, Depends(Permit("workflows.read"))]) -> Json:
    found = await asyncio.to_thread(list_templates, system.db, who.org_id)
    return {"items": [_json(each) for each in found], "next_cursor": None}


@router.put("/workflows/{slug}/template", summary="Offer it as a template", openapi_extra=documented(Mark))
async def put_template(
    slug: str, system: SystemDep, call: CallDep, who: Writer, body: Annotated[Mark, Depends(JsonBody(Mark))]
) -> Json | None:
    await asyncio.to_thread(mark, system.db, who, slug, body.category, body.purpose, call.request_id)
    row = await asyncio.to_thread(mark_of, system.db, who.org_id, slug)
    return _json(row) if row else None


@router.delete("/workflows/{slug}/template", status_code=204, summary="Offer it as a template no longer")
async def delete_template(slug: str, system: SystemDep, call: CallDep, who: Writer) -> Response:
    await asyncio.to_thread(unmark, system.db, who, slug, call.request_id)
    return Response(status_code=204)


def _json(row: TemplateRow) -> Json:
    return {
        "workflow": row.slug,
        "name": row.name,
        "category": row.category,
        "purpose": row.purpose,
        "published": row.published,
        "created_by": row.created_by,
        "created_at": iso(row.created_at),
    }
