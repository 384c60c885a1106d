"""Standard Webhooks signatures: equal to the reference library, stricter about what they accept."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from app.delivery.signing import (
    SecretInvalidError,
    SignatureInvalidError,
    check_secret,
    new_secret,
    sign,
    verify,
)

# The example of the reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
NOW = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {"webhook-id": MESSAGE, "webhook-timestamp": str(NOW), "webhook-signature": SIGNATURE}
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()


def secret_of(size: int) -> str:
    return "whsec_" + base64.b64encode(b"k" * size).decode()


def test_the_reference_example() -> None:
    """The published example signs byte for byte, and verifies."""
    assert sign([SECRET], MESSAGE, NOW, BODY) == HEADERS
    verify([SECRET], HEADERS, BODY, now=NOW)


@given(
    key=st.binary(min_size=24, max_size=64),
    message=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64),
    timestamp=st.integers(0, 2**33),
    text=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_round_trips_with_the_library(key: bytes, message: str, timestamp: int, text: str) -> None:
    """For any key, id, time and UTF-8 body the library makes the same signature, and ours verifies."""
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = sign([secret], message, timestamp, text.encode())
    moment = datetime.fromtimestamp(timestamp, UTC)
    assert headers["webhook-signature"] == Webhook(secret).sign(message, moment, text)
    verify([secret], headers, text.encode(), now=timestamp)


def test_the_library_accepts_what_we_sign() -> None:
    """A receiver with the reference library verifies our headers against its own clock."""
    now = int(datetime.now(UTC).timestamp())
    for secrets in ([SECRET], [OTHER, SECRET], [SECRET, OTHER]):
        assert Webhook(SECRET).verify(BODY, sign(secrets, MESSAGE, now, BODY)) == {"test": 2432232314}


@pytest.fixture(params=["Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_the_local_time_zone_changes_nothing(zone: str) -> None:
    """The signed second is the one in the header, wherever the machine stands."""
    assert sign([SECRET], MESSAGE, NOW, BODY) == HEADERS


def test_rotation_signs_with_both_and_accepts_either() -> None:
    """Two secrets give two signatures in order; one shared secret on either side is enough."""
    both = sign([OTHER, SECRET], MESSAGE, NOW, BODY)
    first, second = both["webhook-signature"].split(" ")
    assert (first, second) == (sign([OTHER], MESSAGE, NOW, BODY)["webhook-signature"], SIGNATURE)
    for secrets in ([SECRET], [OTHER], [SECRET, OTHER], [new_secret(), SECRET]):
        verify(secrets, both, BODY, now=NOW)
    verify([OTHER, SECRET], HEADERS, BODY, now=NOW)
    with pytest.raises(SignatureInvalidError):
        verify([new_secret()], both, BODY, now=NOW)


@pytest.mark.parametrize("offset", [-300, -299, 0, 0.5, 299, 300])
def test_times_within_the_tolerance_hold(offset: float) -> None:
    """A signature is good for 300 s either way."""
    verify([SECRET], HEADERS, BODY, now=NOW + offset)


@pytest.mark.parametrize("offset", [-1e9, -301, -300.5, 300.5, 301, 1e9, float("nan"), float("inf")])
def test_times_beyond_the_tolerance_do_not(offset: float) -> None:
    """Older, newer and nonsensical clocks are refused."""
    with pytest.raises(SignatureInvalidError):
        verify([SECRET], HEADERS, BODY, now=NOW + offset)


def test_the_tolerance_is_the_callers() -> None:
    """A tighter tolerance tightens."""
    verify([SECRET], HEADERS, BODY, now=NOW + 10, tolerance=10)
    with pytest.raises(SignatureInvalidError):
        verify([SECRET], HEADERS, BODY, now=NOW + 11, tolerance=10)


@pytest.mark.parametrize(
    "signature",
    [
        "v1,AAAA " + SIGNATURE,
        "v1a,AAAA " + SIGNATURE,
        SIGNATURE + " v2,future",
        "  " + SIGNATURE + "  ",
        "garbage " + SIGNATURE,
    ],
)
def test_foreign_signatures_beside_a_good_one_are_skipped(signature: str) -> None:
    """Other versions and unreadable entries do not spoil a matching one."""
    verify([SECRET], HEADERS | {"webhook-signature": signature}, BODY, now=NOW)


def test_header_names_match_in_any_case() -> None:
    """HTTP header names have no case."""
    verify([SECRET], {name.title(): value for name, value in HEADERS.items()}, BODY, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-id": "\udcff"},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": f"{NOW}.0"},
        {"webhook-timestamp": f"{NOW}.9"},
        {"webhook-timestamp": f" {NOW}"},
        {"webhook-timestamp": f"+{NOW}"},
        {"webhook-timestamp": f"0{NOW}"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1_614_265_330"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "inf"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook-signature": ""},
        {"webhook-signature": " "},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": SIGNATURE[3:]},
        {"webhook-signature": SIGNATURE[:-1]},
        {"webhook-signature": SIGNATURE.rstrip("=")},
        {"webhook-signature": SIGNATURE + "="},
        {"webhook-signature": SIGNATURE.replace("v1,", "v1a,")},
        {"webhook-signature": SIGNATURE.replace("v1,", "v2,")},
        {"webhook-signature": SIGNATURE.replace("v1,", "V1,")},
        {"webhook-signature": SIGNATURE.replace("v1,", "v1,v1,")},
        {"webhook-signature": SIGNATURE.swapcase()},
        {"webhook-signature": SIGNATURE.replace("g0hM", "g0hN")},
        {"webhook-signature": "v1,!!!! not base64"},
        {"webhook-signature": "v1,ünïcode"},
        {"webhook-signature": "v1,\udcff"},
        {"webhook-signature": "v1," + "A" * 100_000},
        {"webhook-signature": "v1,AAAA " * 100 + SIGNATURE},
        {"webhook-signature": SIGNATURE.replace(",", ", ")},
        {"webhook-signature": None},
        {"webhook-id": None},
        {"webhook-timestamp": NOW},
        {"webhook-signature": SIGNATURE.encode()},
    ],
)
def test_malformed_headers_are_one_error(changes: dict[str, Any]) -> None:
    """Whatever a header holds, the outcome is SignatureInvalidError and nothing else."""
    with pytest.raises(SignatureInvalidError):
        verify([SECRET], HEADERS | changes, BODY, now=NOW)


@pytest.mark.parametrize("missing", list(HEADERS))
def test_a_missing_header_is_the_same_error(missing: str) -> None:
    """Each of the three headers is needed."""
    with pytest.raises(SignatureInvalidError):
        verify([SECRET], {k: v for k, v in HEADERS.items() if k != missing}, BODY, now=NOW)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY[:-1], BODY.replace(b"2", b"3", 1), b"\xff\xfe"])
def test_another_body_is_refused(body: bytes) -> None:
    """A changed, cut or undecodable body does not verify."""
    with pytest.raises(SignatureInvalidError):
        verify([SECRET], HEADERS, body, now=NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["whsec_!!"], [secret_of(1)], [OTHER]])
def test_useless_secrets_verify_nothing(secrets: list[str]) -> None:
    """Without the right, well-formed secret nothing verifies, and the error is the same."""
    with pytest.raises(SignatureInvalidError):
        verify(secrets, HEADERS, BODY, now=NOW)


@given(
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "Webhook-Timestamp", "webhook-signature", "x"]), st.text(max_size=50)
    ),
    body=st.binary(max_size=50),
)
def test_arbitrary_input_raises_nothing_else(headers: dict[str, str], body: bytes) -> None:
    """No input at all brings another exception than SignatureInvalidError."""
    with pytest.raises(SignatureInvalidError):
        verify([SECRET], headers, body, now=NOW)


def test_new_secrets_are_fresh_and_well_formed() -> None:
    """A new secret is whsec_ and 32 random bytes, never the same twice."""
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(check_secret(secret)) for secret in secrets} == {32}


@pytest.mark.parametrize("size", [24, 25, 32, 63, 64])
def test_secrets_of_24_to_64_bytes_are_good(size: int) -> None:
    """The size rule of the specification, with and without padding."""
    assert check_secret(secret_of(size)) == b"k" * size
    assert check_secret(secret_of(size).rstrip("=")) == b"k" * size


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("", "starts with whsec_"),
        (secret_of(32).removeprefix("whsec_"), "starts with whsec_"),
        (secret_of(32).upper(), "starts with whsec_"),
        ("whsec_", "holds 24 to 64 bytes, this one 0"),
        (secret_of(1), "holds 24 to 64 bytes, this one 1"),
        (secret_of(23), "holds 24 to 64 bytes, this one 23"),
        (secret_of(65), "holds 24 to 64 bytes, this one 65"),
        (secret_of(32)[:-1] + "!", "standard base64"),
        (secret_of(32) + "\n", "standard base64"),
        ("whsec_" + "-_" * 22, "standard base64"),
        ("whsec_ü" + "A" * 42, "standard base64"),
        ("whsec_" + "A" * 41, "standard base64"),
    ],
)
def test_bad_secrets_say_what_would_be_right(secret: str, reason: str) -> None:
    """A malformed secret is a ValueError with the rule, and never contains the secret."""
    with pytest.raises(SecretInvalidError, match=reason) as caught:
        check_secret(secret)
    assert isinstance(caught.value, ValueError)
    assert len(secret) < 8 or secret[6:] not in str(caught.value)


@pytest.mark.parametrize("secrets", [[], [""], [SECRET, "whsec_x"]])
def test_nothing_is_signed_without_a_good_secret(secrets: list[str]) -> None:
    """No secret, or a bad one among good ones, is an error instead of an unsigned message."""
    with pytest.raises(SecretInvalidError):
        sign(secrets, MESSAGE, NOW, BODY)
