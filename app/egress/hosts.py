"""Reading the host of a URL or a rule: one spelling per host, everything else is refused."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import idna

from app.egress.addresses import IPAddress
from app.egress.errors import UrlRefusedError

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# A host whose last label reads as a number is an IPv4 address to some parsers (WHATWG URL, 3.5).
_NUMERIC_END = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.DOTALL)
_TOP_LEVEL = re.compile(r"[a-z]{2,}|xn--[a-z0-9-]+")

_INSIDE_SUFFIXES = frozenset(
    {
        "localhost",
        "localdomain",
        "local",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "home.arpa",
        "svc",
        "onion",
        # public zones whose only use is to point at any address, inside ones too
        "localtest.me",
        "lvh.me",
        "vcap.me",
        "lacolhost.com",
        "nip.io",
        "sslip.io",
        "xip.io",
        "rbndr.us",
        "1u.ms",
    }
)


def read_host(text: str) -> tuple[str, IPAddress | None]:
    """Give the one spelling of a host (lower-case ASCII) and its address when it is a literal.

    Raises UrlRefusedError("host") for brackets that hold no IPv6 address, zone ids, trailing dots,
    empty or over-long labels, encoded (octal, hex, integer, short) IPv4 and anything not IDNA 2008.
    """
    if text.startswith("["):
        address = _ipv6(text)
        return str(address), address
    name = text.lower() if text.isascii() else _to_ascii(text)
    if _NUMERIC_END.fullmatch(name):
        literal = _ipv4(name)
        return str(literal), literal
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefusedError("host")
    if "xn--" in name:
        _check_punycode(labels)
    return name, None


def is_public_name(name: str) -> bool:
    """Say whether a host name can belong to the public internet: dotted, no inside-only suffix."""
    labels = name.split(".")
    suffixes = (".".join(labels[i:]) for i in range(len(labels)))
    return (
        len(labels) > 1
        and "_" not in name
        and _TOP_LEVEL.fullmatch(labels[-1]) is not None
        and not any(suffix in _INSIDE_SUFFIXES for suffix in suffixes)
    )


def _ipv6(text: str) -> IPv6Address:
    if not text.endswith("]") or "%" in text:
        raise UrlRefusedError("host")
    try:
        return IPv6Address(text[1:-1])
    except AddressValueError:
        raise UrlRefusedError("host") from None


def _ipv4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise UrlRefusedError("host") from None


def _to_ascii(text: str) -> str:
    # No mapping step: a full-width or circled character is refused, not turned into another host.
    if len(text) > 253:
        raise UrlRefusedError("host")
    try:
        return idna.encode(text.lower(), strict=True, std3_rules=True).decode("ascii")
    except UnicodeError:
        raise UrlRefusedError("host") from None


def _check_punycode(labels: list[str]) -> None:
    try:
        for label in labels:
            if label.startswith("xn--"):
                idna.ulabel(label)
    except UnicodeError:
        raise UrlRefusedError("host") from None
