"""Keys are shown once, stored as hashes, and end everywhere within a second (S13)."""

import base64
import hashlib
import re
import time

import pytest
from sqlalchemy import text

from app.identity.bootstrap import Bootstrap
from app.identity.errors import InvalidError, UnknownError
from app.identity.keys import Keys, generate
from app.store.callers import first_organisation, list_all
from app.store.database import Database


@pytest.fixture
def caller_id(db: Database, made: Bootstrap) -> str:
    with db.read() as connection:
        return list_all(connection, made.org_id)[0].id


def test_a_key_is_recognisable_and_random() -> None:
    """Prefix, 160 random bits, and a checksum that scanners can verify."""
    keys = {generate() for _ in range(200)}
    assert len(keys) == 200
    for key in keys:
        assert re.fullmatch(r"sk_[a-z2-7]{38}", key)
        body, check = key[3:35], key[35:]
        digest = hashlib.sha256(body.encode()).digest()
        assert check == base64.b32encode(digest).decode().lower()[:6]


def test_only_the_hash_is_stored(db: Database, made: Bootstrap, caller_id: str) -> None:
    """The plain key is nowhere in the database."""
    plain = Keys(db).create(made.org_id, caller_id, "caller", "shop").plain
    with db.read() as connection:
        rows = str(connection.execute(text("SELECT * FROM api_key")).all())
        rows += str(connection.execute(text("SELECT * FROM audit")).all())
    assert plain not in rows
    assert plain[3:] not in rows


def test_a_key_says_who_and_what(db: Database, made: Bootstrap, caller_id: str) -> None:
    """The identity names organisation, caller, role and label."""
    key_id, plain = Keys(db).create(made.org_id, caller_id, "operator", "night shift")
    identity = Keys(db).authenticate(plain)
    assert identity is not None
    assert (identity.org_id, identity.caller, identity.role) == (made.org_id, "default", "operator")
    assert identity.actor == f"night shift ({key_id})"
    assert "runs.cancel" in identity.scopes


def test_what_is_no_key_is_nobody(db: Database, made: Bootstrap) -> None:
    """Unknown, odd, short, long and expired keys are all the same: nobody."""
    keys = Keys(db)
    for plain in ("", "x", "sk_" + "a" * 38, "ü" * 30, "x" * 300, " " * 30, "\x00" * 30):
        assert keys.authenticate(plain) is None


def test_an_expired_key_is_nobody(db: Database, made: Bootstrap, caller_id: str) -> None:
    """The moment of expiry counts."""
    plain = Keys(db).create(made.org_id, caller_id, "caller", "", expires_at=time.time() - 1).plain
    assert Keys(db).authenticate(plain) is None


def test_a_revocation_reaches_every_process(db: Database, made: Bootstrap, caller_id: str) -> None:
    """Another process that knew the key forgets it within a second."""
    here, there = Keys(db), Keys(db)
    key_id, plain = here.create(made.org_id, caller_id, "caller", "")
    assert there.authenticate(plain) is not None
    here.revoke(made.org_id, key_id)
    revoked_at = time.monotonic()
    assert here.authenticate(plain) is None
    while there.authenticate(plain) is not None:
        assert time.monotonic() - revoked_at < 1.0


def test_a_key_of_another_organisation_is_out_of_reach(db: Database, made: Bootstrap, caller_id: str) -> None:
    """Revoking by id works inside the organisation only."""
    key_id, _ = Keys(db).create(made.org_id, caller_id, "caller", "")
    with pytest.raises(UnknownError):
        Keys(db).revoke("org_other", key_id)


@pytest.mark.parametrize(
    ("role", "plain"),
    [("king", None), ("", None), ("owner", "short"), ("owner", "with blank " * 3), ("owner", "ü" * 30)],
)
def test_bad_keys_are_not_made(
    db: Database, made: Bootstrap, caller_id: str, role: str, plain: str | None
) -> None:
    """Unknown roles and unusable plain texts are named."""
    with pytest.raises(InvalidError):
        Keys(db).create(made.org_id, caller_id, role, "", plain)


def test_the_last_use_is_noted(db: Database, made: Bootstrap, caller_id: str) -> None:
    """Once in a while, not at each request."""
    key_id, plain = Keys(db).create(made.org_id, caller_id, "caller", "")
    Keys(db).authenticate(plain)
    Keys(db).authenticate(plain)
    with db.read() as connection:
        assert first_organisation(connection) == made.org_id
        query = text("SELECT last_used_at FROM api_key WHERE id = :id")
        assert connection.execute(query, {"id": key_id}).scalar_one() > time.time() - 60
