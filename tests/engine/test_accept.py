"""Accepting triggers: rows before the answer, idempotency, refusals (contract §3)."""

import json
import threading
from dataclasses import replace

from app.delivery.body import Failure
from app.engine.accept import accept
from app.engine.engine import Engine
from app.engine.records import IdempotencyMismatchError, Started
from app.engine.reject import Refused, Rejections
from app.engine.writer import Writer
from app.store import tables
from tests.support.receiver import Receiver

FIELDS = {
    *("job_id", "task_id", "project_id", "workflow", "version", "status", "wait", "callback_url", "links"),
    *("external_id", "trace_id", "request_id", "created_at", "ignored_fields"),
}


class Silent:
    """A doorbell nobody hears."""

    def work(self, keys):
        pass

    deliver = work

    def close(self):
        pass


def test_the_answer_carries_every_field_of_the_contract(rig):
    """The 202 body holds the fields of contract §3 with the run's own values."""
    r = rig()
    new = r.shop.new(ignored=("extra",), external_id="SKU-1", callback_url="https://x.test/cb")
    (started,) = r.accept(new)
    body = json.loads(started.body)
    assert set(body) == FIELDS
    assert body["job_id"] == body["task_id"] == started.run_id
    assert (body["status"], body["wait"], body["version"], body["workflow"]) == ("queued", None, 1, "flow")
    assert (body["ignored_fields"], body["external_id"], body["callback_url"]) == (
        ["extra"],
        "SKU-1",
        "https://x.test/cb",
    )
    here = f"/v1/runs/{started.run_id}"
    assert body["links"] == {"self": here, "events": f"{here}/events", "cancel": f"{here}/cancel"}
    run = r.run(started.run_id)
    assert (run.status, run.callback_status, json.loads(run.trigger)) == ("queued", "pending", {"k": "v"})


def test_the_same_key_and_payload_answers_the_same_bytes(rig):
    """A repeated trigger gets the first answer byte for byte, within one commit and later; one run stands."""
    r = rig()
    new = r.shop.new(idempotency=("scope", "payload"))
    first, second = r.accept(new, replace(new, request_id="other"))
    (third,) = r.accept(replace(new, trace_id="another"))
    assert first.body == second.body == third.body
    assert [first.replayed, second.replayed, third.replayed] == [False, True, True]
    assert len(r.rows(tables.run)) == 1
    r.run_dry()
    assert r.accept(new)[0].body == first.body


def test_the_same_key_with_another_payload_is_refused(rig):
    """Another payload under a used key is a mismatch, in one commit and across commits; no second run."""
    r = rig()
    new = r.shop.new(idempotency=("scope", "payload"))
    other = replace(new, idempotency=("scope", "different"))
    first, second = r.accept(new, other)
    assert isinstance(first, Started)
    assert isinstance(second, IdempotencyMismatchError)
    assert isinstance(r.accept(other)[0], IdempotencyMismatchError)
    assert len(r.rows(tables.run)) == 1


def test_keys_are_scoped(rig):
    """The same key of another scope (caller, workflow) is another run."""
    r = rig()
    r.accept(r.shop.new(idempotency=("a", "p")), r.shop.new(idempotency=("b", "p")), r.shop.new())
    assert len(r.rows(tables.run)) == 3


def test_fifty_at_once_make_one_run(rig):
    """50 threads with the same key through 2 processes' writers: one run, one answer for all."""
    r = rig()
    writers = [Writer(r.db), Writer(r.db)]
    engines = [Engine(r.db, writer, Silent()) for writer in writers]
    new = r.shop.new(idempotency=("scope", "payload"))
    start, answers = threading.Barrier(50), []

    def call(engine):
        start.wait()
        try:
            answers.append(engine.start(new).result(20))
        except Exception as error:  # noqa: BLE001 - a thread's error must reach the assertion
            answers.append(error)

    threads = [threading.Thread(target=call, args=(engines[number % 2],)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for engine in engines:
        engine.close()
    assert {getattr(answer, "body", answer) for answer in answers} == {answers[0].body}
    assert sum(not answer.replayed for answer in answers) == 1
    assert len(r.rows(tables.run)) == 1


def test_ids_keep_the_order_of_acceptance(rig):
    """Runs accepted one after the other sort in that order, within one millisecond too."""
    r = rig()
    ids = [started.run_id for started in r.accept(*[r.shop.new() for _ in range(300)])]
    assert ids == sorted(ids)


def test_a_run_keeps_what_it_was_asked(rig):
    """Trigger, inputs, caller, version and source stand in the row as they came, in any script."""
    r = rig()
    trigger = {"name": "Flacon d'ambre 香水 🧴", "n": [1, 2.5, None, True]}
    run = r.run(r.start(trigger=trigger, inputs={"name": "x"}, source="canvas"))
    assert (json.loads(run.trigger), json.loads(run.inputs)) == (trigger, {"name": "x"})
    assert (run.source, run.caller, run.version_id, run.org_id) == ("canvas", "shop", "ver_1", "org_1")


def test_a_rerun_keeps_earlier_results_at_no_cost(rig):
    """Outputs that a rerun keeps are not made again, and cost nothing."""
    r = rig("input.trigger>one.a one.x>two.a")
    seen = []
    r.acts["two"] = lambda _run, inputs: seen.append(inputs) or {"x": 2}
    run_id = r.start(keep={"one": {"x": "kept"}}, rerun_of="run_old")
    r.run_dry()
    assert (r.run(run_id).status, r.run(run_id).rerun_of, seen) == ("succeeded", "run_old", [{"a": "kept"}])
    assert r.acts.count("one") == 0
    step = r.steps(run_id)["one"]
    assert (step.status, step.attempts, step.credits) == ("succeeded", 0, 0)


def test_a_refused_trigger_is_a_failed_run_with_a_callback(rig):
    """A trigger that failed validation stands in the history and its error is POSTed; it uses up no key."""
    r = rig()
    failure = Failure(
        "trigger.missing_field", "product_name is missing", "product_name", "input", errors=({"field": "f"},)
    )
    with Receiver() as receiver:
        new = r.shop.new(callback_url=receiver.url, version_id=None, plan=None, idempotency=("s", "p"))
        (rejected,) = r.do(Rejections(r.db.dialect).reject, Refused(new, failure))
        r.letters.append(str(rejected.delivery_id))
        r.run_dry()
    run = r.run(rejected.run_id)
    assert (run.status, run.error_code, run.callback_status) == (
        "failed",
        "trigger.missing_field",
        "delivered",
    )
    body = json.loads(receiver.got[0].body)
    assert (body["event"], body["status"], body["job_id"]) == ("job.failed", "failed", rejected.run_id)
    assert body["error"]["invalid_field"] == "product_name"
    assert (body["error"]["attempts"], body["error"]["retryable"]) == (1, False)
    assert body["error"]["errors"] == [{"field": "f"}]
    assert r.stages(rejected.run_id) == {}
    assert isinstance(r.accept(r.shop.new(idempotency=("s", "p")))[0], Started)


def test_a_refused_trigger_without_a_url_owes_nothing(rig):
    """No callback_url, no delivery; the failed run still stands."""
    r = rig()
    (rejected,) = r.do(Rejections(r.db.dialect).reject, Refused(r.shop.new(), Failure("c", "d")))
    assert rejected.delivery_id is None
    run = r.run(rejected.run_id)
    assert (run.status, run.callback_status, r.rows(tables.delivery)) == ("failed", "none", [])


def test_a_replay_in_the_same_commit_stores_one_key(rig):
    """The key row is written once however often the key comes in a batch."""
    r = rig()
    new = r.shop.new(idempotency=("scope", "payload"))
    r.do(accept, *[new] * 20)
    assert len(r.rows(tables.idempotency)) == 1
