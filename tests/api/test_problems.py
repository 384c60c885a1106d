"""Whatever goes wrong wears a problem document, and each leads to a page that explains it (contract §6)."""

import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app.api import codes
from app.tongues import LANGUAGES

MEMBERS = {
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "error_code",
    "error_description",
    "invalid_field",
    "retryable",
    "request_id",
    "trace_id",
    "errors",
}
CONTRACT = """
trigger: malformed_json not_an_object duplicate_key too_deep unsupported_media_type
trigger: unsupported_encoding body_too_large missing_field wrong_type unknown_value too_long
trigger: out_of_range bad_format callback_url_refused bad_idempotency_key idempotency_mismatch
trigger: idempotency_in_flight workflow_not_found workflow_not_published workflow_archived
trigger: queue_full budget_exhausted unavailable
auth: missing invalid scope step_up_required not_found
run: cancelled review_rejected budget_stopped deadline_exceeded internal
node: input_missing template_error provider_unavailable provider_timeout provider_rate_limited
node: provider_outcome_unknown provider_rejected_input provider_content_policy provider_auth
node: provider_bad_output circuit_open qc_failed asset_too_large asset_type_refused storage_full
delivery: dns_failed connect_failed tls_error timeout http_3xx http_4xx http_5xx throttled
delivery: blocked_address gone secret_missing permanently_failed
graph: unknown_node_type bad_settings missing_input type_mismatch cycle no_trigger dangling_link
graph: duplicate_id too_large
"""


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "http.not_found"),
        ("GET", "/v1", 404, "http.not_found"),
        ("GET", "/nothing", 404, "http.not_found"),
        ("GET", "/v1/runs/", 404, "http.not_found"),
        ("DELETE", "/v1/runs", 405, "http.method_not_allowed"),
        ("PATCH", "/v1/workflows/x/draft", 405, "http.method_not_allowed"),
        ("POST", "/healthz", 405, "http.method_not_allowed"),
        ("GET", "/v1/runs?limit=x", 422, "http.invalid_request"),
        ("GET", "/v1/workflows/x/versions/one", 422, "http.invalid_request"),
        ("GET", "/v1/workflows/nowhere", 404, "auth.not_found"),
        ("GET", "/v1/inbox/..%2f", 404, "http.not_found"),
        ("GET", "/v1/inbox/a%20b", 422, "http.invalid_request"),
        ("GET", "/static-offline-docs/nothing.js", 404, "http.not_found"),
        ("GET", "/problems/no.such", 404, "http.not_found"),
        ("GET", "/a/x.png?exp=1&sig=ü", 404, "auth.not_found"),
        ("GET", "/readyz", 503, "http.unavailable"),
        ("GET", "/v1/runs?q=%00", 422, "http.invalid_request"),
        ("GET", "/v1/runs/a%00b", 422, "http.invalid_request"),
    ],
)
def test_frameworks_never_answer_themselves(
    world: Any, method: str, path: str, status: int, code: str
) -> None:
    """Routing, parameters and parts that are away answer with every member of the contract."""
    answer = world.ask(method, path)
    problem = answer.json()
    assert (answer.status_code, problem["error_code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.keys() >= MEMBERS
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    if status == 405:
        assert "GET" in answer.headers["allow"]


def test_a_fault_of_ours_says_so_and_nothing_more(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 carries ids to ask with, and no trace of code."""

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret detail of /etc/passwd")

    monkeypatch.setattr(world.system.workflows, "list", fail)
    answer = world.ask("GET", "/v1/workflows")
    assert (answer.status_code, answer.json()["error_code"]) == (500, "http.internal")
    assert "secret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    monkeypatch.setattr(world.system.workflows, "recall", fail)
    trigger = world.trigger()
    assert (trigger.status_code, trigger.json()["error_code"]) == (500, "http.internal")
    assert "secret" not in trigger.text


def test_a_database_that_is_away_is_503(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Retry-After, and without the words of the driver."""

    def fail() -> Any:
        raise OperationalError("SELECT secret", {}, Exception("database is locked"))

    monkeypatch.setattr(world.system.db, "read", fail)
    answer = world.ask("GET", "/metrics", None)
    assert (answer.status_code, answer.json()["error_code"]) == (503, "http.unavailable")
    assert answer.headers["retry-after"]
    assert "locked" not in answer.text
    assert "SELECT" not in answer.text


def test_every_code_of_the_contract_is_in_the_table() -> None:
    """None is missing, and every status and class is one of the contract's."""
    for line in CONTRACT.strip().splitlines():
        prefix, names = line.split(": ")
        for name in names.split():
            assert codes.find(f"{prefix}.{name}"), f"{prefix}.{name}"
    for code in codes.table().values():
        assert code.kind in {"permanent", "transient", "wait", "ambiguous", "operator"}
        assert code.explanation.endswith(".")
        assert code.advice


@pytest.mark.parametrize("code", list(codes.table()))
def test_each_type_leads_to_a_page(world: Any, code: str) -> None:
    """`type` answers 200 without a key: a page for people, JSON for machines."""
    page = world.ask("GET", f"/problems/{code}", None, headers={"accept": "text/html"})
    data = world.ask("GET", f"/problems/{code}", None)
    assert page.status_code == data.status_code == 200
    assert code in page.text
    assert data.json()["error_code"] == code


def test_the_type_in_a_problem_resolves(world: Any) -> None:
    """The address in `type` is the page's own."""
    kind = world.ask("GET", "/v1/nothing").json()["type"]
    assert world.client.get(kind).status_code == 200
    assert len(world.ask("GET", "/problems", None).json()["items"]) == len(codes.table())


def test_texts_stay_texts(world: Any) -> None:
    """Markup in a request comes back as JSON text, never as a page."""
    answer = world.ask("GET", "/v1/workflows/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text)["status"] == 404


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_each_code_is_explained_in_every_language(world: Any, language: str) -> None:
    """Pages speak as the browser asks; what programs read stays English, whatever is asked."""
    own, spoken = codes.table(), codes.spoken(language)
    said = {code for code, each in spoken.items() if each.explanation != own[code].explanation}
    assert said == set(own)
    asked = {"accept": "text/html", "accept-language": f"{language};q=0.9, en;q=0.1"}
    page = world.ask("GET", "/problems/graph.cycle", None, headers=asked)
    assert spoken["graph.cycle"].explanation in page.text
    assert f'<html lang="{language}">' in page.text
    plain = world.ask("GET", "/problems/graph.cycle", None, headers=asked | {"accept": "application/json"})
    assert plain.json()["title"] == own["graph.cycle"].title
