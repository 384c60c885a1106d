"""What statuses, numbers and error codes look like to people. Pure: nothing here knows a page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Tone = Literal["quiet", "good", "bad", "warn", "live"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is shown: the shape and the word carry it, the tone only supports (WCAG 1.4.1)."""

    icon: str
    text: str
    tone: Tone = "quiet"


RUN = {
    "queued": Look("o_schedule", "Queued"),
    "running": Look("o_autorenew", "Running", "live"),
    "waiting": Look("o_hourglass_empty", "Waiting", "warn"),
    "succeeded": Look("o_check_circle", "Succeeded", "good"),
    "failed": Look("o_error_outline", "Failed", "bad"),
    "cancelled": Look("o_block", "Cancelled"),
}
PAUSED = Look("o_pause_circle", "Paused", "warn")
STEP = {
    "blocked": Look("o_more_horiz", "Not reached"),
    "ready": Look("o_schedule", "Queued"),
    "queued": Look("o_schedule", "Queued"),
    "running": Look("o_autorenew", "Running", "live"),
    "waiting": Look("o_hourglass_empty", "Waiting", "warn"),
    "succeeded": Look("o_check_circle", "Succeeded", "good"),
    "failed": Look("o_error_outline", "Failed", "bad"),
    "skipped": Look("o_redo", "Skipped"),
    "redone": Look("o_replay", "Asked for another try", "warn"),
    "cancelled": Look("o_block", "Cancelled"),
}
DELIVERY = {
    "none": Look("o_remove", "No callback"),
    "pending": Look("o_schedule", "Pending"),
    "sending": Look("o_autorenew", "Sending", "live"),
    "retrying": Look("o_hourglass_empty", "Retrying", "warn"),
    "delivered": Look("o_check_circle", "Delivered", "good"),
    "permanently_failed": Look("o_error_outline", "Failed for good", "bad"),
}
WAITS = {
    "rate_limited": "Waiting for its turn at the rate limit",
    "breaker_open": "Held by the circuit breaker",
    "budget": "Waiting for budget",
    "review": "Waiting for a review",
    "retry": "Waiting for the next try",
    "delay": "Waiting for the time set in the graph",
    "children": "Waiting for the runs it started",
    "worker": "Waiting for a free worker",
    "paused": "Paused",
}
SHORT_WAITS = {
    "rate_limited": "rate limit",
    "breaker_open": "breaker",
    "budget": "budget",
    "review": "review",
    "retry": "retry",
    "delay": "delay",
    "children": "sub-runs",
    "paused": "paused",
}
STARTED_BY = {
    "api": "API",
    "canvas": "Canvas",
    "form": "Form",
    "schedule": "Schedule",
    "rerun": "Rerun",
    "csv": "Rows",
    "workflow": "Workflow",
}
_UNKNOWN = Look("o_help_outline", "Unknown")

# What a person can do, by code or by its prefix; the problem page has the long form.
ADVICE = {
    "trigger.": "The request did not match what the workflow expects. "
    "Correct the named field and send it again.",
    "node.qc_failed": "The picture missed a quality threshold. "
    "Change the prompt or lower the threshold in the QC node.",
    "node.template_error": "A placeholder of the prompt has no value. Wire it, or give the field a default.",
    "node.input_missing": "An input had no value. Check the links of the named node.",
    "node.provider_auth": "The service refused the credentials. Renew them and rerun.",
    "node.provider_rejected_input": "The service refused the input. Change the prompt or the size and rerun.",
    "node.provider_content_policy": "The service's content policy refused the prompt. Reword it and rerun.",
    "node.provider_outcome_unknown": "Nobody knows whether the service did the work. "
    "Look there first: a rerun may cost twice.",
    "node.storage_full": "The asset store is full. Free some space and rerun.",
    "node.": "The step could not do its work. Rerun it; when it fails again, open the step for the reason.",
    "delivery.blocked_address": "The address policy refused the callback URL. "
    "An operator can allow it with SAKUGA_EGRESS_ALLOW.",
    "delivery.gone": "The receiver answered 410 and wants no more callbacks.",
    "delivery.": "The receiver could not be reached or refused. Mend it, then replay the callback.",
    "run.cancelled": "Somebody cancelled this run. Rerun it when it is wanted after all.",
    "run.": "Rerun it; when it fails again, send the trace id to whoever runs this system.",
    "graph.": "The graph cannot run as it is. Open the canvas and mend what its problems panel lists.",
}


def look(table: dict[str, Look], status: str) -> Look:
    """The look of a status; an unknown one is shown as it is."""
    return table.get(status) or Look(_UNKNOWN.icon, status.replace("_", " ").capitalize() or _UNKNOWN.text)


def advice(code: str) -> str:
    """What to do about an error code; the longest fitting prefix answers."""
    best = max((key for key in ADVICE if code.startswith(key)), key=len, default="")
    return ADVICE.get(best, "")


def duration(seconds: float | None) -> str:
    """``840 ms``, ``3.2 s``, ``2 min 5 s``, ``1 h 4 min``; a dash for None."""
    if seconds is None:
        return "–"
    if seconds < 0.9995:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def ago(at: float, now: float) -> str:
    """How long before (or after) now, in one unit."""
    gap = abs(now - at)
    if gap < 5:
        return "just now"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        if gap >= size:
            text = f"{int(gap // size)} {unit}"
            return f"{text} ago" if at <= now else f"in {text}"
    return "just now"


def exact(at: float) -> str:
    """An instant as ``2026-11-21 23:04:05 UTC``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def credit_text(amount: float) -> str:
    """Credits without useless zeros; a dash for none."""
    return f"{amount:.4f}".rstrip("0").rstrip(".") if amount else "–"


def plural_credits(amount: float) -> str:
    """``1 credit``, ``0.5 credits``, ``no credits``."""
    return "no credits" if not amount else f"{credit_text(amount)} credit{'' if amount == 1 else 's'}"


def size(count: int) -> str:
    """Bytes as ``812 B``, ``24 kB``, ``1.3 MB``."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 run``, ``3 runs``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def title(name: str) -> str:
    """A field name as a label: ``target_style`` → ``Target style``."""
    words = name.replace("_", " ").replace(".", " · ").strip()
    return words[:1].upper() + words[1:]
