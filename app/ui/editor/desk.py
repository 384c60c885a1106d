"""The state of one open editor: document, judgement, saving, company. The parts of the page hang on it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from nicegui import Client, ui

from app.store.workflows import VersionRow, WorkflowRow
from app.ui.canvas.element import GraphCanvas
from app.ui.editor.delay import Delayed
from app.ui.editor.judged import JsonProblem, Judged, judge, told_problems
from app.ui.editor.model import Document, PatchError
from app.ui.editor.offers import Offering, services_of
from app.ui.editor.presence import Presence
from app.ui.editor.sessions import EditorSession
from app.ui.editor.states import PublishState, counted_state
from app.ui.editor.syncing import Sync
from app.ui.lang.heard import heard
from app.ui.lang.nodes import spoken_sockets, spoken_types
from app.ui.lang.say import current, said, t, use
from app.ui.secrets.shelf import SecretShelf
from app.ui.visitor import RefusedError, Visitor
from app.workflows.errors import WorkflowError
from app.workflows.lost import Place
from graphs.delta import delta
from graphs.errors import GraphError

# changes come as whole gestures: there is nothing to wait for, and what comes meanwhile is judged after
JUDGE_SECONDS = 0.0
# lets what was told leave for the browser before the panels, which take longer, are drawn
_BREATH_SECONDS = 0.005
SAVE_SECONDS = 0.6
MOST_BADGES = 2_000
Watcher = Callable[[], Awaitable[None] | None]


class Desk:
    """One tab's work on a draft."""

    def __init__(
        self,
        visitor: Visitor,
        row: WorkflowRow,
        document: Document,
        revision: int,
        version: VersionRow | None,
    ) -> None:
        self.visitor = visitor
        self.row = row
        self.version = version
        self.read_only = not visitor.may("workflows.write") or row.archived_at is not None
        self.types = spoken_types(visitor.house.system.catalogue.describe())
        self.language = current()
        self.session = EditorSession(document, self._changed, self._gap)
        self.session.on_remote = self._show_remote
        self.sync = Sync(visitor, row, self.session, document, revision)
        self.judged = Judged([], {})
        self.state = PublishState(version.number if version else 0, changed=True)
        self.services: Mapping[str, Offering] = visitor.house.system.providers
        self.secrets = SecretShelf(visitor, read_only=self.read_only)
        self.saved = "Saved"
        self._pinned: frozenset[str] = frozenset()
        self.canvas: GraphCanvas | None = None
        self.watchers: list[Watcher] = []
        self._client: Client = ui.context.client
        # other workflows that nodes may call, as they were when the page opened
        self.callable_slugs: tuple[str, ...] = ()
        # published for the first time while this page is open, until somebody has read what comes next
        self.first_published = False
        self._judging = Delayed(self._judge, JUDGE_SECONDS)
        self._saving = Delayed(self._save, SAVE_SECONDS)
        self._pulling = Delayed(self._pull, 0.0)
        self._telling = Delayed(self._tell, 0.0)
        visitor.house.editors.add(self.session, visitor.session, row.id, self._saving.now)
        who = (visitor.identity.label or visitor.identity.caller, visitor.identity.key_id)
        self.presence = Presence(
            visitor.house.rooms,
            f"{visitor.org_id}/{row.slug}",
            who,
            changed=self._company,
            stored=self._stored,
            beat=self._pulling.soon,
        )
        self._client.on_delete(self.close)

    @property
    def document(self) -> Document:
        return self.session.document

    @property
    def client(self) -> Client:
        """The tab."""
        return self._client

    def tell(self, words: str) -> None:
        """Say something in the page itself: what was clicked may be drawn anew by then."""
        with self._client:
            ui.notify(words)

    @property
    def closed(self) -> bool:
        """Whether the tab is gone."""
        return self._client.is_deleted

    @property
    def slug(self) -> str:
        return self.row.slug

    @property
    def name(self) -> str:
        return str(self.document.get("name") or self.slug)

    def title_of(self, node: Mapping[str, Any]) -> str:
        """What the card of a node says."""
        usual = next((each["title"] for each in self.types if each["type"] == node["type"]), "")
        return str(node.get("title") or usual or node["id"])

    def told(self) -> list[JsonProblem]:
        """The problems in the language of the page, each with its node called by name."""
        with use(self.language):
            return told_problems(self.judged.problems, self.document, self.types)

    def _spoken(self, sockets: Any) -> Any:
        with use(self.language):
            return spoken_sockets(sockets)

    async def patch(self, patch: Any) -> None:
        """Take in a change from the canvas."""
        if self.read_only:
            return
        try:
            await self.session.receive(patch)
        except PatchError as error:
            ui.notify(t("A change was not understood: {error}", error=heard(error)))

    async def edit(self, document: Document) -> None:
        """Replace the document from the page; the canvas keeps what it shows (name, description)."""
        self.session.document = document
        await self._changed(self.session)

    async def amend(self, document: Document) -> None:
        """Change the document from the page as one gesture: the canvas shows it, and undo takes it back."""
        change = delta(self.document, document)
        head = change.pop("head", None)
        if change and self.canvas is not None:
            self.canvas.apply(change)
        if head:
            await self.edit({**self.document, **head})

    async def flush(self) -> bool:
        """Judge and save what is pending now; says whether everything is stored."""
        if self.canvas is not None:
            with suppress(TimeoutError):  # a gesture of the last moments may still be on its way
                await self.canvas.run_method("flush", timeout=3)
        await self._judging.now()
        await self._saving.now()
        return self.saved == "Saved"

    async def choose(self, place: Place, *, mine: bool) -> None:
        """Decide between an edit of this tab and the one that was stored before it."""
        document = await self.sync.choose(place, mine=mine)
        if document is not None:
            await self.amend(document)
        await self._tell()

    async def reread(self) -> None:
        """Read the published version again, after it changed."""
        service = self.visitor.house.system.workflows
        self.row = await self.visitor.call(service.get, self.visitor.org_id, self.slug)
        number = self.row.published
        self.version = (
            await self.visitor.call(service.version, self.visitor.org_id, self.slug, number)
            if number
            else None
        )
        await self._judge()

    async def close(self) -> None:
        """Save what is pending and forget the tab."""
        self.presence.close()
        await self._saving.now()
        self.visitor.house.editors.remove(self.session.id, self.row.id)

    async def judge_now(self) -> None:
        """Judge the document for the first time."""
        await self._judge()

    def pinned(self, nodes: Iterable[str]) -> None:
        """Judge with what is pinned now."""
        now = frozenset(nodes)
        if now != self._pinned:
            self._pinned = now
            self._judging.soon()

    def select(self, ids: list[str]) -> None:
        """Let the others see what is selected here."""
        self.presence.select(ids)

    def _gap(self) -> None:
        if self.canvas is not None:
            self.canvas.send_document()

    def _show_remote(self, number: int, change: dict[str, Any]) -> None:
        if self.canvas is not None and not self._client.is_deleted:
            self.canvas.take_remote(number, change)

    def _company(self) -> None:
        if self.canvas is not None and not self._client.is_deleted:
            self.canvas.set_peers([peer.drawn() for peer in self.presence.peers])
        self._telling.soon()

    def _stored(self, revision: int) -> None:
        if revision > self.sync.revision:
            self._pulling.soon()

    async def _changed(self, _: EditorSession) -> None:
        self.saved = said("Saving…")
        self._judging.soon()
        self._saving.soon()
        await self._tell()

    async def _judge(self) -> None:
        system, before = self.visitor.house.system, self.judged
        org_id, document = self.visitor.org_id, self.document

        def look() -> tuple[Mapping[str, Offering], Judged]:
            judged = judge(document, system.workflows, system.catalogue, org_id, self.slug, self._pinned)
            return services_of(system, org_id), judged

        self.services, self.judged = await self.visitor.call(look)
        if self._draw_judged(before):
            await asyncio.sleep(_BREATH_SECONDS)
        await self._tell()
        before_state, self.state = self.state, await self.visitor.call(counted_state, document, self.version)
        if self.state != before_state:
            await self._tell()

    def _draw_judged(self, before: Judged) -> bool:
        """Bring the canvas up to the judgement; says whether there was anything new."""
        if self.canvas is None or self._client.is_deleted:
            return False
        fresh = {key: each for key, each in self.judged.sockets.items() if before.sockets.get(key) != each}
        if fresh:
            self.canvas.set_sockets(self._spoken(fresh))
        changed = before.problems != self.judged.problems
        if changed:
            self.canvas.set_problems(self.told()[:MOST_BADGES])  # type: ignore[arg-type]
        return changed

    async def _save(self) -> None:
        if self.read_only:
            return
        document, rev = self.document, self.session.rev
        try:
            await self.sync.push()
        except RefusedError:
            self.saved = said("Not saved: sign in again")
        except (WorkflowError, GraphError) as error:
            self.saved = f"Not saved: {error}"[:90]
        else:
            self.saved = "Saved" if not self.sync.pending else "Saving…"
            if self.canvas is not None and not self._client.is_deleted:
                self.canvas.saved(rev)
            if self.document is not document:
                self._judging.soon()
            if self.sync.pending:
                self._saving.soon()
        await self._tell()

    async def _pull(self) -> None:
        # what is on its way up is joined there
        if self._client.is_deleted or self.saved == "Saving…":
            return
        service, published = self.visitor.house.system.workflows, self.row.published
        with suppress(WorkflowError, GraphError):
            self.row = await self.visitor.call(service.get, self.visitor.org_id, self.slug)
            newer = self.row.draft_revision > self.sync.revision and await self.sync.pull()
            if self.row.published != published:
                await self.reread()
            elif newer:
                self._judging.soon()
                await self._tell()

    async def _tell(self) -> None:
        if self._client.is_deleted:
            return
        with self._client:
            for watcher in self.watchers:
                result = watcher()
                if result is not None:
                    await result
