"""The state of one open editor: document, judgement, saving. The parts of the page hang on it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from nicegui import Client, ui

from app.store.workflows import VersionRow, WorkflowRow
from app.ui.canvas.element import GraphCanvas
from app.ui.editor.delay import Delayed
from app.ui.editor.judged import JsonProblem, Judged, judge, told_problems
from app.ui.editor.model import Document, PatchError
from app.ui.editor.offers import Offering, services_of
from app.ui.editor.sessions import EditorSession
from app.ui.editor.states import PublishState, publish_state
from app.ui.lang.heard import heard
from app.ui.lang.nodes import spoken_sockets, spoken_types
from app.ui.lang.say import current, said, t, use
from app.ui.visitor import RefusedError, Visitor
from app.workflows.errors import DraftChangedError, WorkflowError
from graphs.document import dump, parse
from graphs.errors import GraphError

JUDGE_SECONDS = 0.08
SAVE_SECONDS = 0.6
MOST_BADGES = 2_000
Watcher = Callable[[], Awaitable[None] | None]


class Desk:
    """One tab's work on a draft."""

    def __init__(
        self, visitor: Visitor, row: WorkflowRow, document: Document, etag: str, version: VersionRow | None
    ) -> None:
        self.visitor = visitor
        self.row = row
        self.version = version
        self.read_only = not visitor.may("workflows.write") or row.archived_at is not None
        self.types = spoken_types(visitor.house.system.catalogue.describe())
        self.language = current()
        self.session = EditorSession(document, self._changed, self._gap)
        self.judged = Judged([], {})
        self.services: Mapping[str, Offering] = visitor.house.system.providers
        self.saved = "Saved"
        self.conflict: DraftChangedError | None = None
        self.canvas: GraphCanvas | None = None
        self.watchers: list[Watcher] = []
        self._client: Client = ui.context.client
        self._etag = etag
        # other workflows that nodes may call, as they were when the page opened
        self.callable_slugs: tuple[str, ...] = ()
        self._judging = Delayed(self._judge, JUDGE_SECONDS)
        self._saving = Delayed(self._save, SAVE_SECONDS)
        visitor.house.editors.add(self.session, visitor.session)
        self._client.on_delete(self.close)

    @property
    def document(self) -> Document:
        return self.session.document

    @property
    def slug(self) -> str:
        return self.row.slug

    @property
    def name(self) -> str:
        return str(self.document.get("name") or self.slug)

    @property
    def state(self) -> PublishState:
        try:
            return publish_state(dump(parse(self.document)), self.version)
        except GraphError:
            return PublishState(self.version.number if self.version else 0, changed=True)

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
        """Replace the document from the page (name, description, a restored version)."""
        self.session.document = document
        await self._changed(self.session)

    async def flush(self) -> bool:
        """Judge and save what is pending now; says whether everything is stored."""
        if self.canvas is not None:
            with suppress(TimeoutError):  # a gesture of the last moments may still be on its way
                await self.canvas.run_method("flush", timeout=3)
        await self._judging.now()
        await self._saving.now()
        return self.saved == "Saved"

    async def keep_mine(self) -> None:
        """Save over the draft that somebody else changed."""
        if self.conflict is not None:
            self._etag, self.conflict = self.conflict.etag, None
            self._saving.soon()
            await self.flush()

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
        await self._tell()

    async def close(self) -> None:
        """Save what is pending and forget the tab."""
        self.visitor.house.editors.remove(self.session.id)
        await self._saving.now()

    async def judge_now(self) -> None:
        """Judge the document for the first time."""
        await self._judge()

    def _gap(self) -> None:
        if self.canvas is not None:
            self.canvas.send_document()

    async def _changed(self, _: EditorSession) -> None:
        self._set_saved(said("Saving…"))
        self._judging.soon()
        self._saving.soon()
        await self._tell()

    async def _judge(self) -> None:
        system, before = self.visitor.house.system, self.judged
        org_id = self.visitor.org_id
        self.services = await self.visitor.call(services_of, system, org_id)
        self.judged = await self.visitor.call(
            judge, self.document, system.workflows, system.catalogue, org_id, self.slug
        )
        if self.canvas is not None and not self._client.is_deleted:
            fresh = {
                key: each for key, each in self.judged.sockets.items() if before.sockets.get(key) != each
            }
            if fresh:
                self.canvas.set_sockets(self._spoken(fresh))
            if before.problems != self.judged.problems:
                badges = self.told()[:MOST_BADGES]
                self.canvas.set_problems(badges)  # type: ignore[arg-type]
        await self._tell()

    async def _save(self) -> None:
        if self.read_only or self.conflict is not None:
            return
        service, document = self.visitor.house.system.workflows, self.document
        try:
            identity = await self.visitor.require("workflows.write")
            draft = await self.visitor.call(
                service.save_draft, identity.org_id, self.slug, document, self._etag, actor=identity.actor
            )
        except DraftChangedError as error:
            self.conflict = error
            self._set_saved(said("Not saved: changed elsewhere"))
        except RefusedError:
            self._set_saved(said("Not saved: sign in again"))
        except (WorkflowError, GraphError) as error:
            self._set_saved(f"Not saved: {error}"[:90])
        else:
            self._etag = draft.etag
            self._set_saved("Saved")
        await self._tell()

    def _set_saved(self, text: str) -> None:
        self.saved = text

    async def _tell(self) -> None:
        if self._client.is_deleted:
            return
        with self._client:
            for watcher in self.watchers:
                result = watcher()
                if result is not None:
                    await result
