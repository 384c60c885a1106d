"""The callback body (contract §5)."""

import json
from dataclasses import replace

import pytest

from app.delivery.body import Facts, Failure, completed, error, failed
from graphs.sockets import Check, Image, Report

FACTS = Facts(
    job_id="run_1",
    project_id="prj_1",
    workflow="product-image",
    version=3,
    external_id="SKU-1001",
    trigger={"product_id": "SKU-1001", "name": "香水"},
    trace_id="t1",
    started_at=1_767_225_600.0,
    finished_at=1_767_225_612.5,
    credit_cost=1.5,
    attempts=2,
)
PASSED = Report(passed=True, checks=(Check(name="resolution", passed=True, value=1350, threshold=1024),))
IMAGE = Image(
    asset_id="ast_1",
    sha256="a" * 64,
    format="webp",
    width=1080,
    height=1350,
    bytes=4321,
    model_id="procedural/atelier-1",
    seed=7,
    prompt="a lamp",
    style="studio",
    platform_code="instagram_feed",
    alt_text="A lamp",
    caption="Light",
    filename_suggestion="lamp.webp",
    qc=PASSED,
)


def url(sha256, form):
    return f"https://x/{sha256[:4]}.{form}"


def test_a_completed_body_has_every_field_of_the_contract():
    """All fields of contract §5 stand in the body, with the run's values."""
    text, warning = completed(FACTS, [IMAGE], url)
    body = json.loads(text)
    assert not warning
    assert set(body) == {
        *("schema_version", "event", "job_id", "task_id", "project_id", "workflow", "version"),
        *("external_id", "status", "quality_warning", "trigger", "outputs", "metadata", "error", "timestamp"),
    }
    assert (body["schema_version"], body["event"], body["status"]) == ("1.0", "job.completed", "success")
    assert body["job_id"] == body["task_id"] == "run_1"
    assert (body["trigger"], body["error"]) == (FACTS.trigger, None)
    assert body["timestamp"] == "2026-01-01T00:00:12.500Z"
    (output,) = body["outputs"]
    wanted = {
        "asset_id": "ast_1",
        "asset_url": "https://x/aaaa.webp",
        "asset_type": "image",
        "format": "webp",
        "width": 1080,
        "height": 1350,
        "bytes": 4321,
        "sha256": "a" * 64,
        "alt_text": "A lamp",
        "platform_code": "instagram_feed",
        "caption": "Light",
        "filename_suggestion": "lamp.webp",
    }
    assert {name: output[name] for name in wanted} == wanted
    assert output["qc"]["passed"] is True
    check = output["qc"]["checks"][0]
    assert (check["name"], check["passed"], check["value"], check["threshold"]) == (
        "resolution",
        True,
        1350,
        1024,
    )
    metadata = body["metadata"]
    assert (metadata["prompt_used"], metadata["model_id"], metadata["seed"], metadata["style"]) == (
        "a lamp",
        "procedural/atelier-1",
        7,
        "studio",
    )
    assert (metadata["credit_cost"], metadata["processing_time_seconds"], metadata["attempts"]) == (
        1.5,
        12.5,
        2,
    )
    assert (metadata["prompt_version"], metadata["trace_id"]) == ("product-image@3", "t1")


def test_one_picture_that_failed_quality_control_warns():
    """quality_warning is set when a delivered picture did not pass; an unmeasured one is no failure."""
    bad = IMAGE.model_copy(update={"qc": Report(passed=False)})
    unmeasured = IMAGE.model_copy(update={"qc": None})
    assert completed(FACTS, [IMAGE, bad], url)[1] is True
    text, warning = completed(FACTS, [IMAGE, unmeasured], url)
    assert warning is False
    assert json.loads(text)["outputs"][1]["qc"] is None


def test_a_failed_body_says_why():
    """A failed body has no outputs and the error object of the contract."""
    failure = Failure("node.qc_failed", "too dark", "style", "qc", retryable=False, attempts=4)
    body = json.loads(failed(FACTS, failure))
    assert (body["event"], body["status"], body["outputs"]) == ("job.failed", "failed", [])
    assert body["quality_warning"] is False
    assert body["error"] == {
        "error_code": "node.qc_failed",
        "error_description": "too dark",
        "invalid_field": "style",
        "node_id": "qc",
        "retryable": False,
        "attempts": 4,
    }
    assert body["error"] == error(failure)


def test_every_wrong_field_of_a_refused_trigger_is_listed():
    """The errors of a refused trigger travel with the failed body."""
    failure = Failure("trigger.missing_field", "d", errors=({"field": "a"}, {"field": "b"}))
    assert json.loads(failed(FACTS, failure))["error"]["errors"] == [{"field": "a"}, {"field": "b"}]


def test_the_body_is_one_line_of_utf_8_and_the_same_each_time():
    """The same facts give the same bytes: compact JSON in UTF-8, no escapes for other scripts."""
    first, second = (completed(FACTS, [IMAGE], url)[0] for _ in range(2))
    assert first == second
    assert "香水" in first
    assert "\n" not in first
    first.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_makes_the_body_unreadable(value):
    """A measure that is no number is null: the body stays JSON that any parser reads."""
    report = Report(passed=True, checks=(Check(name="sharpness", passed=True, value=value, threshold=1),))
    text, _ = completed(FACTS, [IMAGE.model_copy(update={"qc": report})], url)

    def refuse(word):
        raise AssertionError(word)

    body = json.loads(text, parse_constant=refuse)
    assert body["outputs"][0]["qc"]["checks"][0]["value"] is None


def test_a_clock_that_went_back_gives_no_negative_time():
    """processing_time_seconds is never below zero."""
    text = failed(replace(FACTS, finished_at=FACTS.started_at - 10), Failure("c", "d"))
    assert json.loads(text)["metadata"]["processing_time_seconds"] == 0
