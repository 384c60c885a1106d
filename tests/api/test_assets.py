"""Pictures over the API: brought, listed, traced, kept apart and let go."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from tests.support.service import picture

REFUSED = {"unknown": b"GIF89a....", "damaged": b"\x89PNG\r\n\x1a\nnonsense", "empty": b""}


def send(world: Any, data: bytes, name: str = "", **rest: Any) -> Any:
    headers = {"content-type": "image/png", **rest.pop("headers", {})}
    return world.ask(
        "POST", "/v1/assets", content=data, params={"name": name} if name else {}, headers=headers, **rest
    )


def brought(world: Any, colour: str, name: str = "", **rest: Any) -> dict[str, Any]:
    answer = send(world, picture(colour), name, **rest)
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()
    return found


def graph_with(asset_id: str) -> dict[str, Any]:
    """A workflow whose generator goes by a picture."""
    types = {"in": "webhook_input", "words": "prompt_builder", "pic": "picture", "gen": "generator"}
    settings = {"words": {"template": "a mug"}, "pic": {"asset": asset_id}}
    ends = [("words.prompt", "gen.prompt"), ("pic.image", "gen.reference")]
    return {
        "format": "sakuga.graph/1",
        "nodes": [
            {"id": each, "type": kind, "settings": settings.get(each, {}), "position": [0, 0]}
            for each, kind in types.items()
        ],
        "links": [{"from": one.split("."), "to": other.split(".")} for one, other in ends],
    }


def test_a_picture_is_kept_once_under_its_newest_name(world: Any) -> None:
    """Bytes or form, the same picture has one id; the second upload answers 200 and renames it."""
    first = send(world, picture("orchid"), "C:\\photos\\orchid\u202e.png")
    assert (first.status_code, first.headers["location"]) == (201, f"/v1/assets/{first.json()['asset_id']}")
    form = {"file": ("second.png", picture("orchid"), "image/png")}
    again = world.ask("POST", "/v1/assets", files=form)
    assert again.status_code == 200
    assert again.json()["asset_id"] == first.json()["asset_id"]
    assert (first.json()["name"], again.json()["name"]) == ("orchid .png", "second.png")
    found = world.ask("GET", first.headers["location"]).json()
    assert (found["source"], found["width"], found["lineage"]["made_by"]) == ("upload", 64, None)
    assert found["uploaded_by"].startswith("owner")


def test_the_file_comes_back_without_its_story(world: Any) -> None:
    """The download is the picture alone, under its name; the signed address opens without a key."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "SECRETCAM"
    Image.new("RGB", (30, 20), "navy").save(out, "JPEG", exif=exif)
    made = send(world, out.getvalue(), "Straße 1.jpg", headers={"content-type": "image/jpeg"}).json()
    content = world.ask("GET", f"/v1/assets/{made['asset_id']}/content")
    assert content.headers["content-type"] == "image/jpeg"
    assert content.headers["content-disposition"] == "attachment; filename*=UTF-8''Stra%C3%9Fe%201.jpg"
    assert b"SECRETCAM" not in content.content
    path = made["asset_url"].removeprefix("http://127.0.0.1:8099")
    assert world.ask("GET", path, None).content == content.content


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_picture_is_refused_by_name(world: Any, what: str) -> None:
    """The content decides, not what the request says; the field and the reason are told."""
    answer = send(world, REFUSED[what])
    assert (answer.status_code, answer.json()["error_code"]) == (422, "asset.refused")
    assert answer.json()["invalid_field"] == "file"


def test_size_and_kind_are_bounded_before_anything_is_decoded(world: Any) -> None:
    """A bomb is refused by its header, a large body by its length, another media type at once."""
    bomb = bytearray(picture("red"))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    assert send(world, bytes(bomb)).json()["errors"][0]["reason"] == "too_many_pixels"
    large = world.ask(
        "POST", "/v1/assets", content=b"", headers={"content-type": "image/png", "content-length": "99999999"}
    )
    assert (large.status_code, large.json()["error_code"]) == (413, "http.body_too_large")
    other = world.ask("POST", "/v1/assets", content=b"x", headers={"content-type": "image/svg+xml"})
    assert (other.status_code, other.json()["error_code"]) == (415, "http.unsupported_media_type")


def test_lists_are_pages_by_source_and_name(world: Any) -> None:
    """Every upload is on one page exactly, newest first; a name is found by a part, whatever its case."""
    made = [brought(world, each, f"Swatch {each}.png") for each in ("plum", "peru", "pink", "tan")]
    seen, cursor = [], ""
    while True:
        params = {"source": "upload", "q": "sWATCH", "limit": 3, **({"cursor": cursor} if cursor else {})}
        page = world.ask("GET", "/v1/assets", params=params).json()
        seen += [each["asset_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [each["asset_id"] for each in reversed(made)]
    assert world.ask("GET", "/v1/assets", params={"q": "100%"}).json()["items"] == []
    assert world.ask("GET", "/v1/assets", params={"cursor": "at_zz"}).json()["items"] == []


def test_other_organisations_and_services_see_their_own(world: Any, stranger: str) -> None:
    """A stranger finds nothing, not even by id; a service sees what it brought itself."""
    made = brought(world, "sienna", "ours.png")
    place = f"/v1/assets/{made['asset_id']}"
    for method, path in (("GET", place), ("GET", f"{place}/content"), ("DELETE", place)):
        assert world.ask(method, path, stranger).status_code == 404
    assert world.ask("GET", "/v1/assets", stranger).json()["items"] == []
    service = world.key("caller")
    assert world.ask("GET", place, service).status_code == 404
    own = brought(world, "salmon", "theirs.png", key=service)
    assert [each["name"] for each in world.ask("GET", "/v1/assets", service).json()["items"]] == [
        "theirs.png"
    ]
    assert world.ask("GET", f"/v1/assets/{own['asset_id']}").status_code == 200
    # the same bytes elsewhere are a row of their own
    twin = send(world, picture("sienna"), key=stranger).json()
    assert twin["asset_id"] == made["asset_id"]
    assert world.ask("DELETE", f"/v1/assets/{twin['asset_id']}", stranger).json()["gone"] is True
    assert world.ask("GET", f"{place}/content").status_code == 200


def test_a_picture_in_use_is_not_deleted(world: Any) -> None:
    """What is published protects it, a draft asks for consent, and the lineage names workflow and node."""
    made = brought(world, "olive", "used.png")
    place = f"/v1/assets/{made['asset_id']}"
    slug = "uses-a-picture"
    graph = graph_with(made["asset_id"])
    assert world.ask("POST", "/v1/workflows", json={"slug": slug, "graph": graph}).status_code == 201
    asked = world.ask("DELETE", place)
    assert (asked.status_code, asked.json()["error_code"]) == (409, "asset.in_use")
    published = world.ask("POST", f"/v1/workflows/{slug}/publish", json={})
    assert published.status_code == 201, published.text
    (draft, version) = world.ask("GET", place).json()["lineage"]["workflows"]
    assert (draft["version"], version["version"], version["published"]) == (None, 1, True)
    assert version["nodes"] == ["pic"]
    refused = world.ask("DELETE", place, params={"in_drafts": "true"})
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["workflow"] == slug
    world.ask("DELETE", f"/v1/workflows/{slug}")
    assert world.ask("DELETE", place).json() == {"asset_id": made["asset_id"], "gone": True}
    assert world.ask("GET", place).status_code == 404
    assert world.ask("DELETE", place).status_code == 404
    again = brought(world, "olive")
    assert world.ask("GET", f"/v1/assets/{again['asset_id']}/content").status_code == 200


def test_a_graph_says_where_its_picture_is_missing(world: Any, stranger: str) -> None:
    """A file from elsewhere is taken; the node whose picture is not here has a problem, and only that one."""
    made = brought(world, "gold")
    problems = {}
    for key in (None, stranger):
        asked = {"key": key} if key else {}
        slug = "brought-along"
        graph = graph_with(made["asset_id"])
        assert (
            world.ask("POST", "/v1/workflows", json={"slug": slug, "graph": graph}, **asked).status_code
            == 201
        )
        found = world.ask("POST", f"/v1/workflows/{slug}/validate", json=graph, **asked).json()
        problems[key] = [each for each in found["problems"] if each["severity"] == "error"]
    assert problems[None] == []
    ((problem,), empty) = problems[stranger], graph_with("")
    assert (problem["node_id"], problem["field"]) == ("pic", "settings.asset")
    assert made["asset_id"] in problem["message"]
    checked = world.ask("POST", "/v1/workflows/brought-along/validate", json=empty).json()["problems"]
    assert any("needs a picture" in each["message"] for each in checked)


def test_a_model_that_takes_no_reference_is_a_problem(world: Any) -> None:
    """The picture is never passed over in silence: the node says which models take one."""
    graph = json.loads(json.dumps(graph_with(brought(world, "gray")["asset_id"])))
    graph["nodes"][3]["settings"] = {"model": "procedural/instant-1"}
    world.ask("POST", "/v1/workflows", json={"slug": "deaf", "graph": graph})
    answer = world.ask("POST", "/v1/workflows/deaf/publish", json={})
    wrong = next(each for each in answer.json()["errors"] if each["field"] == "settings.model")
    assert wrong["node_id"] == "gen"
    assert "procedural/atelier-1" in wrong["detail"]


def test_each_change_is_in_the_log(world: Any) -> None:
    """Upload and deletion leave one entry each, with the name."""
    made = brought(world, "khaki", "logged.png", headers={"x-request-id": "up-1"})
    world.ask("DELETE", f"/v1/assets/{made['asset_id']}", headers={"x-request-id": "down-1"})
    for action, request_id in (("asset.upload", "up-1"), ("asset.delete", "down-1")):
        found = world.ask("GET", f"/v1/audit?action={action}&limit=200").json()["items"]
        (mine,) = [each for each in found if each["request_id"] == request_id]
        assert (mine["object"], mine["detail"]["name"]) == (made["asset_id"], "logged.png")
