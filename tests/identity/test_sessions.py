"""Sessions stand on keys and end with them (S8)."""

import time

from sqlalchemy import text, update

from app.identity.bootstrap import Bootstrap
from app.identity.keys import Keys
from app.identity.sessions import Sessions
from app.store.database import Database
from app.store.tables import session, sign_in_token


def key_of(db: Database, made: Bootstrap) -> str:
    identity = Keys(db).authenticate(made.api_key or "")
    assert identity is not None
    return identity.key_id


def test_a_session_is_its_keys_identity(db: Database, made: Bootstrap) -> None:
    """Each sign-in makes a new session, and only its hash is stored."""
    sessions = Sessions(db)
    first, second = sessions.open(key_of(db, made)), sessions.open(key_of(db, made))
    identity = sessions.read(first)
    assert first != second
    assert identity is not None
    assert identity.role == "owner"
    with db.read() as connection:
        assert first not in str(connection.execute(text("SELECT * FROM session")).all())


def test_odd_cookies_are_nobody(db: Database, made: Bootstrap) -> None:
    """Whatever a browser sends, the answer is a session or nobody."""
    for cookie in ("", "x", "ü", "x" * 10_000, "\x00"):
        assert Sessions(db).read(cookie) is None


def test_signing_out_ends_one_session(db: Database, made: Bootstrap) -> None:
    """Other sessions of the key go on."""
    sessions = Sessions(db)
    first, second = sessions.open(key_of(db, made)), sessions.open(key_of(db, made))
    sessions.close(first)
    assert sessions.read(first) is None
    assert sessions.read(second) is not None


def test_revoking_the_key_ends_its_sessions(db: Database, made: Bootstrap) -> None:
    """And uses up its sign-in links."""
    sessions, key_id = Sessions(db), key_of(db, made)
    cookie, link = sessions.open(key_id), sessions.offer(key_id)
    Keys(db).revoke(made.org_id, key_id)
    assert Sessions(db).read(cookie) is None
    assert Sessions(db).redeem(link) is None


def test_a_session_ends_by_itself(db: Database, made: Bootstrap) -> None:
    """After its life it is nobody's."""
    cookie = Sessions(db).open(key_of(db, made))
    with db.write() as connection:
        connection.execute(update(session).values(expires_at=time.time() - 1))
    assert Sessions(db).read(cookie) is None


def test_a_sign_in_link_works_once(db: Database, made: Bootstrap) -> None:
    """The second time, an old one and an invented one give nothing."""
    sessions = Sessions(db)
    cookie = sessions.redeem(made.token)
    assert cookie is not None
    assert sessions.read(cookie) is not None
    assert sessions.redeem(made.token) is None
    assert sessions.redeem("invented") is None
    old = sessions.offer(key_of(db, made))
    with db.write() as connection:
        connection.execute(update(sign_in_token).values(expires_at=time.time() - 1))
    assert sessions.redeem(old) is None
