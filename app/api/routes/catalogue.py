"""What graphs are made of: node types and presets (contract §7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from app.api.deps import Permit, SystemDep
from app.api.problems import not_found
from app.assets.imaging.presets import load_platforms
from app.identity.roles import Identity
from graphs.check import accepts
from nodes.presets import styles

router = APIRouter(prefix="/v1", tags=["Catalogue"])
Reader = Annotated[Identity, Depends(Permit("presets.read"))]
Json = dict[str, Any]


@router.get("/node-types", summary="Every node type with sockets, settings schema and help")
async def node_types(system: SystemDep, _: Reader) -> Json:
    items = system.catalogue.describe()
    sockets = {socket["type"] for each in items for side in ("inputs", "outputs") for socket in each[side]}
    return {"items": items, "next_cursor": None, "accepts": accepts(sockets)}


@router.get("/node-types/{kind}", summary="One node type")
async def node_type(kind: str, system: SystemDep, _: Reader) -> Json:
    for each in system.catalogue.describe():
        if each["type"] == kind:
            return each
    raise not_found("node type")


@router.get("/presets/styles", summary="Style presets a trigger can name in target_style")
async def style_presets(_: Reader) -> Json:
    items = [{"key": key, **preset.model_dump(mode="json")} for key, preset in styles().items()]
    return {"items": items, "next_cursor": None}


@router.get("/presets/platforms", summary="Platform presets a trigger can name in target_platform")
async def platform_presets(_: Reader) -> Json:
    items = [preset.model_dump(mode="json") for preset in load_platforms().values()]
    return {"items": items, "next_cursor": None}
