"""Records of the store as rows of our tables. Pure, apart from thumbnail addresses."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from app.api.codes import spoken
from app.store.deliveries import DeliveryRow
from app.store.runs import RunRow
from app.ui.lang.heard import heard
from app.ui.lang.say import current, said, t
from app.ui.parts.show import cell
from app.ui.words import DELIVERY, RUN, SHORT_WAITS, Look, advice, credit_text, duration, look, waiting_for

Row = dict[str, Any]
Thumb = Callable[[str | None], str]

RUN_COLUMNS = (
    {"name": "thumb", "label": said("Picture"), "kind": "thumb", "quiet": True},
    {"name": "status", "label": said("Status"), "kind": "status"},
    {"name": "workflow", "label": said("Workflow"), "kind": "main"},
    {"name": "version", "label": said("Version")},
    {"name": "external", "label": said("External id"), "wide": True, "optional": True},
    {"name": "caller", "label": said("Caller"), "wide": True},
    {"name": "started", "label": said("Started"), "kind": "when"},
    {"name": "duration", "label": said("Duration"), "end": True},
    {"name": "credits", "label": said("Credits"), "end": True, "wide": True},
    {"name": "callback", "label": said("Callback"), "kind": "status", "optional": True},
)
DELIVERY_COLUMNS = (
    {"name": "status", "label": said("Status"), "kind": "status"},
    {"name": "to", "label": said("Receiver"), "kind": "main"},
    {"name": "event", "label": said("Event"), "wide": True},
    {"name": "attempts", "label": said("Attempts"), "end": True, "named": True},
    {"name": "created", "label": said("Created"), "kind": "when"},
    {"name": "next", "label": said("Next try"), "kind": "when", "optional": True},
    {"name": "replay", "label": said("Replay"), "kind": "action", "quiet": True},
)
REPLAYABLE = frozenset({"delivered", "permanently_failed"})


def run_row(run: RunRow, thumb: Thumb) -> Row:
    """A run in a list."""
    return {
        "key": run.id,
        "href": f"/runs/{run.id}",
        "thumb": thumb(run.thumb),
        "status": cell(run_look(run), status_detail(run)),
        "workflow": run.workflow,
        "note": status_detail(run) if run.is_open or run.status == "failed" else "",
        "version": f"v{run.version}" if run.version else t("draft") if run.version_id else "–",
        "external": run.external_id or "",
        "caller": run.caller,
        "started": run.started_at or run.created_at,
        "duration": duration(run_seconds(run)),
        "credits": credit_text(run.credit_cost),
        "callback": cell(look(DELIVERY, run.callback_status)) if run.callback_status != "none" else None,
    }


def run_look(run: RunRow) -> Look:
    """The look of a run's status, with the reason while it is held."""
    shown = look(RUN, run.status)
    reason = SHORT_WAITS.get(str(load_object(run.wait).get("reason"))) if run.is_open else None
    return replace(shown, words=f"{shown.text} · {t(reason)}", tone="warn") if reason else shown


def run_seconds(run: RunRow) -> float | None:
    """How long a finished run took, from its start."""
    if run.finished_at is None or run.started_at is None:
        return None
    return run.finished_at - run.started_at


def status_detail(run: RunRow) -> str:
    """Why a run waits, or what it failed with."""
    wait = load_object(run.wait)
    if wait:
        return heard(wait.get("explanation") or "") or waiting_for(wait.get("reason"))
    return heard(str(load_object(run.error).get("error_description") or "")) or run.error_code or ""


def delivery_row(delivery: DeliveryRow, *, may_replay: bool) -> Row:
    """A delivery in a list."""
    return {
        "key": delivery.id,
        "href": f"/runs/{delivery.run_id}#callback",
        "status": cell(look(DELIVERY, delivery.status)),
        "to": short_url(delivery.url),
        "event": delivery.event,
        "attempts": delivery.attempts,
        "note": _last_problem(delivery),
        "created": delivery.created_at,
        "next": delivery.wake_at if delivery.status == "retrying" else None,
        "replay": t("Replay") if may_replay and delivery.status in REPLAYABLE else "",
    }


def _last_problem(delivery: DeliveryRow) -> str:
    """What went wrong last, while it matters."""
    code = delivery.error_code if delivery.status != "delivered" else None
    known = spoken(current()).get(code or "")
    title = known.title if known else code or ""
    return f"{title}. {advice(code or '')}" if delivery.status == "permanently_failed" else title


def short_url(url: str) -> str:
    """Host and path of an address."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}" if parts.netloc else url


def load_object(text: str | None) -> dict[str, Any]:
    """The JSON object of a column; empty for none."""
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def pretty_json(raw: str | None) -> str:
    """JSON text, indented; anything else as it is."""
    try:
        return json.dumps(json.loads(raw or ""), indent=2, ensure_ascii=False)
    except ValueError:
        return raw or ""
