"""Rows of a file over HTTP: checked, accepted as a whole, followed (contract §3, S1)."""

import json
from typing import Any
from uuid import uuid4

GOOD = "product_name,target_style,external_id\nOak chair,noir,A-1\nLamp,,A-2\n"
BAD = "product_name,target_style\nOak chair,nior\n,studio\nLamp,studio\n"
PATH = "/v1/workflows/product-image/rows"
CSV = {"content-type": "text/csv"}


def send(world: Any, text: str | bytes, query: str = "", key: str | None = None, **headers: str) -> Any:
    more = {"idempotency-key": key} if key else {}
    return world.ask("POST", PATH + query, content=text, headers=CSV | more | headers)


def test_a_file_becomes_a_batch(world: Any) -> None:
    """202 with its address; the rows are there with their numbers, and runs follow."""
    answer = send(world, GOOD, "?name=spring.csv&callback_url=https://example.com/x")
    batch = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/v1/batches/{batch['id']}")
    assert (batch["rows"], batch["status"], batch["name"]) == (2, "running", "spring.csv")
    assert batch["mapping"] == {name: name for name in GOOD.split("\n", maxsplit=1)[0].split(",")}
    lines = world.ask("GET", f"/v1/batches/{batch['id']}/rows?limit=1").json()
    assert lines["next_after"] == 1
    assert lines["items"][0]["fields"] == {"product_name": "Oak chair", "target_style": "noir"}
    assert world.ask("GET", "/v1/batches?workflow=product-image").json()["items"][0]["id"] == batch["id"]
    results = world.ask("GET", f"/v1/batches/{batch['id']}/results.csv")
    assert results.headers["content-type"].startswith("text/csv")
    assert "2,Lamp,,A-2,,pending" in results.text
    assert world.ask("GET", f"/v1/runs?batch={batch['id']}").json()["items"] == []


def test_one_wrong_cell_stops_the_file(world: Any) -> None:
    """422 with every wrong cell, and nothing is stored; unless the wrong rows may be left out."""
    before = world.ask("GET", "/v1/batches").json()["items"]
    refused = send(world, BAD)
    problem = refused.json()
    assert refused.status_code == 422
    assert (problem["row_count"], problem["valid_rows"], problem["problem_count"]) == (3, 1, 2)
    first, second = problem["errors"]
    assert (first["row"], first["line"], first["column"]) == (1, 2, "target_style")
    assert first["did_you_mean"] == "noir"
    assert (second["row"], second["error_code"]) == (2, "trigger.missing_field")
    assert world.ask("GET", "/v1/batches").json()["items"] == before
    taken = send(world, BAD, "?skip_invalid=true").json()
    assert (taken["rows"], taken["skipped"]) == (1, 2)
    hopeless = send(world, "product_name,target_style\n,nior\n", "?skip_invalid=true")
    assert hopeless.status_code == 422


def test_a_dry_run_stores_nothing(world: Any) -> None:
    """It tells mapping, delimiter and problems."""
    before = world.ask("GET", "/v1/batches").json()["items"]
    mapping = json.dumps({"Titel": "product_name", "Stil": "target_style"})
    text = "Titel;Stil;Notiz\nStuhl;noir;x\nTisch;nior;y\n"
    told = send(world, text, f"?dry_run=true&mapping={mapping}").json()
    assert (told["valid"], told["rows"], told["valid_rows"], told["delimiter"]) == (False, 2, 1, ";")
    assert told["ignored_columns"] == ["Notiz"]
    assert told["problems"][0]["column"] == "Stil"
    assert world.ask("GET", "/v1/batches").json()["items"] == before


def test_a_form_with_a_file_is_read_too(world: Any) -> None:
    """multipart/form-data with the options beside the file; its name is the file's."""
    files = {"file": ("C:\\tables\\spring.csv", GOOD.encode("utf-8-sig"), "text/csv")}
    answer = world.ask("POST", PATH, files=files, data={"dry_run": "true"})
    assert answer.json()["valid"] is True
    answer = world.ask("POST", PATH, files=files)
    assert (answer.status_code, answer.json()["name"]) == (202, "spring.csv")
    for wrong in ({"other": ("x.csv", b"a")}, {"file": ("x.csv", b"a"), "more": ("y.csv", b"b")}):
        assert world.ask("POST", PATH, files=wrong).status_code == 422
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert world.ask("POST", PATH, content=b"--y\r\n", headers=broken).status_code == 422
    nameless = {"content-type": "multipart/form-data"}
    assert world.ask("POST", PATH, content=b"x", headers=nameless).status_code == 422


def test_a_repeated_upload_is_no_second_file(world: Any) -> None:
    """The same key and file give the same batch; another file under that key is refused."""
    key = uuid4().hex
    first, again = send(world, GOOD, key=key), send(world, GOOD, key=key)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    other = send(world, GOOD + "Third,,\n", key=key)
    assert (other.status_code, other.json()["error_code"]) == (422, "trigger.idempotency_mismatch")


def test_what_is_no_file_of_rows_is_refused(world: Any) -> None:
    """By its kind, its size, its bytes and its options, each with its own code."""
    assert send(world, b"{}", **{"content-type": "application/json"}).status_code == 415
    assert send(world, GOOD, **{"content-encoding": "gzip"}).status_code == 415
    assert send(world, b"a\n" + b"x" * (10 * 1024 * 1024)).status_code == 413
    assert "UTF-8" in send(world, "product_name\nä\n".encode("latin-1")).json()["detail"]
    for query, field in (
        ("?dry_run=perhaps", "dry_run"),
        ("?mapping=[]", "mapping"),
        ("?mapping={%22a%22:1}", "mapping"),
        ("?callback_url=http://10.0.0.1/", "callback_url"),
    ):
        answer = send(world, GOOD, query)
        assert (answer.status_code, answer.json()["invalid_field"]) == (422, field)
    nowhere = world.ask("POST", "/v1/workflows/nothing/rows", content=GOOD, headers=CSV)
    assert nowhere.status_code == 404


def test_cancel_and_retry(world: Any, stranger: str) -> None:
    """Cancelled rows start no more until somebody wants them again; strangers see nothing."""
    batch = send(world, GOOD).json()["id"]
    cancelled = world.ask("POST", f"/v1/batches/{batch}/cancel").json()
    assert (cancelled["status"], cancelled["pending"]) == ("cancelled", 0)
    again = world.ask("POST", f"/v1/batches/{batch}/retry").json()
    assert (again["status"], again["retried_rows"], again["cancelled_at"]) == ("running", 2, None)
    for method, path in (
        ("GET", ""),
        ("GET", "/rows"),
        ("GET", "/results.csv"),
        ("POST", "/cancel"),
        ("POST", "/retry"),
    ):
        assert world.ask(method, f"/v1/batches/{batch}{path}", stranger).status_code == 404
    service = world.key("caller", world.system.callers.create(_actor(world), f"c{uuid4().hex[:8]}").id)
    assert world.ask("GET", f"/v1/batches/{batch}", service).status_code == 404
    assert world.ask("GET", "/v1/batches", service).json()["items"] == []


def _actor(world: Any) -> Any:
    return world.system.keys.authenticate("owner-key-0123456789abcdef").acting()
