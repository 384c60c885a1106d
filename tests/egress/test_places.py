"""Places that something is meant for: one spelling each, and nothing that only looks like one."""

import pytest

from app.egress.places import meant_for, read_place
from app.egress.policy import EgressPolicy

POLICY = EgressPolicy.of(("10.0.0.0/8", "intern.lan", "::1/128"))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (" API.Example.com ", "api.example.com"),
        ("api.example.com:443", "api.example.com"),
        ("intern.lan:9000", "intern.lan:9000"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("[::1]:8443", "[::1]:8443"),
        ("10.0.0.7", "10.0.0.7"),
    ],
)
def test_a_place_has_one_spelling(text: str, place: str) -> None:
    """Case, blanks, the usual port and the alphabet make no difference."""
    assert read_place(text) == place


WRONG = """
* *.example.com https://a.example a.example/x a@b.example a.example:0 a.example:99999 a.example: 0x7f.1 ::1
[::1 a.example. \uff41.example a.example:443:443
"""


@pytest.mark.parametrize("text", ["", "a b.example", "a.example\n:80", *WRONG.split()])
def test_what_is_no_place_is_refused(text: str) -> None:
    """Patterns, addresses with a path and odd spellings are no host."""
    with pytest.raises(ValueError, match="must be host or host:port"):
        read_place(text)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("https://api.example.com/x?y", True),
        ("https://API.EXAMPLE.COM:443/", True),
        ("https://api.example.com:8443/", False),
        ("https://evil-api.example.com/", False),
        ("https://api.example.com.evil.com/", False),
        ("https://sub.api.example.com/", False),
        ("http://intern.lan/", False),
        ("https://intern.lan/", True),
        ("http://intern.lan:9000/", True),
        ("http://intern.lan:443/", False),
    ],
)
def test_only_the_place_itself_is_meant(url: str, meant: bool) -> None:
    """Host and port must be the same, and without TLS the port must have been named."""
    places = ("api.example.com", "intern.lan", "intern.lan:9000")
    assert meant_for(places, POLICY.check_url(url)) is meant
