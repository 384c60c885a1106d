"""Contract §6 over real HTTP: every refusal is a problem document, and every code has a page."""

import re
from pathlib import Path

import httpx
import pytest

from tests.support.site import Site

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
# contract §6, word for word
CODES = {
    "trigger": """malformed_json not_an_object duplicate_key too_deep unsupported_media_type
        unsupported_encoding body_too_large missing_field wrong_type unknown_value too_long
        out_of_range bad_format
        callback_url_refused bad_idempotency_key idempotency_mismatch idempotency_in_flight workflow_not_found
        workflow_not_published workflow_archived queue_full budget_exhausted unavailable""",
    "auth": "missing invalid scope step_up_required not_found",
    "run": "cancelled review_rejected budget_stopped deadline_exceeded internal",
    "node": """input_missing template_error provider_unavailable provider_timeout provider_rate_limited
        provider_outcome_unknown provider_rejected_input provider_content_policy provider_auth
        provider_bad_output circuit_open qc_failed asset_too_large asset_type_refused storage_full""",
    "delivery": """dns_failed connect_failed tls_error timeout http_3xx http_4xx http_5xx throttled
        blocked_address gone secret_missing permanently_failed""",
    "graph": """unknown_node_type bad_settings missing_input type_mismatch cycle no_trigger dangling_link
        duplicate_id too_large""",
}
NAMED = [f"{area}.{name}" for area, names in CODES.items() for name in names.split()]
STATUSES = {
    400: "malformed_json not_an_object duplicate_key too_deep",
    415: "unsupported_media_type unsupported_encoding",
    413: "body_too_large",
    422: """missing_field wrong_type unknown_value too_long out_of_range bad_format callback_url_refused
        bad_idempotency_key idempotency_mismatch""",
    409: "idempotency_in_flight workflow_not_published",
    404: "workflow_not_found",
    410: "workflow_archived",
    429: "queue_full",
    402: "budget_exhausted",
    503: "unavailable",
}
ASKED = [
    ("GET", "/v1/nowhere", {}, 404),
    ("GET", "/v1/", {}, 404),
    ("GET", "/v1/runs/", {}, 404),
    ("DELETE", "/v1/runs", {}, 405),
    ("PATCH", "/v1/workflows/plain/draft", {}, 405),
    ("GET", "/v1/hooks/plain", {}, 405),
    ("PUT", "/v1/hooks/plain", {}, 405),
    ("TRACE", "/v1/runs", {}, 405),
    ("BREW", "/v1/runs", {}, 400),
    ("POST", "/healthz", {}, 405),
    ("POST", "/a/x.png", {}, 405),
    ("GET", "/a/x.png", {}, 404),
    ("GET", "/problems/no.such", {}, 404),
    ("GET", "/v1/workflows/nothing", {}, 404),
    ("GET", "/v1/workflows/plain/versions/x", {}, 422),
    ("GET", "/v1/workflows/plain/versions/99999999999", {}, 422),
    ("GET", "/v1/workflows/plain/diff", {}, 422),
    ("GET", "/v1/node-types/none", {}, 404),
    ("POST", "/v1/workflows", {"json": {"slug": "../x"}}, 422),
    ("POST", "/v1/workflows", {"json": []}, 400),
    ("POST", "/v1/workflows", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
    ("POST", "/v1/workflows", {"content": b"x", "headers": {"content-type": "text/plain"}}, 415),
    ("POST", "/v1/workflows", {"json": {"slug": "plain"}}, 409),
    ("POST", "/v1/keys", {"json": {"role": "king"}}, 422),
    ("POST", "/v1/inbox/a", {"content": b"no"}, 400),
    ("POST", "/v1/inbox/a%20b", {"json": {}}, 422),
    ("GET", "/v1/runs?q=%00", {}, 422),
    ("GET", "/v1/runs/%00", {}, 422),
    ("GET", "/v1/runs/run_%ff", {}, 404),
    ("GET", "/v1/limits/none", {}, 404),
    ("PUT", "/v1/workflows/plain/form", {}, 400),
    ("PATCH", "/v1/workflows/plain", {}, 400),
    ("POST", "/v1/limits/none/resume", {}, 404),
]


@pytest.mark.parametrize(("method", "path", "rest", "status"), ASKED, ids=[f"{a[0]} {a[1]}" for a in ASKED])
def test_every_refusal_is_a_problem_document(site: Site, method, path, rest, status):
    """Also where a framework would have answered itself; the type leads to a page about the code."""
    answer = site.http.request(method, path, **rest)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() >= MEMBERS
    assert problem["status"] == status
    assert answer.headers["x-request-id"] == problem["request_id"]
    assert problem["type"] == f"{site.url}/problems/{problem['error_code']}"
    page = httpx.get(problem["type"], headers={"accept": "text/html"}, trust_env=False)
    assert page.status_code == 200
    assert problem["error_code"] in page.text
    if status == 405:
        assert answer.headers["allow"]


BESIDE = "/v1 /a /a/x/y /healthz/ /metrics/x /problems/x/y /docs/x /login/ /login/x /ui/x /f /_nicegui/x"


@pytest.mark.parametrize("path", BESIDE.split())
@pytest.mark.parametrize("key", [True, False])
def test_nothing_beside_an_open_address_is_a_problem_too(site: Site, path: str, key: bool):
    """What needs no session never ends in the pages' own way of saying so, which needs one."""
    client = site.http if key else httpx.Client(base_url=site.url, trust_env=False)
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "http.not_found")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/v1/runs", "/v1/nowhere", "/v1", "/healthz", "/a/x.png", "/v1/workflows/plain"]
)
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_heads_and_options_are_answered(site: Site, method: str, path: str):
    """No method is met by a fault of ours, and HEAD carries no body."""
    answer = site.http.request(method, path)
    assert answer.status_code < 500
    assert method != "HEAD" or answer.content == b""


@pytest.mark.parametrize("code", NAMED)
def test_every_code_of_the_contract_has_a_page_for_people_and_machines(site: Site, code: str):
    """The page says what happened and what to do; status and class stand in its JSON form."""
    page = httpx.get(f"{site.url}/problems/{code}", headers={"accept": "text/html"}, trust_env=False)
    assert page.status_code == 200
    assert "What to do" in page.text
    found = httpx.get(f"{site.url}/problems/{code}", trust_env=False).json()
    assert found["class"] in {"permanent", "transient", "wait", "ambiguous", "operator"}
    assert found["explanation"]
    assert found["advice"]


@pytest.mark.parametrize("status", STATUSES)
def test_codes_of_triggers_have_the_statuses_of_the_contract(site: Site, status: int):
    """The number beside each code in the contract is the one its page names."""
    for name in STATUSES[status].split():
        found = httpx.get(f"{site.url}/problems/trigger.{name}", trust_env=False).json()
        assert found["status"] == status, name


def test_no_answer_shows_the_inside(site: Site):
    """No stack, SQL, file or address of ours in any text."""
    texts = [site.http.request(method, path, **rest).text for method, path, rest, _ in ASKED]
    inside = ("https://metadata.google.internal/", "https://localhost/", "https://0x7f.1/")
    texts += [site.trigger(subject="x", callback_url=url).text for url in inside]
    leaks = re.compile(r"Traceback|sqlalchemy|SELECT |site-packages|\.py\b|sqlite|169\.254", re.IGNORECASE)
    assert not [text for text in texts if leaks.search(text)]
    assert not [text for text in texts if str(Path.home()) in text]
