"""The templates of the gallery from outside: each runs and is delivered, and own ones are offered."""

import json
from pathlib import Path

from tests.support.site import ENDED, TOLD, refused, until

_FOLDER = Path(__file__).parents[2] / "examples" / "templates"
_PICTURES = {"news-header": 9, "anime-keyframes": 3, "personal-hero": 2}
# plain pictures at once; what the models paint is judged elsewhere
_QUICK = {"width": 640, "height": 480, "model": "procedural/instant-1"}
_LENIENT = dict.fromkeys(("min_width", "min_height"), 64) | dict.fromkeys(
    ("min_sharpness", "min_contrast", "min_entropy"), 0
)


def _payload(name: str) -> dict:
    found = json.loads((_FOLDER / f"{name}.payload.json").read_text("utf-8"))
    # one item says as much as three and is faster
    return {key: value[:1] if isinstance(value, list) else value for key, value in found.items()}


def test_every_template_runs_with_its_payload_and_is_delivered(site):
    """Made as they ship, published, triggered with their sample, and called back with their pictures."""
    names = sorted(path.stem for path in _FOLDER.glob("*.payload.json"))
    names = [name.removesuffix(".payload") for name in names]
    jobs = {}
    for name in names:
        graph = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
        for node in graph["nodes"]:
            if node["type"] == "generator":
                node["settings"] |= _QUICK
            if node["type"] == "qc":
                node["settings"] |= _LENIENT
        site.workflow(f"t-{name}", graph)
        path = site.mailbox.path()
        jobs[name] = (site.job(f"t-{name}", **_payload(name), callback_url=site.mailbox.url(path)), path)

    def all_ended() -> dict | None:
        found = {name: site.run(job) for name, (job, _) in jobs.items()}
        done = all(run["status"] in ENDED and run["callback_status"] in TOLD for run in found.values())
        return found if done else None

    runs = until(all_ended, seconds=60, every=0.2)
    for name, (_, path) in jobs.items():
        assert runs[name]["status"] == "succeeded", (name, runs[name]["error"])
        body = json.loads(site.mailbox.got[path][-1].body)
        assert len(body["outputs"]) == _PICTURES.get(name, 1), name


def test_a_workflow_is_offered_as_a_template_until_it_is_not(site):
    """The mark carries category and purpose, is replaced as a whole, and can be taken away."""
    path = "/v1/workflows/plain/template"
    marked = site.http.put(path, json={"category": "stories", "purpose": "For the blog"})
    assert (marked.status_code, marked.json()["category"]) == (200, "stories")
    site.http.put(path, json={"category": "products"})
    items = site.http.get("/v1/templates").json()["items"]
    assert [(each["workflow"], each["category"], each["purpose"]) for each in items] == [
        ("plain", "products", "")
    ]
    wrong = site.http.put(path, json={"category": "soup"})
    assert (wrong.status_code, wrong.json()["invalid_field"]) == (422, "category")
    refused(site.http.put("/v1/workflows/nobody/template", json={}), 404, "auth.not_found")
    assert site.http.delete(path).status_code == 204
    assert site.http.get("/v1/templates").json()["items"] == []
