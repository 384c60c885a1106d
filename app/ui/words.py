"""What statuses, numbers and error codes look like to people, in the language of whoever looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from app.ui.lang.say import current, decimal, n, number, said, t

Tone = Literal["quiet", "good", "bad", "warn", "live"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is shown: the shape and the word carry it, the tone only supports (WCAG 1.4.1).

    Attributes:
        words: The English words of a literal, or words that were put together in the visitor's language.
    """

    icon: str
    words: str
    tone: Tone = "quiet"

    @property
    def text(self) -> str:
        """The words in the visitor's language."""
        return t(self.words)


RUN = {
    "queued": Look("o_schedule", "Queued"),
    "running": Look("o_autorenew", "Running", "live"),
    "waiting": Look("o_hourglass_empty", "Waiting", "warn"),
    "succeeded": Look("o_check_circle", "Succeeded", "good"),
    "failed": Look("o_error_outline", "Failed", "bad"),
    "cancelled": Look("o_block", "Cancelled"),
}
PAUSED = Look("o_pause_circle", "Paused", "warn")
BELOW_QUALITY = Look("o_warning_amber", "Quality warning", "warn")
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
ATTEMPT = {
    **STEP,
    "retried": Look("o_replay", "Tried again", "warn"),
    "abandoned": Look("o_block", "Abandoned"),
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
    "rate_limited": said("Waiting for its turn at the rate limit"),
    "breaker_open": said("Held by the circuit breaker"),
    "budget": said("Waiting for budget"),
    "review": said("Waiting for a decision"),
    "retry": said("Waiting for the next try"),
    "delay": said("Waiting for the time set in the graph"),
    "children": said("Waiting for the runs it started"),
    "worker": said("Waiting for a free worker"),
    "paused": said("Paused"),
}
SHORT_WAITS = {
    "rate_limited": said("rate limit"),
    "breaker_open": said("breaker"),
    "budget": said("budget"),
    "review": said("decision"),
    "retry": said("retry"),
    "delay": said("delay"),
    "children": said("sub-runs"),
    "paused": said("paused"),
}
STARTED_BY = {
    "api": said("API"),
    "canvas": said("Canvas"),
    "form": said("Form"),
    "schedule": said("Schedule"),
    "rerun": said("Rerun##noun"),
    "csv": said("Rows"),
    "workflow": said("Workflow"),
}
ROLE_NAMES = {
    "owner": said("owner"),
    "admin": said("admin"),
    "editor": said("editor"),
    "operator": said("operator"),
    "reviewer": said("reviewer"),
    "viewer": said("viewer"),
    "caller": said("caller"),
}
CHECKS = {
    "resolution": said("resolution"),
    "sharpness": said("sharpness"),
    "shadows_clipped": said("shadows clipped"),
    "highlights_clipped": said("highlights clipped"),
    "contrast": said("contrast"),
    "entropy": said("detail"),
}
_UNKNOWN = Look("o_help_outline", "Unknown")
_INSTANTS: Final = {"de": "%d.%m.%Y, %H:%M:%S UTC", "ja": "%Y/%m/%d %H:%M:%S UTC"}
_DAYS: Final = {"de": "%d.%m.%Y", "ja": "%Y/%m/%d"}

# What a person can do, by code or by its prefix; the problem page has the long form.
ADVICE = {
    "trigger.": said(
        "The request did not match what the workflow expects. Correct the named field and send it again."
    ),
    "node.qc_failed": said(
        "The picture missed a quality threshold. Change the prompt or lower the threshold in the QC node."
    ),
    "node.template_error": said(
        "A placeholder of the prompt has no value. Wire it, or give the field a default."
    ),
    "node.input_missing": said("An input had no value. Check the links of the named node."),
    "node.provider_auth": said("The service refused the credentials. Renew them and rerun."),
    "node.provider_rejected_input": said(
        "The service refused the input. Change the prompt or the size and rerun."
    ),
    "node.provider_content_policy": said(
        "The service's content policy refused the prompt. Reword it and rerun."
    ),
    "node.provider_outcome_unknown": said(
        "Nobody knows whether the service did the work. Look there first: a rerun may cost twice."
    ),
    "node.storage_full": said("The asset store is full. Free some space and rerun."),
    "node.": said(
        "The step could not do its work. Rerun it; when it fails again, open the step for the reason."
    ),
    "delivery.blocked_address": said(
        "The address policy refused the callback URL. An operator can allow it with SAKUGA_EGRESS_ALLOW."
    ),
    "delivery.gone": said("The receiver answered 410 and wants no more callbacks."),
    "delivery.": said("The receiver could not be reached or refused. Mend it, then replay the callback."),
    "run.cancelled": said("Somebody cancelled this run. Rerun it when it is wanted after all."),
    "run.": said("Rerun it; when it fails again, send the trace id to whoever runs this system."),
    "graph.": said("The graph cannot run as it is. Open the canvas and mend what its problems panel lists."),
}


def look(table: dict[str, Look], status: str) -> Look:
    """The look of a status; an unknown one is shown as it is."""
    return table.get(status) or Look(_UNKNOWN.icon, status.replace("_", " ").capitalize() or _UNKNOWN.words)


def advice(code: str) -> str:
    """What to do about an error code; the longest fitting prefix answers."""
    best = max((key for key in ADVICE if code.startswith(key)), key=len, default="")
    return t(ADVICE[best]) if best else ""


def waiting_for(reason: object) -> str:
    """Why a run waits, in a few words; the bare fact for a reason that is not known here."""
    return t(WAITS.get(str(reason), "Waiting"))


def held_up(wait: Mapping[str, Any]) -> str:
    """One line about a wait: why, and at which place."""
    parts = [waiting_for(wait.get("reason"))]
    if wait.get("position"):
        parts.append(t("position {number}", number=number(int(wait["position"]))))
    return " · ".join(parts)


def expected(wait: Mapping[str, Any]) -> float | None:
    """When a wait is likely to end, in seconds since the epoch."""
    try:
        return datetime.fromisoformat(str(wait["expected_start"])).timestamp()
    except (KeyError, ValueError):
        return None


def duration(seconds: float | None) -> str:
    """``840 ms``, ``3.2 s``, ``2 min 5 s``, ``1 h 4 min``; a dash for None."""
    if seconds is None:
        return "–"
    if seconds < 0.9995:
        return t("{count} ms", count=f"{max(seconds, 0) * 1000:.0f}")
    if seconds < 59.95:
        return t("{count} s", count=decimal(seconds, ".1f"))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        whole = t("{minutes} min", minutes=minutes)
        return t("{minutes} min {seconds} s", minutes=minutes, seconds=rest) if rest else whole
    hours, minutes = divmod(minutes, 60)
    whole = t("{hours} h", hours=hours)
    return t("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else whole


def exact(at: float) -> str:
    """An instant in the language's order: ``2026-11-21 23:04:05 UTC``, ``21.11.2026, 23:04:05 UTC``."""
    return datetime.fromtimestamp(at, UTC).strftime(_INSTANTS.get(current(), "%Y-%m-%d %H:%M:%S UTC"))


def day_text(day: str) -> str:
    """An ISO day in the language's order."""
    return datetime.fromisoformat(day).strftime(_DAYS.get(current(), "%Y-%m-%d"))


def credit_figure(amount: float) -> str:
    """Credits without useless zeros, at most four decimals."""
    return decimal(round(amount, 4), ",.4f", short=True)


def credit_text(amount: float) -> str:
    """Credits without useless zeros; a dash for none."""
    return credit_figure(amount) if amount else "–"


def plural_credits(amount: float) -> str:
    """``1 credit``, ``0.5 credits``, ``no credits``."""
    if not amount:
        return t("no credits")
    return n("{amount} credit", "{amount} credits", 1 if amount == 1 else 2, amount=credit_figure(amount))


def size(count: int) -> str:
    """Bytes as ``812 B``, ``24 kB``, ``1.3 MB``."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{decimal(count / 1_000_000, '.1f')} MB"


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 run``, ``3 runs``."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def title(name: str) -> str:
    """A field name as a label: ``target_style`` → ``Target style``."""
    words = name.replace("_", " ").replace(".", " · ").strip()
    return words[:1].upper() + words[1:]
