"""Who looks at a page, and what they may do: asked again at every act (S7, S8)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Concatenate, ParamSpec, TypeVar, cast

from nicegui import run, ui
from sqlalchemy import Connection
from starlette.requests import Request

from app.api.context import call_in
from app.identity.roles import Identity, allowed
from app.store.audit import Actor
from app.store.runs import Scope
from app.ui.command.entries import Command
from app.ui.house import House
from app.ui.lang.say import t
from app.ui.live import Callback, Changed
from app.ui.theme import Theme, chosen
from app.ui.words import ROLE_NAMES

T = TypeVar("T")
P = ParamSpec("P")


class RefusedError(Exception):
    """The visitor is no longer signed in, or may not do this; the page has been told."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in browser: its identity when the page was built, and the session that is read again."""

    house: House
    identity: Identity
    session: str
    theme: Theme
    on_theme: list[Callable[[Theme], Awaitable[None]]] = field(default_factory=list)
    # what the parts of the page add to its command palette, asked each time it opens
    commands: list[Callable[[], list[Command]]] = field(default_factory=list)

    @classmethod
    def of(cls, house: House, request: Request) -> "Visitor":
        """The visitor of a request that passed the guard."""
        state = request.state
        # what the page does later, over its socket, is traced to the request that opened it
        request_id = call_in(request.scope).request_id
        identity = replace(state.identity, request_id=request_id)
        return cls(house, identity, state.session, chosen(request.cookies))

    @property
    def org_id(self) -> str:
        return self.identity.org_id

    @property
    def scope(self) -> Scope:
        return self.identity.scope

    @property
    def actor(self) -> Actor:
        return self.identity.acting()

    def may(self, action: str) -> bool:
        """Whether to offer an act at all; ``require`` decides when it happens."""
        return allowed(self.identity, action)

    async def require(self, action: str) -> Identity:
        """The identity as it is now.

        Raises:
            RefusedError: Signed out, revoked, or the role does not allow it; the visitor has been told.
        """
        current = await run.io_bound(self.house.system.sessions.read, self.session)
        if current is None or current.org_id != self.org_id:
            ui.navigate.to("/login")
            raise RefusedError("signed out")
        if not allowed(current, action):
            ui.notify(
                t(
                    "Your role ({role}) does not allow this.",
                    role=t(ROLE_NAMES.get(current.role, current.role)),
                )
            )
            raise RefusedError(action)
        return replace(current, request_id=self.identity.request_id)

    def follow(self, callback: Callback) -> None:
        """Keep the page being built current, as long as its visitor stays signed in."""

        async def update(changed: Changed) -> None:
            current = await run.io_bound(self.house.system.sessions.read, self.session)
            if current is None or current.org_id != self.org_id:
                ui.navigate.to("/login")
            else:
                await callback(changed)

        self.house.pulse.follow(update)

    async def call(self, work: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Run blocking work of a service in a thread."""
        return cast("T", await run.io_bound(lambda: work(*args, **options)))

    async def read(
        self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **options: P.kwargs
    ) -> T:
        """Run a store query on one read connection, in a thread."""

        def work() -> T:
            with self.house.db.read() as connection:
                return query(connection, *args, **options)

        return cast("T", await run.io_bound(work))
