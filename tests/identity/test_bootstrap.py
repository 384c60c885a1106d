"""The first start makes what is needed once, however many processes start at once (contract §1)."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from app.identity.bootstrap import ensure
from app.identity.callers import Callers
from app.identity.keys import Keys
from app.identity.sessions import Sessions
from app.identity.vault import Vault
from app.settings import Settings
from app.store.database import Database

KEY, SECRET = "given-key-0123456789-abcdef", "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"


def count(db: Database, table: str) -> int:
    with db.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_the_key_is_told_once_and_a_link_each_time(db: Database, settings: Settings, vault: Vault) -> None:
    """Later starts know the organisation and say nothing of the key."""
    first, second = ensure(db, settings, vault), ensure(db, settings, vault)
    assert first.created
    assert not second.created
    assert second.api_key is None
    assert Keys(db).authenticate(first.api_key or "") is not None
    assert Sessions(db).redeem(second.token)
    assert [count(db, table) for table in ("organisation", "project", "caller", "api_key")] == [1, 1, 1, 1]


def test_a_given_key_and_secret_are_taken(db: Database, settings: Settings, vault: Vault) -> None:
    """They belong to the owner and to the caller default."""
    given = settings.model_copy(update={"bootstrap_key": KEY, "bootstrap_webhook_secret": SECRET})
    made = ensure(db, given, vault)
    identity = Keys(db).authenticate(KEY)
    assert made.api_key == KEY
    assert identity is not None
    assert (identity.role, identity.caller) == ("owner", "default")
    assert Callers(db, vault).secrets(identity.caller_id) == (SECRET,)


def test_many_processes_make_one_organisation(db: Database, settings: Settings, vault: Vault) -> None:
    """Eight at once: one creates, all get a link."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ensure(db, settings, vault), range(8)))
    assert sum(each.created for each in found) == 1
    assert len({each.org_id for each in found}) == 1
    assert len({each.token for each in found}) == 8
    assert count(db, "api_key") == 1


def test_an_owner_who_revoked_every_key_gets_in_again(db: Database, settings: Settings, vault: Vault) -> None:
    """The person at the machine is its owner: the next start makes and tells a new key."""
    first = ensure(db, settings, vault)
    identity = Keys(db).authenticate(first.api_key or "")
    assert identity is not None
    Keys(db).revoke(first.org_id, identity.key_id)
    again = ensure(db, settings, vault)
    assert not again.created
    assert Keys(db).authenticate(again.api_key or "") is not None
