"""`sakuga secret …`: keys of workflows, for whoever holds the database; a value is read, never printed."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import nodes
from app.identity.errors import IdentityError, InvalidError, UnknownError
from app.identity.secrets import InUseError, Secrets
from app.identity.vault import Vault
from app.serve.admin import BadArgumentError
from app.serve.local import Local, opened
from app.workflows.secret_uses import SecretUses
from graphs.catalogue import discover

_LONGEST = 8_192
_OPTIONS = {"name": "name", "value": "the value", "hosts": "--host"}


def keep(*, name: str, hosts: list[str]) -> None:
    """Add a secret, or give one a new value; without hosts those of before stay.

    The value comes from the standard input, or is asked for without being shown: arguments of a command are
    seen by everybody on the machine.

    Raises:
        OperatorError: An argument or the value cannot be used, or there is no database.
    """
    value = _typed()
    with _secrets() as (local, secrets):
        try:
            secrets.change(local.actor, name, value, hosts or None)
        except UnknownError:
            secrets.create(local.actor, name, value, hosts)
    sys.stderr.write(f"kept the secret {name}; the next request sends it\n")


def show() -> None:
    """Print names, hosts and when the values were entered, one secret a line."""
    with _secrets() as (local, secrets):
        for each in secrets.all(local.org_id):
            ending = f"…{each.ending}" if each.ending else "…"
            sys.stdout.write(f"{each.name}\t{','.join(each.hosts)}\t{ending}\n")


def forget(*, name: str) -> None:
    """Delete a secret that no published workflow sends.

    Raises:
        OperatorError: There is none, or it is in use.
    """
    with _secrets() as (local, secrets):
        secrets.remove(local.actor, name)


@contextmanager
def _secrets() -> Iterator[tuple[Local, Secrets]]:
    with opened() as local:
        vault = Vault(local.settings.secret_key_resolved)
        try:
            yield local, Secrets(local.db, vault, SecretUses(discover(nodes)))
        except InvalidError as error:
            field = error.field.partition(".")[0]
            raise BadArgumentError(_OPTIONS.get(field, field), error.reason) from None
        except (IdentityError, InUseError) as error:
            raise BadArgumentError("name", str(error)) from None


def _typed() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Value: ").strip()
    return sys.stdin.read(_LONGEST).strip()
