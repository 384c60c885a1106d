"""Contract §3 over real HTTP: wrong fields are named, kept and told; callbacks lead outside only."""

import pytest
from standardwebhooks import Webhook

from tests.support.site import SECRET, Site, refused


def test_invalid_input_names_every_field_and_is_kept_and_told(site: Site):
    """422 with all of it, a failed run in the history, the same error in a signed callback (S40, S41)."""
    path = site.mailbox.path()
    answer = site.trigger(
        "product-image",
        target_style="animee",
        target_platform=5,
        product_id="x" * 5000,
        callback_url=site.mailbox.url(path),
    )
    problem = refused(answer, 422, "trigger.too_long")
    wrong = {each["field"]: each for each in problem["errors"]}
    assert set(wrong) == {"product_name", "target_style", "target_platform", "product_id"}
    assert {each["code"] for each in wrong.values()} == {
        "missing_field",
        "unknown_value",
        "wrong_type",
        "too_long",
    }
    assert wrong["target_style"]["did_you_mean"] == "anime"
    assert "watercolour" in wrong["target_style"]["allowed"]
    assert wrong["target_style"]["pointer"] == "#/target_style"
    assert problem["retryable"] is False

    run = site.ended(problem["job_id"])
    assert (run["status"], run["error_code"], run["callback_status"]) == (
        "failed",
        "trigger.too_long",
        "delivered",
    )
    assert run["error"]["invalid_field"] == "product_id"
    letter = site.mailbox.got[path][0]
    told = Webhook(SECRET).verify(letter.body, letter.headers)
    assert (told["event"], told["status"], told["job_id"]) == ("job.failed", "failed", problem["job_id"])
    assert told["outputs"] == []
    for name in ("error_code", "error_description", "invalid_field", "retryable", "errors"):
        assert told["error"][name] == problem[name]
    assert told["error"]["attempts"] == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/x",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://user:pass@example.com/",
        "ftp://example.com/",
        "https://localhost/",
        "not a url",
        "https://example.com:22/",
    ],
)
def test_a_callback_url_that_leads_inside_is_refused(site: Site, url: str):
    """Refused at once, and nothing is sent there; the text tells no resolved address."""
    problem = refused(site.trigger(subject="x", callback_url=url), 422, "trigger.callback_url_refused")
    assert problem["invalid_field"] == "callback_url"
    run = site.run(problem["job_id"])
    assert (run["status"], run["callback_status"], run["callback_url"]) == ("failed", "none", None)


def test_the_callback_url_is_not_our_own_api(site: Site):
    """Only the test inbox of this server may be called."""
    for path in ("/v1/hooks/plain", "/v1/inbox/a/b", "/v1/inbox/..%2fruns", "/"):
        refused(site.trigger(subject="x", callback_url=site.url + path), 422, "trigger.callback_url_refused")


def test_control_characters_are_refused_and_line_ends_pass(site: Site):
    """C0 other than tab and newline is a bad format (contract §8)."""
    refused(site.trigger(subject="a\x07b"), 422, "trigger.bad_format")
    refused(site.trigger(subject="a\x00b"), 422, "trigger.bad_format")
    assert site.trigger(subject="a\tb\nc").status_code == 202
