"""What was spent is known of every run that cost credits, by caller, workflow and day (S61, S66)."""

import time
from decimal import Decimal

from tests.support.site import Site, node, plain_graph


def spent(site: Site, slug: str) -> list[dict]:
    return site.http.get("/v1/spend", params={"workflow": slug}).json()["items"]


def test_runs_without_a_cost_monitor_show_in_spend(site: Site):
    """Without a limit, with what they cost together; the gauges list no gate for them."""
    for slug, graph in (("open-spend", plain_graph()), ("other-spend", plain_graph())):
        site.http.post("/v1/workflows", json={"slug": slug, "graph": graph}).raise_for_status()
        site.http.post(f"/v1/workflows/{slug}/publish", json={}).raise_for_status()
    jobs = []
    for slug in ("open-spend", "open-spend", "other-spend"):
        asked = site.http.post(f"/v1/hooks/{slug}", json={"subject": "a lamp"})
        jobs.append(asked.json()["job_id"])
    costs = [Decimal(str(site.ended(job)["credit_cost"])) for job in jobs]
    assert all(costs)
    deadline = time.monotonic() + 10
    while not (spent(site, "open-spend") and spent(site, "other-spend")) and time.monotonic() < deadline:
        time.sleep(0.05)
    (found,) = spent(site, "open-spend")
    deadline = time.monotonic() + 10
    while Decimal(str(found["spent"])) < costs[0] + costs[1] and time.monotonic() < deadline:
        (found,) = spent(site, "open-spend")
    assert Decimal(str(found["spent"])) == costs[0] + costs[1]
    assert (found["limit"], found["left"], found["reserved"], found["caller"]) == (None, None, 0, "default")
    gates = {each["gate"] for each in site.http.get("/v1/limits").json()["items"]}
    assert found["gate"] not in gates


def test_spend_comes_in_pages(site: Site):
    """The cursor goes on behind the last account; a made-up one is refused by its name."""
    monitor = node("money", "cost_monitor", daily_credits=50)
    for number in range(2):
        slug = f"paged-spend-{number}"
        site.http.post("/v1/workflows", json={"slug": slug, "graph": plain_graph(monitor)}).raise_for_status()
        site.http.post(f"/v1/workflows/{slug}/publish", json={}).raise_for_status()
        site.http.post(f"/v1/hooks/{slug}", json={"subject": "a lamp"}).raise_for_status()
    first = site.http.get("/v1/spend", params={"limit": 1}).json()
    seen = [first["items"][0]["gate"]]
    while first["next_cursor"]:
        first = site.http.get("/v1/spend", params={"limit": 1, "cursor": first["next_cursor"]}).json()
        seen.append(first["items"][0]["gate"])
    whole = [each["gate"] for each in site.http.get("/v1/spend").json()["items"]]
    assert seen == whole
    assert len(seen) == len(set(seen)) >= 2
    answer = site.http.get("/v1/spend", params={"cursor": "nowhere"})
    assert (answer.status_code, answer.json()["invalid_field"]) == (422, "cursor")
