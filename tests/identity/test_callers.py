"""Callers keep their signing secrets sealed, and two of them sign while one rotates (contract §5)."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import text, update

from app.identity.bootstrap import Bootstrap
from app.identity.callers import Callers, new_secret
from app.identity.errors import InvalidError, TakenError, UnknownError
from app.identity.vault import Vault
from app.store.audit import Actor
from app.store.database import Database
from app.store.tables import caller


@pytest.fixture
def callers(db: Database, vault: Vault) -> Callers:
    return Callers(db, vault)


@pytest.fixture
def by(made: Bootstrap) -> Actor:
    return Actor(made.org_id, "tests")


def test_each_caller_has_its_own_sealed_secret(callers: Callers, by: Actor, db: Database) -> None:
    """The database shows none of it."""
    one, two = callers.create(by, "one"), callers.create(by, "two")
    assert one.secrets != two.secrets
    with db.read() as connection:
        stored = str(connection.execute(text("SELECT * FROM caller")).all())
        stored += str(connection.execute(text("SELECT * FROM audit")).all())
    for each in (*one.secrets, *two.secrets):
        assert each not in stored
        assert each.removeprefix("whsec_") not in stored


def test_two_secrets_sign_for_a_day(callers: Callers, by: Actor, db: Database) -> None:
    """The new one first; when the day is over, the new one alone; a third rotation drops the first."""
    first = callers.create(by, "shop").secrets[0]
    turned = callers.rotate(by, "shop")
    assert turned.secrets[1:] == (first,)
    assert turned.rotating_until == pytest.approx(time.time() + 86_400, abs=60)
    assert callers.secrets(turned.id) == turned.secrets
    again = callers.rotate(by, "shop")
    assert again.secrets[1:] == turned.secrets[:1]
    with db.write() as connection:
        past = '{"rotating_until": 1.0}'
        connection.execute(update(caller).where(caller.c.id == again.id).values(settings=past))
    assert callers.find(by.org_id, "shop").secrets == again.secrets[:1]


def test_settings_survive_a_rotation(callers: Callers, by: Actor) -> None:
    """And a rotation survives settings."""
    callers.create(by, "shop")
    callers.configure(by, "shop", {"require_signature": True})
    assert callers.rotate(by, "shop").settings.require_signature
    assert len(callers.configure(by, "shop", {}).secrets) == 2


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda callers, by: callers.create(by, "Bad Name"), "name"),
        (lambda callers, by: callers.create(by, ""), "name"),
        (lambda callers, by: callers.create(by, "x" * 81), "name"),
        (lambda callers, by: callers.create(by, "good", "secret"), "secret"),
        (lambda callers, by: callers.create(by, "good", "whsec_c2hvcnQ="), "secret"),
        (lambda callers, by: callers.configure(by, "default", {"color": 1}), "settings.color"),
        (
            lambda callers, by: callers.configure(by, "default", {"require_signature": "yes"}),
            "settings.require_signature",
        ),
    ],
)
def test_what_cannot_be_used_is_named(
    callers: Callers, by: Actor, act: Callable[[Callers, Actor], object], field: str
) -> None:
    """The field, and what would be right."""
    with pytest.raises(InvalidError) as refused:
        act(callers, by)
    assert refused.value.field == field


def test_names_are_taken_and_foreign_callers_unknown(callers: Callers, by: Actor) -> None:
    """One name, one caller in an organisation; others do not see it."""
    made = callers.create(by, "shop", new_secret())
    with pytest.raises(TakenError):
        callers.create(by, "shop")
    with pytest.raises(UnknownError):
        callers.find("org_other", made.id)
    assert callers.secrets("cal_unknown") == ()
