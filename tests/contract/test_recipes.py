"""The recipe in delivered pictures, from outside: what is in the files that a caller downloads."""

import json

from app.assets.imaging.embed import find, unpack
from tests.support.site import plain_graph


def _painted(recipe: str | None = None) -> dict:
    graph = plain_graph()
    paint = next(node for node in graph["nodes"] if node["type"] == "generator")
    paint["settings"] |= {"model": "procedural/atelier-1", "width": 320, "height": 320, "seed": 7}
    export = {
        "id": "fit",
        "type": "multi_format_export",
        "settings": {"platforms": ["web"]},
        "position": [0, 0],
    }
    graph["nodes"].append(export)
    for link in graph["links"]:
        if link["to"] == ["out", "images"]:
            link["to"] = ["fit", "images"]
    graph["links"].append({"from": ["fit", "images"], "to": ["out", "images"]})
    return graph | ({"recipe": recipe} if recipe else {})


def test_a_delivered_picture_carries_the_graph_as_its_version_allows(site):
    """The default tells the graph without trigger values, `values` tells them, `off` nothing."""
    told = {}
    for level in ("on", "values", "off"):
        site.workflow(f"recipe-{level}", _painted(None if level == "on" else level))
        run = site.ended(
            site.job(
                f"recipe-{level}", subject="Secret mug", callback_url=site.mailbox.url(site.mailbox.path())
            )
        )
        body = site.http.get(f"/v1/runs/{run['job_id']}/callback").json()
        output = body["outputs"][0]
        data = site.http.get(output["asset_url"]).content
        assert (output["format"], len(data)) == ("webp", output["bytes"])
        packed = find(data)
        told[level] = json.loads(unpack(packed)) if packed else None
        if told[level]:
            assert told[level]["run"] == run["job_id"]
    assert told["off"] is None
    assert told["on"]["prompt"] == "{{subject}}"
    assert "Secret mug" not in json.dumps(told["on"])
    assert (told["values"]["prompt"], told["values"]["inputs"]) == ("Secret mug", {"subject": "Secret mug"})
    assert site.mailbox.address not in json.dumps(told)
    for level in ("on", "values"):
        assert (told[level]["seed"], told[level]["model"]) == (7, "procedural/atelier-1")
        assert told[level]["graph"]["nodes"][1]["settings"]["template"] == "{{subject}}"
