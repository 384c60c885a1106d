"""Which results of the last run still hold for the draft, and what is pinned: kept up while it is edited."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from app.store import drafts as draft_rows
from app.store.drafts import PinRow
from app.ui.editor.delay import Delayed
from app.ui.editor.desk import Desk
from app.ui.editor.why import why
from app.workflows.outside import changed_outside
from app.workflows.trying import Earlier, compare, look_back
from graphs.document import parse
from graphs.errors import GraphError
from graphs.stale import Reason

_SECONDS = 0.25
# what a card need not say: it shows no result, or says that it failed
_UNSAID = frozenset({"never", "failed"})
Told = Callable[[], Awaitable[None] | None]


class Freshness:
    """Compares the draft with one run; `reasons` are by node, `pins` by node."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._earlier: Earlier | None = None
        self._outside: dict[str, str] = {}
        self._seen: Any = None
        self._later = Delayed(self._judge, _SECONDS)
        self.reasons: Mapping[str, Reason] = {}
        self.pins: dict[str, PinRow] = {}
        self.told: list[Told] = []
        desk.watchers.append(self._noticed)

    @property
    def base(self) -> str | None:
        """The run whose results can be taken over."""
        return self._earlier.run.id if self._earlier is not None else None

    @property
    def stale(self) -> tuple[str, ...]:
        """Nodes that would have to run again."""
        return tuple(self.reasons)

    def word(self, node_id: str) -> str:
        """Why a node's result does not hold; empty when it does."""
        reason = self.reasons.get(node_id)
        return why(reason, self._desk.document, self._desk.types) if reason is not None else ""

    async def of_run(self, run_id: str) -> None:
        """Compare with this run from now on; empty: with none."""
        visitor = self._desk.visitor
        catalogue = visitor.house.system.catalogue

        def read(connection: Connection) -> tuple[Earlier | None, dict[str, str]]:
            found = look_back(connection, visitor.scope, run_id) if run_id else None
            return found, changed_outside(connection, found, catalogue) if found else {}

        self._earlier, self._outside = await visitor.read(read)
        await self.read_pins()

    async def read_pins(self) -> None:
        """Read anew what is pinned."""
        found = await self._desk.visitor.read(draft_rows.pins, self._desk.row.id)
        self.pins = {row.node_id: row for row in found}
        self._desk.pinned(self.pins)
        await self._judge()

    def _noticed(self) -> None:
        if self._desk.document is not self._seen:
            self._seen = self._desk.document
            self._later.soon()

    async def _judge(self) -> None:
        desk, earlier = self._desk, self._earlier
        if desk.closed:
            return
        try:
            self.reasons = (
                await desk.visitor.call(self._compared, earlier, desk.document) if earlier is not None else {}
            )
        except GraphError:
            return
        with desk.client:
            self._show()
            for each in self.told:
                answer = each()
                if answer is not None:
                    await answer

    def _compared(self, earlier: Earlier, document: dict[str, Any]) -> dict[str, Reason]:
        catalogue = self._desk.visitor.house.system.catalogue
        return compare(earlier, parse(document), catalogue, self.pins, outside=self._outside)

    def _show(self) -> None:
        if self._desk.canvas is None:
            return
        marks: dict[str, dict[str, Any]] = {}
        for node_id, reason in self.reasons.items():
            if reason.code not in _UNSAID:
                marks[node_id] = {"stale": self.word(node_id)}
        for node_id, row in self.pins.items():
            marks.setdefault(node_id, {})["pinned"] = "edited" if row.edited else "pinned"
        self._desk.canvas.set_marks(marks)  # type: ignore[arg-type]
