"""Single rows of a file: approve, reject, make again."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented
from app.api.routes.batches import line_json
from app.identity.roles import Identity
from app.workflows.verdicts import MAX_NOTE, Verdicts

router = APIRouter(tags=["Rows"])
Json = dict[str, Any]
Row = Annotated[int, Path(ge=1, le=1_000_000)]


class Verdict(Body):
    """What somebody decided about the result of a row."""

    verdict: Literal["approved", "rejected"] | None = Field(None, description="null takes it back.")
    note: str = Field("", max_length=MAX_NOTE, description="Why.")


class Anew(Body):
    """How a row is to be made again."""

    fields: dict[str, Any] = Field(default_factory=dict, description="Fields that replace those of the row.")


@router.put(
    "/v1/batches/{batch_id}/rows/{row}/verdict",
    summary="Approve or reject the result of a row",
    openapi_extra=documented(Verdict),
)
async def judge(  # noqa: PLR0917 - FastAPI names them
    batch_id: str,
    row: Row,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("rows.judge"))],
    body: Annotated[Verdict, Depends(JsonBody(Verdict))],
) -> Json:
    work = Verdicts(system.db).judge
    found = await asyncio.to_thread(work, who, batch_id, row, body.verdict, body.note, call.request_id)
    return line_json(found)


@router.post(
    "/v1/batches/{batch_id}/rows/{row}/again",
    status_code=202,
    summary="Make a row again, with other fields if given",
    openapi_extra=documented(Anew, required=False),
)
async def again(  # noqa: PLR0917 - FastAPI names them
    batch_id: str,
    row: Row,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("runs.rerun"))],
    body: Annotated[Anew, Depends(JsonBody(Anew))],
) -> Json:
    work = Verdicts(system.db).again
    return line_json(await asyncio.to_thread(work, who, batch_id, row, body.fields, call.request_id))
