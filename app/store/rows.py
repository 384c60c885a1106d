"""Rows as frozen records, and the columns that fill them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Row, Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, newest first, and where the next ones start (None: there are no more)."""

    items: tuple[T, ...]
    next_cursor: str | None


def columns(table: Table, kind: type[Any]) -> list[Column[Any]]:
    """The columns of `table` that a record type holds, in its order."""
    return [table.c[field.name] for field in fields(kind)]


def record(kind: Callable[..., T], row: Row[Any] | None) -> T | None:
    return None if row is None else kind(*row)


def records(kind: Callable[..., T], rows: Iterable[Row[Any]]) -> tuple[T, ...]:
    return tuple(kind(*row) for row in rows)


def page(found: tuple[T, ...], limit: int, key: str = "id") -> Page[T]:
    """Cut `limit` + 1 found rows to a page; the cursor is the last row's key."""
    items = found[:limit]
    return Page(items, getattr(items[-1], key) if len(found) > limit else None)
