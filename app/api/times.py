"""Times as the outside writes and reads them: RFC 3339 in UTC."""

from datetime import UTC, datetime

from app.api.problems import FieldProblem, invalid


def iso(at: float | None) -> str | None:
    """Seconds since the epoch as text such as ``2026-01-01T14:20:00.000Z``."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(text: str | None, field: str) -> float | None:
    """Seconds since the epoch from RFC 3339 text or a number; a time without a zone is UTC.

    Raises:
        ProblemError: Names the field.
    """
    if text is None or text == "":
        return None
    try:
        # a '+' in an address arrives as a blank
        moment = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        at = _number(text, field)
    if not 0 <= at < 253_402_300_800:
        raise _bad_time(field)
    return at


def _number(text: str, field: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _bad_time(field) from None


def _bad_time(field: str) -> Exception:
    detail = f"{field} must be a time such as 2026-01-01T14:20:00Z"
    return invalid([FieldProblem(field, "http.invalid_request", detail)])
