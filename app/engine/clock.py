"""Times as the outside sees them."""

from datetime import UTC, datetime


def iso(at: float) -> str:
    """RFC 3339 in UTC with milliseconds, for example ``2026-01-01T14:20:00.000Z``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
