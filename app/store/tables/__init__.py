"""Every table, in one place.

Times are seconds since the epoch (UTC) as floats, ids are time-ordered text, JSON travels as text. What a run
pins never changes under it: a version is immutable, a step's outputs are written once per round.
"""

from app.store.tables.base import metadata
from app.store.tables.cached import cached_result
from app.store.tables.deliveries import delivery, delivery_attempt, inbox_message
from app.store.tables.drafts import draft_conflict, draft_pin, draft_snapshot, row_verdict, sample_payload
from app.store.tables.gallery import app_run, app_view, template
from app.store.tables.gates import breaker, start_log, trigger_log
from app.store.tables.identity import api_key, caller, organisation, project, session, sign_in_token
from app.store.tables.money import call, reservation, spend, spend_entry
from app.store.tables.pictures import upload
from app.store.tables.presets import preset_mark
from app.store.tables.providers import provider, provider_breaker
from app.store.tables.runs import asset, attempt, idempotency, run, run_asset, stage, step
from app.store.tables.secrets import secret
from app.store.tables.triggers import batch, batch_row, form, schedule
from app.store.tables.usage import field_use, field_use_mark
from app.store.tables.watch import alert, audit, leader
from app.store.tables.workflows import workflow, workflow_version

__all__ = [
    "alert",
    "api_key",
    "app_run",
    "app_view",
    "asset",
    "attempt",
    "audit",
    "batch",
    "batch_row",
    "breaker",
    "cached_result",
    "call",
    "caller",
    "delivery",
    "delivery_attempt",
    "draft_conflict",
    "draft_pin",
    "draft_snapshot",
    "field_use",
    "field_use_mark",
    "form",
    "idempotency",
    "inbox_message",
    "leader",
    "metadata",
    "organisation",
    "preset_mark",
    "project",
    "provider",
    "provider_breaker",
    "reservation",
    "row_verdict",
    "run",
    "run_asset",
    "sample_payload",
    "schedule",
    "secret",
    "session",
    "sign_in_token",
    "spend",
    "spend_entry",
    "stage",
    "start_log",
    "step",
    "template",
    "trigger_log",
    "upload",
    "workflow",
    "workflow_version",
]
