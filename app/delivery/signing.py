"""Standard Webhooks 1.0 signatures (contract §5): one format for callbacks out and triggers in.

The signature itself is the reference library's; around it stand the rules the library leaves open:
secret sizes, UTC only, a strict header syntax, an injected clock and one error for any bad input.
"""

import base64
import binascii
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

PREFIX = "whsec_"
MIN_KEY_BYTES = 24
MAX_KEY_BYTES = 64
NEW_KEY_BYTES = 32
MAX_SIGNATURES = 16

_TIMESTAMP = re.compile(r"0|[1-9][0-9]{0,10}")


class SigningError(Exception):
    """A signature could not be made or does not hold."""


class SecretInvalidError(SigningError, ValueError):
    """A signing secret is missing or malformed; the text says what would be right, never the secret."""


class SignatureInvalidError(SigningError):
    """The headers do not prove that a holder of the secret sent this body just now."""


def new_secret() -> str:
    """Make a signing secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(randomness.token_bytes(NEW_KEY_BYTES)).decode("ascii")


def check_secret(secret: str) -> bytes:
    """Give the key inside a secret. Raises SecretInvalidError unless it is 24 to 64 bytes of base64."""
    if not secret.startswith(PREFIX):
        raise SecretInvalidError(f"a signing secret starts with {PREFIX}")
    text = secret.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise SecretInvalidError(f"a signing secret is {PREFIX} followed by standard base64") from None
    if not MIN_KEY_BYTES <= len(key) <= MAX_KEY_BYTES:
        raise SecretInvalidError(
            f"a signing secret holds {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes, this one {len(key)}"
        )
    return key


def sign(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Give the three headers for a body (UTF-8) sent at `timestamp` (Unix seconds).

    One signature per secret, in the order given: two while a secret rotates. Raises
    SecretInvalidError when there is no secret or one is malformed: nothing is ever sent unsigned.
    """
    if not secrets:
        raise SecretInvalidError("a signing secret is needed")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signatures(secrets, message_id, timestamp, body)),
    }


def verify(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, now: float, tolerance: float = 300
) -> None:
    """Accept a body signed with any of `secrets` at most `tolerance` seconds from `now`, either way.

    Header names match in any case. Raises SignatureInvalidError for everything else, malformed
    headers, bodies and secrets included.
    """
    try:
        genuine = _is_genuine(secrets, headers, body, now, tolerance)
    except (ValueError, TypeError, AttributeError, KeyError):
        genuine = False
    if not genuine:
        raise SignatureInvalidError("the webhook signature is missing, out of date or wrong")


def _is_genuine(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float, tolerance: float
) -> bool:
    values = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = values["webhook-id"], values["webhook-timestamp"]
    if not message_id or not _TIMESTAMP.fullmatch(timestamp) or not abs(now - int(timestamp)) <= tolerance:
        return False
    given = [text.encode() for text in values["webhook-signature"].split(" ")][:MAX_SIGNATURES]
    expected = [text.encode() for text in _signatures(secrets, message_id, int(timestamp), body)]
    # Every pair is compared, so that the time taken tells nothing about which one matched.
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in given]
    return any(matches)


def _signatures(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> list[str]:
    # The library drops the time zone of what it is given, so only UTC may reach it.
    moment = datetime.fromtimestamp(timestamp, UTC)
    text = body.decode("utf-8")
    return [Webhook(check_secret(secret)).sign(message_id, moment, text) for secret in secrets]
