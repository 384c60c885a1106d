"""One statement for many keys, on both databases: the pieces of SQL that differ, in one place."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable, Insert

from app.store.database import Dialect

StageKey = tuple[str, int]
Picking = Callable[[Mapping[str, Any]], tuple[Any, ...]]

_PAIRS = {
    "sqlite": "(SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:keys))",
    "postgresql": "(SELECT * FROM unnest(CAST(:key_runs AS text[]), CAST(:key_numbers AS integer[])))",
}
_IDS = {
    "sqlite": "(SELECT value FROM json_each(:ids))",
    "postgresql": "(SELECT unnest(CAST(:ids AS text[])))",
}
_LOCK = {"sqlite": "", "postgresql": " FOR UPDATE"}


def pairs(dialect: Dialect) -> str:
    """A subquery of (run_id, number); its parameters come from ``pair_params``."""
    return _PAIRS[dialect]


def pair_params(dialect: Dialect, keys: Sequence[StageKey]) -> dict[str, Any]:
    if dialect == "sqlite":
        return {"keys": json.dumps(keys)}
    return {"key_runs": [run for run, _ in keys], "key_numbers": [number for _, number in keys]}


def ids(dialect: Dialect) -> str:
    """A subquery of ids; its parameter comes from ``id_params``."""
    return _IDS[dialect]


def id_params(dialect: Dialect, values: Sequence[str]) -> dict[str, Any]:
    return {"ids": json.dumps(list(values)) if dialect == "sqlite" else list(values)}


def for_update(dialect: Dialect) -> str:
    """SQLite holds one writer at a time and needs no row locks."""
    return _LOCK[dialect]


def many(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute a constant statement for many rows of the same keys, past SQLAlchemy's work per row.

    Args:
        connection: In a write transaction.
        statement: An insert or update that lives as long as the process; its text is kept.
        rows: One mapping each with every parameter; numbers, text, booleans and None only.
    """
    keys = tuple(rows[0]) if isinstance(statement, Insert) else None
    sql, pick = _compiled(connection.dialect, statement, keys)
    given: Any = list(map(pick, rows)) if pick else list(rows)
    connection.exec_driver_sql(sql, given)


@lru_cache(maxsize=64)
def _compiled(dialect: Any, statement: Any, keys: tuple[str, ...] | None) -> tuple[str, Picking | None]:
    """The text of a statement, and what takes a row's parameters in its order where they have no names."""
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    names = list(compiled.positiontup or [])
    if len(names) == 1:
        return str(compiled), lambda row: (row[names[0]],)
    return str(compiled), itemgetter(*names) if names else None
