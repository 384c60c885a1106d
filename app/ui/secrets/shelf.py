"""What a form offers where a setting names a secret: those there are, and a new one for who may."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from app.ui.forms.spec import FormField
from app.ui.secrets.keep import Kept, keep_secret, suggested
from app.ui.visitor import Visitor


class SecretShelf:
    """The names of an organisation's secrets, as an open editor knows them.

    Attributes:
        address: Where the node that is edited sends its requests; the likely host of a new secret.
    """

    def __init__(self, visitor: Visitor, *, read_only: bool) -> None:
        self._visitor = visitor
        self.may_make = visitor.may("secrets.write") and not read_only
        self.names: tuple[str, ...] = ()
        self.address: Callable[[], str] = str

    async def load(self) -> None:
        """Read the names anew; none for who may not see them."""
        if self._visitor.may("secrets.read"):
            secrets = self._visitor.house.system.secrets
            self.names = tuple(sorted(await self._visitor.call(secrets.hosts, self._visitor.org_id)))

    async def make(self, chosen: Kept) -> None:
        """Let a new one be entered; ``chosen`` is told its name."""

        async def kept(name: str) -> None:
            await self.load()
            chosen(name)

        await keep_secret(self._visitor, kept, given=suggested(self.address()))


def with_shelf(fields: Iterable[FormField], shelf: Any) -> tuple[FormField, ...]:
    """The fields with the shelf at hand wherever a secret is named."""
    return tuple(
        replace(
            field,
            shelf=shelf if field.kind == "secret" else None,
            fields=with_shelf(field.fields, shelf),
        )
        for field in fields
    )
