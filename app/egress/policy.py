"""Where outgoing requests may go: public https on 443 and 8443, and what an operator opened.

Sources: contract §1 and §5, reliability goals S1 and S2, RFC 3986 for the parts of a URL.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self
from urllib.parse import quote

from app.egress.addresses import IPAddress, is_link_local, is_public
from app.egress.errors import BlockedAddressError, UrlRefusedError
from app.egress.hosts import is_public_name, read_host
from app.egress.rules import AllowRule

MAX_URL_LENGTH = 2048
PUBLIC_PORTS = frozenset({443, 8443})

_DEFAULT_PORTS = {"https": 443, "http": 80}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PARTS = re.compile(r"//([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::(.*))?", re.DOTALL)
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_NEVER = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_TARGET_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """A URL taken apart once, by the only parser that has a say.

    `host` is ASCII and lower-case (IPv6 without brackets), `target` is path and query as sent,
    `address` is set when the host is an IP literal, `opened` when an operator's rule names the host.
    """

    scheme: str
    host: str
    port: int
    target: str
    address: IPAddress | None
    opened: bool

    @property
    def netloc(self) -> str:
        """The host as the Host header wants it: IPv6 in brackets, no default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """The rules of one installation; `allow` opens more, but never the link-local range."""

    allow: tuple[AllowRule, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        """Read rules such as `10.0.0.0/8` or `receiver.lan:9000`. Raises ValueError naming the wrong one."""
        return cls(tuple(AllowRule.parse(entry) for entry in entries))

    def check_url(self, url: str) -> CheckedUrl:
        """Judge a URL as written, without looking anything up.

        Raises UrlRefusedError with one of seven reasons. A name that passes still has to pass
        `check_addresses` when it is connected to.
        """
        scheme, authority, target = _split(url)
        host, address, port = _read_authority(authority, scheme)
        if address is not None and is_link_local(address):
            raise UrlRefusedError("address")
        opened = self._opens(host, address, port)
        if not opened:
            _check_public(scheme, host, address, port)
        return CheckedUrl(scheme, host, port, target, address, opened)

    def check_addresses(self, url: CheckedUrl, answers: Sequence[str]) -> tuple[IPAddress, ...]:
        """Judge every address a name resolved to; give them without repeats, in order.

        Raises BlockedAddressError when there is none, or any one of them is refused.
        """
        try:
            addresses = tuple(dict.fromkeys(ip_address(answer) for answer in answers))
        except ValueError:
            raise BlockedAddressError(url.host) from None
        if not addresses or not all(self._reachable(url, address) for address in addresses):
            raise BlockedAddressError(url.host)
        return addresses

    def _reachable(self, url: CheckedUrl, address: IPAddress) -> bool:
        if is_link_local(address):
            return False
        return url.opened or is_public(address) or self._covers(address, url.port)

    def _opens(self, host: str, address: IPAddress | None, port: int) -> bool:
        if address is not None:
            return self._covers(address, port)
        return any(rule.names(host, port) for rule in self.allow)

    def _covers(self, address: IPAddress, port: int) -> bool:
        return any(rule.covers(address, port) for rule in self.allow)


def _split(url: str) -> tuple[str, str, str]:
    if len(url) > MAX_URL_LENGTH:
        raise UrlRefusedError("length")
    if _NEVER.search(url) or not (url.isascii() or _only_words(url)):
        raise UrlRefusedError("shape")
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise UrlRefusedError("shape")
    if scheme[1].lower() not in _DEFAULT_PORTS:
        raise UrlRefusedError("scheme")
    parts = _PARTS.fullmatch(url, scheme.end())
    if parts is None:
        raise UrlRefusedError("shape")
    authority, path, query, fragment = parts.groups(default="")
    # Readers disagree where the host of "https://a?@b" and "https://a#@b" ends.
    if not path and "@" in query + fragment:
        raise UrlRefusedError("shape")
    return scheme[1].lower(), authority, quote((path or "/") + query, safe=_TARGET_SAFE)


def _only_words(url: str) -> bool:
    """Whether everything beyond ASCII is a letter, mark or number: no separators, no invisible text."""
    return all(c.isascii() or unicodedata.category(c)[0] in "LMN" for c in url)


def _read_authority(authority: str, scheme: str) -> tuple[str, IPAddress | None, int]:
    if "@" in authority:
        raise UrlRefusedError("userinfo")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not parts[1]:
        raise UrlRefusedError("host")
    host, address = read_host(parts[1])
    port = _DEFAULT_PORTS[scheme] if parts[2] is None else _read_port(parts[2])
    return host, address, port


def _read_port(text: str) -> int:
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise UrlRefusedError("port")
    return int(text)


def _check_public(scheme: str, host: str, address: IPAddress | None, port: int) -> None:
    if scheme != "https":
        raise UrlRefusedError("scheme")
    if address is not None and not is_public(address):
        raise UrlRefusedError("address")
    if address is None and not is_public_name(host):
        raise UrlRefusedError("host")
    if port not in PUBLIC_PORTS:
        raise UrlRefusedError("port")
