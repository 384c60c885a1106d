"""Parts of runs, and runs that build on earlier ones, from outside."""

import pytest

from tests.support.site import link, node, plain_graph, refused


def two_fields(style="plain"):
    """A picture that needs one field, and a text beside it that needs another."""
    fields = [{"name": name, "type": "string", "required": True} for name in ("subject", "mood")]
    graph = plain_graph(fields=fields)
    graph["nodes"].append(node("aside", "prompt_builder", template=f"{style} {{{{mood}}}}"))
    graph["links"].append(link("input.mood", "aside.mood"))
    return graph


@pytest.fixture(scope="module")
def whole(site):
    """A run of version 1; version 2 differs in the text aside only."""
    site.workflow("parts", two_fields())
    done = site.ended(site.job("parts", subject="A lamp", mood="calm"))
    assert done["status"] == "succeeded"
    draft = site.http.put("/v1/workflows/parts/draft", json=two_fields("fancy"))
    assert draft.status_code == 200, draft.text
    assert site.http.post("/v1/workflows/parts/publish", json={}).status_code == 201
    return done


def rerun(site, run, **how):
    return site.http.post(f"/v1/runs/{run['job_id']}/rerun", json=how)


def steps(site, job):
    return {each["node_id"]: each for each in site.http.get(f"/v1/runs/{job}/steps").json()["items"]}


def test_a_run_to_a_node_stops_there(site, whole):
    """Only what leads to it runs, nobody is called back, and the run lists the target."""
    job = rerun(site, whole, targets=["paint"]).json()["job_id"]
    found = site.ended(job)
    assert (found["status"], found["targets"], found["callback_status"]) == ("succeeded", ["paint"], "none")
    assert set(steps(site, job)) == {"input", "prompt", "paint"}
    assert found["outputs"]
    refused(rerun(site, whole, targets=["nobody"]), 409, "run.not_rerunnable")


def test_earlier_results_are_kept_with_other_inputs_where_they_do_not_matter(site, whole):
    """A changed mood leaves the picture as it was; a changed subject would make it stale, and is refused."""
    job = rerun(site, whole, from_node="check", inputs={"mood": "wild"}).json()["job_id"]
    assert site.ended(job)["status"] == "succeeded"
    found = steps(site, job)
    assert (found["paint"]["attempts"], found["paint"]["credit_cost"]) == (0, 0)
    assert "wild" in str(found["aside"]["outputs"])
    problem = refused(
        rerun(site, whole, from_node="check", inputs={"subject": "A vase"}), 409, "run.not_rerunnable"
    )
    assert "'Prompt', 'Paint'" in problem["detail"]


def test_earlier_results_are_kept_across_versions_where_nothing_changed(site, whole):
    """Version 2 changed a node aside: the picture of version 1 still holds there, the text does not."""
    job = rerun(site, whole, from_node="check", version=2).json()["job_id"]
    assert site.ended(job)["version"] == 2
    problem_free = steps(site, job)
    assert problem_free["paint"]["attempts"] == 0


def test_a_rerun_that_is_sent_again_is_answered_whatever_became_of_the_workflow(site):
    """The first answer byte for byte, also when nothing new could be started any more."""
    site.workflow("retired", plain_graph())
    done = site.ended(site.job("retired", subject="A lamp"))
    ask = {"url": f"/v1/runs/{done['job_id']}/rerun", "json": {}, "headers": {"idempotency-key": "once"}}
    first = site.http.post(**ask)
    assert first.status_code == 202
    site.ended(first.json()["job_id"])
    assert site.http.delete("/v1/workflows/retired").status_code < 300
    again = site.http.post(**ask)
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    refused(rerun(site, done), 410, "trigger.workflow_archived")
