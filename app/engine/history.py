"""What executions leave in the history: steps, attempts, assets and alerts, many rows at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert

from app import clock
from app.engine.caching import to_keep
from app.engine.records import Settlement, StepRow
from app.points import Point, reached
from app.store import bulk, cached
from app.store.ids import new_id
from app.store.tables import alert, asset, attempt, run_asset, step

_INSERT_ALERT = insert(alert)


class History:
    """Writes history rows; ``upsert`` is the database's own insert, ``worker`` names who executed."""

    def __init__(self, upsert: Callable[[Table], Any], worker: str) -> None:
        self._worker = worker
        self._put_steps = _replacing(upsert, step, ("run_id", "node_id", "generation"))
        self._put_attempts = _replacing(upsert, attempt, ("run_id", "node_id", "generation", "number"))
        self._put_assets = upsert(asset).on_conflict_do_nothing()
        self._put_links = upsert(run_asset).on_conflict_do_nothing()
        self._put_cached = cached.putting(upsert)

    def write(self, connection: Connection, valid: Sequence[Settlement]) -> None:
        """Write what these executions did; a step or attempt written before is replaced."""
        steps = [_step_values(item.claimed.run.id, row) for item in valid for row in item.steps]
        if steps:
            bulk.many(connection, self._put_steps, steps)
        kept = to_keep(valid)
        if kept:
            cached.put(connection, self._put_cached, kept)
            reached(Point.RESULT_KEPT)
        attempts = [
            {"run_id": item.claimed.run.id, "executor": self._worker, **_fields(row)}
            for item in valid
            for row in item.attempts
        ]
        if attempts:
            bulk.many(connection, self._put_attempts, attempts)
        self._write_assets(connection, valid)
        alerts = [_alert(item) for item in valid if item.alert]
        if alerts:
            bulk.many(connection, _INSERT_ALERT, alerts)

    def _write_assets(self, connection: Connection, valid: Sequence[Settlement]) -> None:
        now = clock.now()
        made = [(item.claimed.run, row) for item in valid for row in item.assets]
        if not made:
            return
        rows = {
            (owner.org_id, row.asset_id): {
                "id": row.asset_id,
                "org_id": owner.org_id,
                "sha256": row.sha256,
                "kind": "image",
                "format": row.format,
                "width": row.width,
                "height": row.height,
                "bytes": row.bytes,
                "created_at": now,
            }
            for owner, row in made
        }
        links = {
            (owner.id, row.node_id, row.asset_id): {
                "run_id": owner.id,
                "node_id": row.node_id,
                "asset_id": row.asset_id,
                "platform_code": row.platform_code,
            }
            for owner, row in made
        }
        bulk.many(connection, self._put_assets, list(rows.values()))
        bulk.many(connection, self._put_links, list(links.values()))
        reached(Point.ASSET_ROW_WRITTEN)


def _replacing(upsert: Callable[[Table], Any], table: Table, key: tuple[str, ...]) -> Any:
    statement = upsert(table)
    changed = {
        name: statement.excluded[name]
        for name in (column.name for column in table.columns)
        if name not in key
    }
    return statement.on_conflict_do_update(index_elements=list(key), set_=changed)


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _step_values(run_id: str, row: StepRow) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "node_id": row.node_id,
        "generation": row.generation,
        "position": row.position,
        "status": row.status,
        "attempts": row.attempts,
        "started_at": row.started_at,
        "duration": row.duration,
        "outputs": row.text,
        "error_code": row.error_code,
        "reason": row.reason,
        "credits": row.credits,
        "model_id": row.model_id,
        "executor": row.executor,
        "cached_from": row.cached_from,
    }


def _alert(item: Settlement) -> dict[str, Any]:
    code, words = item.alert or ("", "")
    subject = f"{item.claimed.run.workflow} / {item.claimed.run.id}"
    return {
        "id": new_id("alr"),
        "org_id": item.claimed.run.org_id,
        "at": clock.now(),
        "code": code,
        "subject": subject,
        "text": words,
    }
