"""Secrets at rest open with their key, at their place, unchanged, and not otherwise (S12)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.errors import VaultError
from app.identity.vault import Vault

VAULT = Vault("a secret key for tests only")


@given(st.text(), st.text())
def test_what_is_sealed_opens_again(plain: str, place: str) -> None:
    """Any text, for any place; the ciphertext differs each time and shows nothing."""
    plain, place = (text.encode("utf-8", "replace").decode() for text in (plain, place))
    token = VAULT.encrypt(plain, place)
    assert VAULT.decrypt(token, place) == plain
    assert VAULT.encrypt(plain, place) != token
    assert len(plain) < 8 or plain not in token


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, change: int) -> None:
    """Every byte is covered by the seal."""
    head, _, text = VAULT.encrypt("whsec_secret", "caller/1/secrets").rpartition(".")
    raw = bytearray(base64.urlsafe_b64decode(text))
    raw[position % len(raw)] ^= change
    with pytest.raises(VaultError):
        VAULT.decrypt(f"{head}.{base64.urlsafe_b64encode(raw).decode()}", "caller/1/secrets")


@pytest.mark.parametrize("token", ["", "v1", "v1.", "v1.abc.def", "v2.x.y", "..", "plain text", "v1.é.ü"])
def test_nonsense_is_refused(token: str) -> None:
    """Whatever stands in the column, the answer is one error."""
    with pytest.raises(VaultError):
        VAULT.decrypt(token, "place")


def test_a_secret_moved_to_another_row_stays_shut() -> None:
    """The place is part of the seal."""
    token = VAULT.encrypt("whsec_secret", "caller/1/secrets")
    with pytest.raises(VaultError):
        VAULT.decrypt(token, "caller/2/secrets")


def test_keys_can_be_changed_without_a_stop() -> None:
    """A new key seals, and the one before still opens; without it, nothing opens."""
    token = Vault("the old secret key").encrypt("plain", "place")
    rotated = Vault("the new secret key", previous=("the old secret key",))
    assert rotated.decrypt(token, "place") == "plain"
    with pytest.raises(VaultError):
        Vault("the new secret key").decrypt(rotated.encrypt("x", "place").replace("v1.", "v1.0", 1), "place")
    with pytest.raises(VaultError):
        Vault("the new secret key").decrypt(token, "place")


def test_each_purpose_has_its_own_key() -> None:
    """Derived keys are stable and tell nothing of each other."""
    assert VAULT.derive("a") == Vault("a secret key for tests only").derive("a")
    assert len({VAULT.derive("a"), VAULT.derive("b"), Vault("another secret key").derive("a")}) == 3
