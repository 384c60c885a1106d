"""A stored picture on its way to a service: in a form, or as an address that holds it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.providers.contract import Load
from graphs.errors import OperatorError, PermanentError
from graphs.sockets import Image

# services take more; a request grows by a third where it travels as text
MOST_BYTES = 16 * 1024 * 1024
_ESCAPED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture as it is sent; the name is ours, so nothing in it needs escaping."""

    name: str
    format: str
    data: bytes


async def reference_bytes(load: Load | None, image: Image) -> Upload:
    """The picture that a request goes by.

    Raises:
        NodeError: It is not there, cannot be read now, or is too large to be sent.
    """
    if load is None:
        raise OperatorError("node.input_missing", "this process has no pictures to send")
    if image.bytes > MOST_BYTES:
        limit = MOST_BYTES // 1024 // 1024
        words = f"the reference picture is larger than {limit} MiB; bring a smaller one"
        raise PermanentError("node.asset_too_large", words, field="reference")
    data = await load(image.sha256, image.format)
    return Upload(f"reference-{image.sha256[:16]}.{image.format}", image.format, data)


def data_url(picture: Upload) -> str:
    """The picture as an address that holds it (RFC 2397)."""
    return f"data:image/{picture.format};base64,{base64.b64encode(picture.data).decode()}"


def form_of(fields: Mapping[str, str], member: str, picture: Upload) -> tuple[bytes, str]:
    """Fields and one picture as a form (RFC 7578): its bytes and its media type."""
    # nobody can write a text that holds a hash of itself
    said = json.dumps([dict(fields), hashlib.sha256(picture.data).hexdigest()])
    edge = f"sakuga{hashlib.sha256(said.encode()).hexdigest()[:40]}"
    texts = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name.translate(_ESCAPED)}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    place = f'Content-Disposition: form-data; name="{member}"; filename="{picture.name}"'
    head = f"--{edge}\r\n{place}\r\nContent-Type: image/{picture.format}\r\n\r\n"
    body = (texts + head).encode() + picture.data + f"\r\n--{edge}--\r\n".encode()
    return body, f"multipart/form-data; boundary={edge}"


def as_text(value: Any) -> str:
    """A member of a JSON body as a form says it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
