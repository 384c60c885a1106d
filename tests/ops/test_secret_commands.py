"""`sakuga secret …` against a real database."""

import io

import pytest

from app.identity.secrets import Secrets
from app.identity.vault import Vault
from app.serve.admin import BadArgumentError
from app.serve.secrets import forget, keep, show
from app.store.callers import first_organisation
from app.store.database import Database

VALUE = "sk-canary-0123456789abcdef"


@pytest.fixture
def typed(monkeypatch):
    """What stands on the standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_secret_is_kept_rotated_listed_and_deleted(prepared, typed, capsys):
    """The value comes from the standard input and is printed nowhere; hosts stay unless others are named."""
    typed(VALUE + "\n")
    keep(name="crm", hosts=["api.crm.example"])
    typed("another-canary-value-9876")
    keep(name="crm", hosts=[])
    show()
    printed = capsys.readouterr()
    assert printed.out == "crm\tapi.crm.example\t…9876\n"
    assert "canary" not in printed.out + printed.err
    database = Database(prepared.database_url_resolved)
    with database.read() as connection:
        org_id = first_organisation(connection)
    secrets = Secrets(database, Vault(prepared.secret_key_resolved), lambda *_: [])
    assert secrets.opened(org_id, ["crm"])["crm"].value == "another-canary-value-9876"
    database.close()
    forget(name="crm")
    show()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "value", "hosts", "told"),
    [
        ("crm", "short", ["a.example"], "the value: must have 8 to 4000 characters"),
        ("crm", VALUE, [], "--host: must name 1 to 20 hosts"),
        ("crm", VALUE, ["https://a.example"], "--host: must be host or host:port"),
        ("C R M", VALUE, ["a.example"], "name: must be 1 to 60"),
    ],
)
@pytest.mark.usefixtures("prepared")
def test_what_cannot_be_kept_is_named(typed, name, value, hosts, told):
    """The argument at fault and what would be right, without the value."""
    typed(value)
    with pytest.raises(BadArgumentError) as caught:
        keep(name=name, hosts=hosts)
    assert str(caught.value).startswith(told)
    assert VALUE not in str(caught.value)


@pytest.mark.usefixtures("prepared")
def test_a_secret_that_is_not_there_cannot_be_deleted():
    """Told by its name."""
    with pytest.raises(BadArgumentError, match="there is no secret 'nothing'"):
        forget(name="nothing")
