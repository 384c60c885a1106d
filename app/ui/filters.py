"""List filters that live in the address: read from its query, written back to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from app.store.runs import CALLBACK_STATUSES, SOURCES, STATUSES, RunFilter
from app.ui.lang.say import said

SINCE = {
    "1h": (said("Last hour"), 3600.0),
    "24h": (said("Last 24 hours"), 86400.0),
    "7d": (said("Last 7 days"), 604800.0),
}
_TEXT_LIMIT = 200
_CHAIN = 50


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a keyset list stands: the cursor of this page, and those of the newer ones before it."""

    cursor: str = ""
    newer: tuple[str, ...] = ()

    def older(self, cursor: str) -> "Paging":
        """The next page."""
        return Paging(cursor, (*self.newer, self.cursor or "-")[-_CHAIN:])

    def back(self) -> "Paging":
        """The page before; the first one when that is not known any more."""
        if not self.newer:
            return Paging()
        last = self.newer[-1]
        return Paging("" if last == "-" else last, self.newer[:-1])

    @property
    def query(self) -> dict[str, str]:
        pairs = {"cursor": self.cursor, "newer": ",".join(self.newer)}
        return {name: value for name, value in pairs.items() if value}

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Paging":
        """What an address says; anything unreadable means the first page."""
        cursor = query.get("cursor", "")
        newer = tuple(part for part in query.get("newer", "").split(",") if part)[-_CHAIN:]
        return cls(cursor, newer) if _clean(cursor) and all(map(_clean, newer)) else cls()


@dataclass(frozen=True, slots=True)
class RunQuery:
    """The filters of the run list, as in its address."""

    workflow: str = ""
    status: str = ""
    caller: str = ""
    callback_status: str = ""
    q: str = ""
    since: str = ""
    parent: str = ""
    source: str = ""
    schedule: str = ""
    batch: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "RunQuery":
        """What an address says; unknown values are left out."""
        known = {"status": STATUSES, "callback_status": CALLBACK_STATUSES, "since": tuple(SINCE)}
        known["source"] = SOURCES
        found = {name: query.get(name, "").strip()[:_TEXT_LIMIT] for name in cls.__slots__}
        for name, values in known.items():
            if found[name] not in values:
                found[name] = ""
        return cls(**found)

    def with_value(self, name: str, value: str | None) -> "RunQuery":
        """The same filters with one changed."""
        return replace(self, **{name: value or ""})

    @property
    def query(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}

    def wanted(self, now: float) -> RunFilter:
        """As the store wants it."""
        return RunFilter(
            workflow=self.workflow or None,
            status=(self.status,) if self.status else (),
            caller=self.caller or None,
            callback_status=(self.callback_status,) if self.callback_status else (),
            q=self.q or None,
            # runs that a run started would hide the others; who looks for something finds them all
            parent=self.parent or (None if self.q or self.workflow else "none"),
            source=(self.source,) if self.source else (),
            schedule=self.schedule or None,
            batch=self.batch or None,
            since=now - SINCE[self.since][1] if self.since else None,
        )


def address(path: str, *queries: Mapping[str, str]) -> str:
    """A path with its query."""
    pairs = [pair for query in queries for pair in query.items()]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _clean(cursor: str) -> bool:
    return len(cursor) <= 60 and all(character.isalnum() or character in "_-" for character in cursor)
