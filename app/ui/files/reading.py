"""Reading what a page sends, and never more than it may send."""

from starlette.requests import ClientDisconnect, Request


async def bounded(request: Request, limit: int) -> bytes | None:
    """The body of a request; None when it has more than ``limit`` bytes, empty when the sender went away."""
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
