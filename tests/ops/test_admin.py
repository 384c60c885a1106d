"""`sakuga key create` and `sakuga user create` against a real database."""

import pytest

from app.identity.callers import Callers
from app.identity.keys import Keys
from app.identity.sessions import Sessions
from app.identity.vault import Vault
from app.serve.admin import BadArgumentError, create_key, create_user
from app.store import audit, keys
from app.store.callers import first_organisation
from app.store.database import Database


@pytest.fixture
def database(prepared):
    made = Database(prepared.database_url_resolved)
    yield made
    made.close()


def person(database, printed):
    """Who the link in a command's output signs in."""
    token = printed.strip().partition("/login?token=")[2]
    cookie = Sessions(database).redeem(token)
    return Sessions(database).read(cookie) if cookie else None


def test_a_key_may_trigger_and_nothing_else(database, capsys):
    """The key alone is on the standard output; it works at once, with the role of a requesting service."""
    create_key(name="shop", caller="default")
    plain = capsys.readouterr().out.strip()
    identity = Keys(database).authenticate(plain)
    assert (identity.caller, identity.role, identity.label) == ("default", "caller", "shop")
    assert "runs.trigger" in identity.scopes
    assert "workflows.write" not in identity.scopes


def test_a_new_caller_is_made_with_its_secret(database, prepared, capsys):
    """A caller that does not exist is made and said; the secret shown is the one that signs."""
    create_key(name="shop", caller="shop-prod")
    printed = capsys.readouterr()
    identity = Keys(database).authenticate(printed.out.strip())
    assert identity.caller == "shop-prod"
    callers = Callers(database, Vault(prepared.secret_key_resolved))
    assert callers.secrets(identity.caller_id)[0] in printed.err
    create_key(name="second", caller="shop-prod")
    assert "whsec_" not in capsys.readouterr().err


def test_a_person_signs_in_once_by_the_link(database, capsys):
    """The link opens one session with the role asked for; a second use of it does nothing."""
    create_user(email="Anna@Example.com", role="editor")
    printed = capsys.readouterr().out
    identity = person(database, printed)
    assert (identity.role, identity.label) == ("editor", "anna@example.com")
    assert person(database, printed) is None


def test_the_same_person_again_gets_another_link_and_the_new_role(database, capsys):
    """One living key for each address: a changed role ends the key before it, sessions included."""
    roles = ("editor", "editor", "viewer")
    links = []
    for role in roles:
        create_user(email="anna@example.com", role=role)
        links.append(capsys.readouterr().out)
    assert person(database, links[0]) is None
    assert person(database, links[2]).role == "viewer"
    with database.read() as connection:
        held = keys.list_all(connection, first_organisation(connection))
    mine = [each.key for each in held if each.key.label == "anna@example.com"]
    assert sorted(key.revoked_at is None for key in mine) == [False, True]


def test_what_was_given_is_in_the_audit_log(database, capsys):
    """Access given at the command line leaves an entry that says so (S125)."""
    create_user(email="anna@example.com", role="owner")
    with database.read() as connection:
        newest = audit.list_page(connection, first_organisation(connection)).items[0]
    assert (newest.action, newest.actor) == ("key.create", "command line")
    assert "anna@example.com" in newest.detail


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: create_key(name=" ", caller="default"), "name"),
        (lambda: create_key(name="a\nb", caller="default"), "name"),
        (lambda: create_key(name="shop", caller="Shop Prod"), "--caller"),
        (lambda: create_user(email="anna", role="editor"), "email"),
        (lambda: create_user(email="anna@example.com\x1b[2J", role="editor"), "email"),
        (lambda: create_user(email="anna@example.com", role="caller"), "--role"),
        (lambda: create_user(email="anna@example.com", role="king"), "--role"),
    ],
)
def test_a_bad_argument_is_named(make, named):
    """One line says which argument is wrong and what would be right."""
    with pytest.raises(BadArgumentError) as caught:
        make()
    assert caught.value.argument == named
    assert caught.value.exit_code == 2
    assert str(caught.value).isprintable()
