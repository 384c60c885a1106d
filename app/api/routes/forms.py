"""The form of a workflow: a page that starts it from a browser (contract §3, S1)."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented
from app.api.times import iso
from app.identity.roles import Identity
from app.store.forms import FormRow
from app.wiring import System
from app.workflows.forms import FormWanted

router = APIRouter(prefix="/v1/workflows", tags=["Forms"])
Json = dict[str, Any]


class Form(Body):
    """A workflow's form; a PUT replaces all of it, its address apart."""

    enabled: bool = Field(True, description="Whether its address leads to it.")
    open: bool = Field(False, description="Whether people may use it who are not signed in.")
    title: str = Field("", max_length=200, description="Heading; default: the workflow's name.")
    intro: str = Field("", max_length=2_000, description="Text above the fields.")
    caller: str | None = Field(
        None, max_length=80, description="In whose name it runs; default: the one it had, or the key's."
    )
    new_token: bool = Field(False, description="Make a new address; the one so far leads nowhere.")


@router.get("/{slug}/form", summary="The form of a workflow")
async def get_form(
    slug: str, system: SystemDep, who: Annotated[Identity, Depends(Permit("forms.read"))]
) -> Json:
    return form_json(system, slug, await asyncio.to_thread(system.forms.get, who.org_id, slug))


@router.put("/{slug}/form", summary="Set a workflow's form up", openapi_extra=documented(Form))
async def put_form(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("forms.write"))],
    body: Annotated[Form, Depends(JsonBody(Form))],
) -> Json:
    wanted = FormWanted(**body.model_dump())
    return form_json(
        system, slug, await asyncio.to_thread(system.forms.put, who, slug, wanted, call.request_id)
    )


def form_json(system: System, slug: str, row: FormRow | None) -> Json:
    """A form; before it is set up, what it would be and no address."""
    return {
        "workflow": slug,
        "enabled": bool(row and row.enabled),
        "open": bool(row and row.open),
        "title": row.title if row else "",
        "intro": row.intro if row else "",
        "caller": row.caller if row else None,
        "url": f"{system.public_url}/f/{row.token}" if row else None,
        "created_by": row.created_by if row else None,
        "updated_at": iso(row.updated_at) if row else None,
    }
