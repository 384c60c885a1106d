"""`sakuga key create` and `sakuga user create`: access given by whoever holds the database (contract §1)."""

import re
import sys

from app.identity.callers import Callers
from app.identity.errors import IdentityError, UnknownError
from app.identity.keys import Keys
from app.identity.roles import ROLES
from app.identity.sessions import TOKEN_LIFETIME, Sessions
from app.identity.vault import Vault
from app.serve.errors import OperatorError
from app.serve.local import ACTOR, Local, opened
from app.store import callers as caller_rows
from app.store import keys as key_rows
from app.store.keys import KeyRow

PEOPLE = tuple(role for role in ROLES if role != "caller")
_EMAIL = re.compile(r"[^\s@,;<>]{1,64}@[^\s@,;<>]{1,180}\.[^\s@,;<>.]{2,63}")
_LONGEST_LABEL = 200


class BadArgumentError(OperatorError):
    """An argument cannot be used; the text names it and says what would be right."""

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(f"{argument}: {reason}")
        self.argument = argument


def create_key(*, name: str, caller: str) -> None:
    """Print a new API key that may trigger workflows and see its own runs, nothing else.

    The key alone goes to the standard output. A caller that does not exist yet is made, with its own signing
    secret, which is printed beside it.

    Raises:
        OperatorError: An argument cannot be used, or there is no database.
    """
    if not name.strip() or len(name) > _LONGEST_LABEL or not name.isprintable():
        raise BadArgumentError("name", f"must be 1 to {_LONGEST_LABEL} printable characters")
    with opened() as local:
        try:
            caller_id = _caller(local, caller)
        except IdentityError as error:
            raise BadArgumentError("--caller", str(error)) from error
        plain = Keys(local.db).create(local.org_id, caller_id, "caller", name, actor=ACTOR).plain
    sys.stderr.write(f"API key of the caller {caller}, shown only now:\n")
    sys.stdout.write(plain + "\n")


def create_user(*, email: str, role: str) -> None:
    """Print a sign-in link for a person; again for the same address: another link, and the new role.

    A person is an API key labelled with the address whose plain text nobody knows; sessions stand on it and
    end with it.

    Raises:
        OperatorError: An argument cannot be used, or there is no database.
    """
    email = email.strip().lower()
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise BadArgumentError("email", f"{email[:100]!a} is not an e-mail address")
    if role not in PEOPLE:
        raise BadArgumentError("--role", f"must be one of {', '.join(PEOPLE)}")
    with opened() as local:
        key_id = _person(local, email, role)
        link = f"{local.settings.public_url}/login?token={Sessions(local.db).offer(key_id)}"
    hours = f"{TOKEN_LIFETIME / 3600:g}"
    sys.stderr.write(f"{email} is {role}; this link signs in once, within {hours} hours:\n")
    sys.stdout.write(link + "\n")


def _caller(local: Local, name: str) -> str:
    callers = Callers(local.db, Vault(local.settings.secret_key_resolved))
    try:
        return callers.find(local.org_id, name).id
    except UnknownError:
        made = callers.create(local.actor, name)
    sys.stderr.write(
        f"made the caller {name}; its callbacks are signed with this, shown only now:\n{made.secrets[0]}\n"
    )
    return made.id


def _person(local: Local, email: str, role: str) -> str:
    """The id of the one living key of an address with this role; others of the address are revoked."""
    keys, kept = Keys(local.db), ""
    for key in _keys_of(local, email):
        if key.role == role and not kept:
            kept = key.id
        else:
            keys.revoke(local.org_id, key.id, actor=ACTOR)
    return kept or keys.create(local.org_id, _default_caller(local), role, email, actor=ACTOR).id


def _keys_of(local: Local, email: str) -> list[KeyRow]:
    with local.db.read() as connection:
        held = key_rows.list_all(connection, local.org_id)
    living = [each.key for each in held if each.key.revoked_at is None and each.key.expires_at is None]
    return [key for key in living if key.label == email]


def _default_caller(local: Local) -> str:
    with local.db.read() as connection:
        caller = caller_rows.find(connection, local.org_id, "default")
    if caller is None:
        raise BadArgumentError("email", "there is no caller 'default' for people's keys to belong to")
    return caller.id
