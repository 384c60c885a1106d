"""Secrets in the engine: sent to their hosts at the last moment, in no row, and refused with a reason."""

import asyncio
import base64
import json

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.engine.secret_web import SecretKeeper, SecretWeb
from app.engine.web import NodeWeb
from app.store import tables
from app.store.audit import Actor
from graphs.errors import TransientError
from graphs.web import SecretHeader, WebError, WebRequest
from tests.support.receiver import Receiver
from tests.support.rig import ORG
from tests.support.site import graph, link, node

VALUE = "sk-canary-0123456789abcdef"
ACTOR = Actor(ORG, "tests")
HEADER = {"name": "Authorization", "value": "Bearer", "secret": "crm"}


def asking(receiver, **settings):
    """A request with the secret, and a probe that is given whatever came back."""
    nodes = [
        node("input", "webhook_input", fields=[{"name": "kind", "type": "string"}]),
        node("ask", "http_request", method="POST", url=receiver.url, headers=[HEADER], **settings),
        node("after", "probe"),
    ]
    return graph(nodes, [link("ask.text", "after.a")])


def everything(r):
    """Every row of every table as text."""
    with r.db.read() as connection:
        tables_of = tables.metadata.sorted_tables
        return [str(tuple(row)) for table in tables_of for row in connection.execute(select(table))]


def failed(r, run_id):
    """Code and field of a run's error; it was tried once."""
    error = json.loads(r.run(run_id).error)
    assert r.run(run_id).status == "failed"
    return error["error_code"], error["invalid_field"]


@pytest.mark.parametrize("status", [200, 400, 503])
def test_a_value_is_sent_and_in_no_row(rig, status):
    """The receiver gets it; steps, attempts, errors and callbacks hold its name where it was repeated."""
    headers = {"x-echo": VALUE, "retry-after": VALUE}
    body = json.dumps({"you": f"Bearer {VALUE}"}).encode()
    with Receiver([(status, headers, body)]) as receiver, Receiver() as caller:
        r = rig(graph=asking(receiver))
        r.secrets.create(ACTOR, "crm", VALUE, [receiver.address])
        run_id = r.start(inputs={"kind": "x"}, callback_url=caller.url)
        r.run_dry()
    assert {got.headers["authorization"] for got in receiver.got} == {f"Bearer {VALUE}"}
    assert len(receiver.got) == (4 if status == 503 else 1)
    kept = [*everything(r), *(got.body.decode() for got in caller.got)]
    assert not [each for each in kept if VALUE in each]
    if status == 200:
        assert json.loads(r.steps(run_id)["ask"].outputs)["text"] == '{"you": "Bearer (secret crm)"}'


def test_a_rotation_holds_for_the_next_request(rig):
    """A run that waits for its second try sends the new value; the same run has sent the old one."""
    with Receiver([503, (200, {}, b"{}")]) as receiver:
        r = rig(graph=asking(receiver))
        r.secrets.create(ACTOR, "crm", VALUE, [receiver.address])
        run_id = r.start(inputs={"kind": "x"})
        while r.turn():
            pass
        r.secrets.change(ACTOR, "crm", "another-value-1234")
        r.run_dry()
    assert r.run(run_id).status == "succeeded"
    sent = [got.headers["authorization"] for got in receiver.got]
    assert sent == [f"Bearer {VALUE}", "Bearer another-value-1234"]


def test_what_may_not_be_sent_is_not(rig):
    """Another host, a name that is gone, a value that cannot be opened: told, and nothing is sent."""
    with Receiver() as receiver:
        r = rig(graph=asking(receiver))
        start = lambda: r.start(inputs={"kind": "x"})  # noqa: E731
        missing = start()
        r.run_dry()
        assert failed(r, missing) == ("node.secret_missing", "headers[0].secret")
        r.secrets.create(ACTOR, "crm", VALUE, ["api.crm.example"])
        elsewhere = start()
        r.run_dry()
        assert failed(r, elsewhere) == ("node.secret_refused", "headers[0].secret")
        with r.db.write() as connection:
            connection.execute(update(tables.secret).values(sealed="v1.00000000.AAAA"))
        sealed = start()
        r.run_dry()
        assert failed(r, sealed) == ("node.secret_unreadable", None)
    assert receiver.got == []
    assert [len(r.attempts(each)) for each in (missing, elsewhere, sealed)] == [1, 1, 1]


def test_an_address_from_the_data_cannot_lead_a_secret_away(rig):
    """Whoever triggers chooses the address, but never where a secret goes."""
    with Receiver() as receiver, Receiver() as mine:
        graph_of = asking(receiver)
        graph_of["nodes"][1]["settings"]["url"] = "{{kind}}"
        graph_of["links"].append(link("input.kind", "ask.kind"))
        r = rig(graph=graph_of)
        r.secrets.create(ACTOR, "crm", VALUE, [receiver.address])
        run_id = r.start(inputs={"kind": mine.url}, callback_url=None)
        r.run_dry()
    assert failed(r, run_id)[0] == "node.secret_refused"
    assert mine.got == []


def test_organisations_have_their_own(rig):
    """A secret of one organisation is not there for another."""
    with Receiver() as receiver:
        r = rig(graph=asking(receiver))
        with r.db.write() as connection:
            connection.execute(tables.organisation.insert().values(id="org_2", name="Other", created_at=0))
        r.secrets.create(Actor("org_2", "tests"), "crm", VALUE, [receiver.address])
        run_id = r.start(inputs={"kind": "x"})
        r.run_dry()
    assert failed(r, run_id)[0] == "node.secret_missing"


def test_a_door_without_keys_sends_nothing():
    """Where nobody looks secrets up, a request that names one does not leave without it."""
    secret = SecretHeader("authorization", "Bearer ", "crm")
    with Receiver() as receiver:
        web = NodeWeb(Egress(EgressPolicy.of(("127.0.0.0/8",))))
        request = WebRequest("POST", receiver.url, {}, b"", 5, 1, (secret,))
        with pytest.raises(WebError, match="not at hand"):
            asyncio.run(web.request(request))
    assert receiver.got == []


def test_a_user_with_a_password_is_encoded_for_basic(rig):
    """RFC 7617 wants Base64; people keep what they know, and neither form comes back."""
    secret = "anna:pass-word-1234"
    encoded = base64.b64encode(secret.encode()).decode()
    with Receiver([(200, {}, f'"you sent Basic {encoded}, that is {secret}"'.encode())]) as receiver:
        document = asking(receiver)
        document["nodes"][1]["settings"]["headers"] = [{**HEADER, "value": "Basic"}]
        r = rig(graph=document)
        r.secrets.create(ACTOR, "crm", secret, [receiver.address])
        run_id = r.start(inputs={"kind": "x"})
        r.run_dry()
    assert receiver.got[0].headers["authorization"] == f"Basic {encoded}"
    outputs = r.steps(run_id)["ask"].outputs
    assert json.loads(outputs)["payload"].startswith("you sent Basic (secret crm)")
    assert secret not in outputs
    assert encoded[:-2] not in outputs


def test_a_database_that_is_away_is_waited_for():
    """Not being able to read a secret is no fault of the workflow: another try is made."""

    def away(_org_id, _names):
        raise OperationalError("SELECT", {}, Exception("gone"))

    web = SecretWeb(NodeWeb(Egress(EgressPolicy())), SecretKeeper(away, EgressPolicy()), ORG)
    secret = SecretHeader("authorization", "Bearer ", "crm")
    request = WebRequest("GET", "https://api.crm.example/", {}, None, 5, 1, (secret,))
    with pytest.raises(TransientError, match="the database is away"):
        asyncio.run(web.request(request))
