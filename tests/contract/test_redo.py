"""Quality control that has pictures made again, as an outsider meets it (S45, S46, S48)."""

import json

import pytest

from tests.support.site import ENDED, until


def publish(site, slug, **qc):
    """The product workflow with a threshold that no picture can reach."""
    graph = site.http.get("/v1/workflows/product-image/draft").json()
    for node in graph["nodes"]:
        if node["type"] == "qc":
            node["settings"] = {
                "on_fail": "redo",
                "min_width": 1,
                "min_height": 1,
                "min_sharpness": 9999,
                **qc,
            }
        if node["type"] == "generator":
            node["settings"] |= {"width": 128, "height": 128}
    assert site.http.post("/v1/workflows", json={"slug": slug, "graph": graph}).status_code == 201
    assert site.http.post(f"/v1/workflows/{slug}/publish", json={"note": "redo"}).is_success


def ended(site, slug):
    """A run of it that is over, and its callback body."""
    fields = {"product_id": "1", "product_name": "Mug"}
    job = site.http.post(f"/v1/hooks/{slug}", json=fields).json()["job_id"]
    until(lambda: site.http.get(f"/v1/runs/{job}").json()["status"] in ENDED)
    return site.http.get(f"/v1/runs/{job}").json(), site.http.get(f"/v1/runs/{job}/callback").json()


@pytest.mark.parametrize("redos", [1, 3])
def test_the_best_of_all_tries_is_delivered_with_a_warning(site, redos):
    """A threshold out of reach costs one generation more for each redo, and is never a plain success."""
    slug = f"redo-best-{redos}"
    publish(site, slug, max_redos=redos, redo_prompt_add="macro lens")
    run, body = ended(site, slug)
    assert (run["status"], body["status"], body["quality_warning"]) == ("succeeded", "success", True)
    assert [each["generation"] for each in run["redos"]] == list(range(1, redos + 1))
    assert body["metadata"]["credit_cost"] == run["credit_cost"] == redos + 1
    assert body["metadata"]["attempts"] == redos + 1
    assert not body["outputs"][0]["qc"]["passed"]
    steps = {each["node_id"]: each for each in site.http.get(f"{run['links']['steps']}").json()["items"]}
    kinds = {name: [each["status"] for each in steps[name]["generations"]] for name in ("prompt", "qc")}
    assert kinds == {"prompt": [], "qc": ["redone"] * redos}
    tries = [steps["qc"], *steps["qc"]["generations"]]
    values = [_sharpness(each) for each in tries[1:]]
    assert _of(body["outputs"][0]["qc"]) >= max(values)
    assert "macro lens" in json.dumps(steps["generator"]["outputs"])


def test_a_strict_workflow_fails_when_the_tries_are_used_up(site):
    """With after_redos "fail" the caller is told node.qc_failed, with the tries it took."""
    publish(site, "redo-strict", max_redos=1, after_redos="fail")
    run, body = ended(site, "redo-strict")
    assert (run["status"], body["event"], body["outputs"]) == ("failed", "job.failed", [])
    assert (body["error"]["error_code"], body["error"]["attempts"]) == ("node.qc_failed", 2)


def _sharpness(step):
    return _of(step["outputs"]["report"])


def _of(report):
    return next(check["value"] for check in report["checks"] if check["name"] == "sharpness")
