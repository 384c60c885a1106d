"""What an operator opens besides public https addresses (contract §1, SAKUGA_EGRESS_ALLOW)."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Self
from urllib.parse import urlsplit

from app.egress.addresses import IPAddress, is_link_local
from app.egress.errors import UrlRefusedError
from app.egress.hosts import read_host

IPNetwork = IPv4Network | IPv6Network

_BRACKETED = re.compile(r"\[([^\]]*)\](?::(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AllowRule:
    """One opened host name or network, on one port or (None) on all."""

    host: str | None
    network: IPNetwork | None
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host[:port]` or `CIDR[:port]`; IPv6 with a port stands in brackets.

        Raises ValueError naming the entry and what would be right.
        """
        body, port = _split_port(text.strip())
        network = _read_network(text, body)
        if network is not None:
            return cls(None, network, _read_port(text, port))
        try:
            host, _ = read_host(body)
        except UrlRefusedError:
            raise ValueError(f"{text!r}: expected host, host:port, CIDR or CIDR:port") from None
        return cls(host, None, _read_port(text, port))

    def names(self, host: str, port: int) -> bool:
        return self.host == host and self._on(port)

    def covers(self, address: IPAddress, port: int) -> bool:
        return self.network is not None and address in self.network and self._on(port)

    def _on(self, port: int) -> bool:
        return self.port is None or self.port == port


def own_address(public_url: str) -> str:
    """Our own door as an allow rule, so that the test inbox can be called; triggers check the path."""
    parts = urlsplit(public_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"[{parts.hostname}]:{port}" if ":" in (parts.hostname or "") else f"{parts.hostname}:{port}"


def _split_port(text: str) -> tuple[str, str | None]:
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        return bracketed[1], bracketed[2]
    net, slash, tail = text.partition("/")
    if slash:
        bits, colon, port = tail.partition(":")
        return f"{net}/{bits}", port if colon else None
    if text.count(":") != 1:  # none, or a bare IPv6 address
        return text, None
    host, _, port = text.partition(":")
    return host, port


def _read_network(text: str, body: str) -> IPNetwork | None:
    try:
        network = ip_network(body, strict=False)
    except ValueError as error:
        if "/" in body or ":" in body:
            raise ValueError(f"{text!r}: {error}") from None
        return None
    if is_link_local(network[0]) and is_link_local(network[-1]):
        raise ValueError(f"{text!r}: the link-local range can never be allowed")
    return network


def _read_port(text: str, port: str | None) -> int | None:
    if port is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        raise ValueError(f"{text!r}: the port must be a number from 1 to 65535")
    return int(port)
