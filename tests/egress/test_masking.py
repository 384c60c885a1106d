"""Masking: however a receiver writes a value, it is gone from the answer."""

import base64
import html
import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.egress.masking import Masker

VALUE = "sk-live 7\\\"/<b>&'+=%41~\\u0041"
CHARS = st.characters(min_codepoint=0x21, max_codepoint=0x7E)


def entities(text: str) -> str:
    return "".join(f"&#x{ord(char):x};" for char in text)


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(char):04X}" for char in text)


WAYS = {
    "as it is": str,
    "json": lambda text: json.dumps({"a": text}),
    "json for html": lambda text: json.dumps(text).replace("<", "\\u003c").replace("/", "\\/"),
    "json in json": lambda text: json.dumps(json.dumps(text)),
    "json all escaped": lambda text: f'"{escaped(text)}"',
    "address": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "html": html.escape,
    "entities": entities,
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    **{
        f"base64 after {before}": lambda text, before=before: base64.b64encode(
            b"#" * before + text.encode() + b"tail"
        ).decode()
        for before in range(4)
    },
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=40, deadline=None)
@given(value=st.text(CHARS, min_size=8, max_size=60))
def test_a_value_is_found_in_every_way_of_writing_it(way: str, value: str) -> None:
    """Escapes of JSON, HTML and addresses, digits and Base64 hide nothing; what stands around it stays."""
    for each in (value, VALUE):
        written = WAYS[way](each)
        masked = Masker({"crm": each}).masked(f"before {written} after".encode()).decode()
        assert written not in masked
        assert "(secret crm)" in masked
        assert masked.startswith("before ")
        assert masked.endswith(" after")


@settings(max_examples=40, deadline=None)
@given(value=st.text(CHARS, min_size=8, max_size=60))
def test_what_stands_around_a_value_stays(value: str) -> None:
    """Of an answer that repeats it in many ways only the value itself is gone; JSON stays JSON."""
    ways = ("as it is", "address", "html", "json in json", "base64 for addresses", "hex")
    said = {"a%20b": "\\u00e4", **{way: WAYS[way](value) for way in ways}, "end": "C:\\\\x &amp; <y>"}
    body = json.dumps(said).replace("/", "\\/")
    found = json.loads(Masker({"crm": value}).masked(body.encode()))
    assert found.keys() == said.keys()
    assert (found["a%20b"], found["end"]) == (said["a%20b"], said["end"])
    assert found["as it is"] == found["address"] == found["html"] == "(secret crm)"
    assert value not in json.dumps(found)


def test_an_answer_without_the_value_stays_as_it_is() -> None:
    """Bytes of pictures and other escapes are not touched."""
    data = bytes(range(256)) * 50 + b"\\u00e4 %41 &lt; \\/"
    assert Masker({"crm": VALUE, "cms": "another-one"}).masked(data) == data


def test_the_longer_of_two_values_is_named() -> None:
    """A value that begins like another is masked as a whole."""
    masker = Masker({"short": "abcdefgh", "long": "abcdefgh-ijkl"})
    assert masker.masked(b"x abcdefgh-ijkl abcdefgh") == b"x (secret long) (secret short)"


def test_a_hostile_answer_is_masked_in_time() -> None:
    """An answer made to look almost like a long value takes no more than a moment."""
    masker = Masker({"crm": "a" * 3999 + "b"})
    began = time.perf_counter()
    for data in (b"a" * (1 << 20), b"%61" * (1 << 16), b"\\" * (1 << 17)):
        masker.masked(data)
    assert time.perf_counter() - began < 10
