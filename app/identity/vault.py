"""Secrets at rest: AES-GCM, bound to the place they are stored in (S12)."""

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.identity.errors import VaultError

_VERSION = "v1"
_NONCE = 12


class Vault:
    """Seals and opens short texts.

    Args:
        secret: The installation's secret key (SAKUGA_SECRET_KEY).
        previous: Keys it had before; they only open.
    """

    def __init__(self, secret: str, previous: tuple[str, ...] = ()) -> None:
        self._secret = secret
        self._ring = {_key_id(text): _derive(text, "sakuga vault") for text in (secret, *previous)}
        self._current = _key_id(secret)

    def encrypt(self, plain: str, aad: str) -> str:
        """Seal a text for one place; `aad` names table, row and column."""
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._ring[self._current]).encrypt(nonce, plain.encode(), aad.encode())
        return f"{_VERSION}.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, aad: str) -> str:
        """Open a text sealed for the same place.

        Raises:
            VaultError: Another key sealed it, it stood elsewhere, or it was changed.
        """
        version, _, rest = token.partition(".")
        key_id, _, text = rest.partition(".")
        key = self._ring.get(key_id)
        if version != _VERSION or key is None:
            raise VaultError("sealed with another secret key")
        try:
            raw = base64.urlsafe_b64decode(text)
            return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], aad.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise VaultError("the sealed text was moved or changed") from None

    def derive(self, purpose: str) -> bytes:
        """32 bytes of key material for another purpose, such as signing asset links."""
        return _derive(self._secret, purpose)


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret.encode())


def _key_id(secret: str) -> str:
    return hashlib.sha256(_derive(secret, "sakuga key id")).hexdigest()[:8]
