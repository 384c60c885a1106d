"""One statement for many keys, on both databases: the pieces of SQL that differ, in one place."""

import json
from collections.abc import Sequence
from typing import Any

from app.store.database import Dialect

StageKey = tuple[str, int]

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
