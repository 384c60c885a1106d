"""Pictures as integrators read them."""

from typing import Any

from app.api.times import iso
from app.store.pictures import PictureRow
from app.wiring import System
from app.workflows.pictures import Lineage, Use

Json = dict[str, Any]


def asset_json(system: System, row: PictureRow) -> Json:
    """A picture with a signed address of its file, and one of a thumbnail."""
    return {
        "asset_id": row.id,
        "asset_type": "image",
        "name": row.name,
        "source": row.source,
        "format": row.format,
        "width": row.width,
        "height": row.height,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "uploaded_by": row.uploaded_by,
        "uploaded_at": iso(row.uploaded_at),
        "created_at": iso(row.created_at),
        "asset_url": system.library.url(row.sha256, row.format),
        "thumb_url": system.public_url.rstrip("/") + system.library.thumb_path(row.sha256),
        "links": {"self": f"/v1/assets/{row.id}", "content": f"/v1/assets/{row.id}/content"},
    }


def lineage_json(system: System, found: Lineage) -> Json:
    """A picture with the steps that gave it out, the first one made it, and the workflows that name it."""
    steps = [
        {
            "job_id": each.run_id,
            "node_id": each.node_id,
            "workflow": each.workflow,
            "version": each.version,
            "platform_code": each.platform_code,
            "created_at": iso(each.created_at),
            "links": {"run": f"/v1/runs/{each.run_id}"},
        }
        for each in found.appearances
    ]
    made_by = steps[0] if steps and found.picture.source == "run" else None
    lineage = {"made_by": made_by, "runs": steps, "workflows": [naming_json(each) for each in found.uses]}
    return asset_json(system, found.picture) | {"lineage": lineage}


def naming_json(use: Use) -> Json:
    """Where a workflow names a picture; version null is its draft."""
    return {
        "workflow": use.slug,
        "name": use.name,
        "version": use.version,
        "published": use.current,
        "nodes": list(use.nodes),
    }
