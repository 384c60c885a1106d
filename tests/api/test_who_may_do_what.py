"""Every route × every role, generated: a route without a row here fails (S6)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Mount

from app.api.deps import Permit
from app.api.rest import Rest
from app.identity.roles import ROLES
from app.identity.sessions import COOKIE

# method, path, action; "-" is open to everyone
TABLE = """
POST   /v1/hooks/{slug}                      runs.trigger
GET    /v1/runs                              runs.read
GET    /v1/runs/{job_id}                     runs.read
GET    /v1/runs/{job_id}/steps               runs.read
GET    /v1/runs/{job_id}/events              runs.read
GET    /v1/runs/{job_id}/callback            runs.read
POST   /v1/runs/replay                       runs.rerun
POST   /v1/runs/cancel                       runs.cancel
POST   /v1/runs/{job_id}/cancel              runs.cancel
POST   /v1/runs/{job_id}/rerun               runs.rerun
POST   /v1/runs/{job_id}/pause               runs.pause
POST   /v1/runs/{job_id}/resume              runs.pause
GET    /v1/runs/{job_id}/deliveries          deliveries.read
GET    /v1/deliveries                        deliveries.read
GET    /v1/deliveries/{delivery_id}          deliveries.read
POST   /v1/deliveries/replay                 deliveries.replay
POST   /v1/deliveries/{delivery_id}/replay   deliveries.replay
GET    /v1/workflows                         workflows.read
POST   /v1/workflows                         workflows.write
GET    /v1/workflows/{slug}                  workflows.read
PATCH  /v1/workflows/{slug}                  workflows.write
DELETE /v1/workflows/{slug}                  workflows.delete
POST   /v1/workflows/{slug}/bring-back        workflows.delete
GET    /v1/workflows/{slug}/cache            workflows.read
DELETE /v1/workflows/{slug}/cache            workflows.write
POST   /v1/workflows/{slug}/pause            workflows.pause
POST   /v1/workflows/{slug}/resume           workflows.pause
GET    /v1/workflows/{slug}/draft            workflows.read
PUT    /v1/workflows/{slug}/draft            workflows.write
POST   /v1/workflows/{slug}/draft/restore    workflows.write
POST   /v1/workflows/{slug}/draft/runs       drafts.run
GET    /v1/workflows/{slug}/draft/stale      workflows.read
GET    /v1/workflows/{slug}/draft/pins       workflows.read
DELETE /v1/workflows/{slug}/draft/pins       workflows.write
PUT    /v1/workflows/{slug}/draft/pins/{node_id} workflows.write
DELETE /v1/workflows/{slug}/draft/pins/{node_id} workflows.write
GET    /v1/workflows/{slug}/samples          workflows.read
PUT    /v1/workflows/{slug}/samples/{name}   workflows.write
DELETE /v1/workflows/{slug}/samples/{name}   workflows.write
POST   /v1/workflows/{slug}/validate         workflows.read
POST   /v1/workflows/{slug}/dry-run          runs.trigger
POST   /v1/workflows/{slug}/publish          workflows.publish
POST   /v1/workflows/{slug}/rollback         workflows.publish
GET    /v1/workflows/{slug}/versions         workflows.read
GET    /v1/workflows/{slug}/versions/{number} workflows.read
GET    /v1/workflows/{slug}/diff             workflows.read
GET    /v1/workflows/{slug}/openapi.json     workflows.read
GET    /v1/workflows/{slug}/contract         workflows.read
GET    /v1/workflows/{slug}/form             forms.read
PUT    /v1/workflows/{slug}/form             forms.write
GET    /v1/apps                              forms.read
GET    /v1/workflows/{slug}/app              forms.read
PUT    /v1/workflows/{slug}/app              forms.write
GET    /v1/templates                         workflows.read
PUT    /v1/workflows/{slug}/template         workflows.write
DELETE /v1/workflows/{slug}/template         workflows.write
GET    /v1/schedules                         schedules.read
POST   /v1/schedules                         schedules.write
GET    /v1/schedules/{schedule_id}           schedules.read
PUT    /v1/schedules/{schedule_id}           schedules.write
DELETE /v1/schedules/{schedule_id}           schedules.write
POST   /v1/schedules/{schedule_id}/run       runs.trigger
GET    /v1/schedules/{schedule_id}/next      schedules.read
POST   /v1/workflows/{slug}/rows             runs.trigger
GET    /v1/batches                           runs.read
GET    /v1/batches/{batch_id}                runs.read
GET    /v1/batches/{batch_id}/rows           runs.read
GET    /v1/batches/{batch_id}/results.csv    runs.read
PUT    /v1/batches/{batch_id}/rows/{row}/verdict rows.judge
POST   /v1/batches/{batch_id}/rows/{row}/again runs.rerun
POST   /v1/batches/{batch_id}/cancel         runs.cancel
POST   /v1/batches/{batch_id}/retry          runs.rerun
GET    /v1/node-types                        presets.read
GET    /v1/node-types/{kind}                 presets.read
GET    /v1/presets/styles                    presets.read
GET    /v1/presets/platforms                 presets.read
GET    /v1/secrets                           secrets.read
POST   /v1/secrets                           secrets.write
GET    /v1/secrets/{name}                    secrets.write
PUT    /v1/secrets/{name}                    secrets.write
DELETE /v1/secrets/{name}                    secrets.write
GET    /v1/providers                         providers.read
POST   /v1/providers                         providers.write
GET    /v1/providers/{name}                  providers.read
PUT    /v1/providers/{name}                  providers.write
DELETE /v1/providers/{name}                  providers.write
POST   /v1/providers/{name}/test             providers.write
GET    /v1/calls                             calls.read
GET    /v1/calls/{call_id}                   calls.read
POST   /v1/calls/{call_id}/resolve           calls.resolve
GET    /v1/keys                              keys.read
POST   /v1/keys                              keys.write
DELETE /v1/keys/{key_id}                     keys.write
GET    /v1/callers                           callers.read
POST   /v1/callers                           callers.write
GET    /v1/callers/{name}                    callers.read
PUT    /v1/callers/{name}/settings           callers.write
POST   /v1/callers/{name}/secret             callers.write
POST   /v1/callers/{name}/pause              callers.pause
POST   /v1/callers/{name}/resume             callers.pause
POST   /v1/inbox/{name}                      -
GET    /v1/inbox                             inbox.read
GET    /v1/inbox/{name}                      inbox.read
DELETE /v1/inbox/{name}                      inbox.clear
GET    /v1/limits                            limits.read
POST   /v1/limits/{gate}/resume              limits.resume
GET    /v1/limits/{gate}/held               limits.read
POST   /v1/limits/{gate}/release            limits.resume
POST   /v1/limits/{gate}/budget             limits.resume
GET    /v1/spend                            limits.read
GET    /v1/alerts                            alerts.read
POST   /v1/alerts/{alert_id}/acknowledge     alerts.acknowledge
GET    /v1/audit                             audit.read
POST   /v1/assets                            assets.write
GET    /v1/assets                            assets.read
GET    /v1/assets/{asset_id}                 assets.read
GET    /v1/assets/{asset_id}/content         assets.read
DELETE /v1/assets/{asset_id}                 assets.delete
GET    /v1/openapi.json                      -
GET    /a/{name}                             -
HEAD   /a/{name}                             -
GET    /problems                             -
GET    /problems/{code}                      -
GET    /healthz                              -
GET    /readyz                               -
GET    /metrics                              -
GET    /docs                                 -
GET    /docs/oauth2-redirect                 -
"""
ROWS = [tuple(line.split()) for line in TABLE.strip().splitlines()]
GUARDED = [row for row in ROWS if row[2] != "-"]
MUTATING = [row for row in GUARDED if row[0] != "GET"]


def path_of(template: str) -> str:
    return re.sub(r"\{(number|row)\}", "1", re.sub(r"\{(?!number|row)\w+\}", "no-such-thing", template))


@pytest.fixture(scope="module")
def keys(world: Any) -> dict[str, str]:
    return {role: world.key(role) for role in ROLES}


def routes_of(world: Any) -> Iterator[tuple[str, str, str]]:
    for route in world.client.app.routes:
        if isinstance(route, Mount | APIWebSocketRoute | Rest):
            continue
        action = permit_of(route) if isinstance(route, APIRoute) else "-"
        for method in route.methods:
            if method != "HEAD" or isinstance(route, APIRoute):
                yield method, route.path, action


def permit_of(route: APIRoute | APIWebSocketRoute) -> str:
    found = [each.call.action for each in route.dependant.dependencies if isinstance(each.call, Permit)]
    return found[0] if found else "-"


def test_every_route_has_a_row_and_asks_for_its_action(world: Any) -> None:
    """The table and the application say the same, route by route."""
    assert set(routes_of(world)) == {row for row in ROWS if row[1] != "/v1/hooks/{slug}"}


@pytest.mark.parametrize("row", GUARDED, ids=" ".join)
def test_each_role_may_what_it_may(world: Any, keys: dict[str, str], row: tuple[str, str, str]) -> None:
    """Allowed roles get through to the object, the others get 403 with the action's name."""
    method, template, action = row
    for role, actions in ROLES.items():
        answer = world.ask(method, path_of(template), keys[role])
        if action in actions:
            assert answer.status_code not in {401, 403}, (role, answer.text)
        else:
            assert (answer.status_code, answer.json()["error_code"]) == (403, "auth.scope"), role
            assert answer.json()["action"] == action


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_nobody_gets_in_without_a_key(world: Any, row: tuple[str, str, str]) -> None:
    """Guarded routes answer 401 to strangers, open ones do not ask."""
    method, template, action = row
    answer = world.ask(method, path_of(template), None)
    assert (answer.status_code == 401) == (action != "-")


@pytest.mark.parametrize("row", MUTATING, ids=" ".join)
def test_a_cookie_from_another_site_changes_nothing(world: Any, row: tuple[str, str, str]) -> None:
    """A session cookie with a foreign or missing Origin is refused wherever something changes (S8, S15)."""
    cookie = world.system.sessions.open(world.system.keys.authenticate("owner-key-0123456789abcdef").key_id)
    for origin in ({}, {"origin": "https://evil.example"}, {"origin": "null"}):
        headers = {"cookie": f"{COOKIE}={cookie}", **origin}
        answer = world.ask(row[0], path_of(row[1]), None, headers=headers)
        assert answer.json()["error_code"] in {"auth.origin", "auth.missing"}


def test_a_cookie_from_our_own_pages_works(world: Any) -> None:
    """Reading needs no Origin; changing needs ours."""
    cookie = world.system.sessions.open(world.system.keys.authenticate("owner-key-0123456789abcdef").key_id)
    headers = {"cookie": f"{COOKIE}={cookie}"}
    assert world.ask("GET", "/v1/runs", None, headers=headers).status_code == 200
    mine = {**headers, "origin": "http://127.0.0.1:8099"}
    assert (
        world.ask("POST", "/v1/workflows", None, headers=mine, json={"slug": "by-cookie"}).status_code == 201
    )
    world.system.sessions.close(cookie)
    assert world.ask("GET", "/v1/runs", None, headers=headers).status_code == 401


def test_a_form_of_another_site_has_no_effect(world: Any) -> None:
    """Bodies that a plain HTML form can send are not read (S15)."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = world.ask(
            "POST", "/v1/workflows", content=b'{"slug":"by-form"}', headers={"content-type": kind}
        )
        assert (answer.status_code, answer.json()["error_code"]) == (415, "http.unsupported_media_type")


def test_nobody_makes_a_key_above_their_own(world: Any, keys: dict[str, str]) -> None:
    """An admin makes admins but no owners, and cannot end an owner's key."""
    assert world.ask("POST", "/v1/keys", keys["admin"], json={"role": "admin"}).status_code == 201
    assert world.ask("POST", "/v1/keys", keys["admin"], json={"role": "owner"}).status_code == 403
    owner = world.system.keys.authenticate("owner-key-0123456789abcdef").key_id
    assert world.ask("DELETE", f"/v1/keys/{owner}", keys["admin"]).status_code == 403


def test_a_service_sees_its_own_runs_only(world: Any, keys: dict[str, str]) -> None:
    """The role caller reads and cancels what it started, and nothing else."""
    mine = world.trigger(key=keys["caller"]).json()["job_id"]
    shop = world.system.callers.create(world.system.keys.authenticate(keys["owner"]).acting(), "other-shop")
    other = world.key("caller", shop.id)
    assert world.ask("GET", f"/v1/runs/{mine}", keys["caller"]).status_code == 200
    assert world.ask("GET", f"/v1/runs/{mine}", other).status_code == 404
    assert world.ask("POST", f"/v1/runs/{mine}/cancel", other).status_code == 404
    assert world.ask("GET", "/v1/runs", other).json()["items"] == []


def test_what_is_foreign_looks_like_what_is_unknown(world: Any, stranger: str) -> None:
    """Another organisation's objects answer 404 with the very body of ids that nobody has."""
    run = world.trigger(target_style="baroque", callback_url="https://example.com/x").json()["job_id"]
    delivery = world.ask("GET", f"/v1/runs/{run}/deliveries").json()["items"][0]["id"]
    key = world.system.keys.authenticate("owner-key-0123456789abcdef").key_id
    real = {
        "{job_id}": run,
        "{delivery_id}": delivery,
        "{slug}": "product-image",
        "{key_id}": key,
        "{gate}": "wf:cal",
    }
    for method, template, _ in GUARDED:
        for mark, value in real.items():
            if mark not in template or template.startswith("/v1/hooks"):
                continue
            query = {"from": 1} if template.endswith("/diff") else {}
            rest: dict[str, Any] = {"params": query}
            if method in {"PUT", "PATCH"}:
                rest["json"] = {}
            if template.endswith("/draft") and method == "PUT":
                rest["json"] = {"format": "sakuga.graph/1", "nodes": []}
            if template.endswith("/restore"):
                rest["json"] = {"version": 1}
            if template.endswith("{slug}/rows"):
                rest |= {"content": "product_name\nChair", "headers": {"content-type": "text/csv"}}
            told = [
                world.ask(method, template.replace(mark, each).replace("{number}", "1"), stranger, **rest)
                for each in (value, "run_00000000000000000000000000")
            ]
            assert {answer.status_code for answer in told} == {404}, (method, template, told[0].text)
            assert plain(told[0]) == plain(told[1])


def plain(answer: Any) -> dict[str, Any]:
    return {**answer.json(), "request_id": "", "trace_id": "", "instance": ""}


def test_each_change_leaves_one_entry_in_the_log(world: Any) -> None:
    """Actor and request id stand in the audit log, once per change (S14, S125)."""
    changes = [
        ("POST", "/v1/workflows", {"slug": "audited"}, "workflow.create"),
        ("POST", "/v1/workflows/audited/publish", {}, "workflow.publish"),
        ("POST", "/v1/workflows/audited/rollback", {"version": 1}, "workflow.rollback"),
        ("POST", "/v1/workflows/audited/draft/restore", {"version": 1}, "workflow.restore"),
        ("PATCH", "/v1/workflows/audited", {"deadline_seconds": 60}, "workflow.configure"),
        ("DELETE", "/v1/workflows/audited/cache", None, "workflow.forget_results"),
        ("POST", "/v1/workflows/audited/pause", None, "workflow.pause"),
        ("POST", "/v1/workflows/audited/resume", None, "workflow.resume"),
        ("DELETE", "/v1/workflows/audited", None, "workflow.archive"),
        ("POST", "/v1/keys", {"label": "audited"}, "key.create"),
        ("POST", "/v1/callers", {"name": "audited"}, "caller.create"),
        ("PUT", "/v1/callers/audited/settings", {"settings": {}}, "caller.configure"),
        ("POST", "/v1/callers/audited/secret", {}, "caller.rotate_secret"),
        ("POST", "/v1/callers/audited/pause", None, "caller.pause"),
        ("POST", "/v1/callers/audited/resume", None, "caller.resume"),
        ("DELETE", "/v1/inbox/audited", None, "inbox.clear"),
    ]
    for number, (method, path, body, action) in enumerate(changes):
        headers = {"x-request-id": f"audit-{number}"}
        rest = {} if body is None else {"json": body}
        assert world.ask(method, path, headers=headers, **rest).status_code < 300, path
        found = world.ask("GET", f"/v1/audit?action={action}&limit=200").json()["items"]
        mine = [each for each in found if each["request_id"] == f"audit-{number}"]
        assert len(mine) == 1
        assert mine[0]["actor"].startswith("owner (key_")
