"""Earlier results that a workflow's nodes may reuse: how many there are, and forgetting them."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from app.api.deps import CallDep, Permit, SystemDep
from app.identity.roles import Identity
from app.workflows.forgetting import forget_results, kept_results

router = APIRouter(prefix="/v1/workflows", tags=["Workflows"])
Json = dict[str, Any]


@router.get("/{slug}/cache", summary="How many earlier results may be reused now")
async def get_cache(
    slug: str, system: SystemDep, who: Annotated[Identity, Depends(Permit("workflows.read"))]
) -> Json:
    return {"workflow": slug, "results": await asyncio.to_thread(kept_results, system.db, who.org_id, slug)}


@router.delete("/{slug}/cache", summary="Forget all earlier results: the next runs make everything anew")
async def forget_cache(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("workflows.write"))],
) -> Json:
    acting = who.acting(call.request_id)
    return {"workflow": slug, "forgotten": await asyncio.to_thread(forget_results, system.db, acting, slug)}
