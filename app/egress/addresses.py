"""Which IP addresses are public destinations, judged by where a packet ends up.

The table is ssrfguard's transcription of the IANA special-purpose registries. The standard
library's `is_global` is no substitute: it is stale per patch release and knows no embedded addresses.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from ssrfguard import DEFAULT_DENIED

IPAddress = IPv4Address | IPv6Address

_LINK_LOCAL_V4 = IPv4Network("169.254.0.0/16")
_LINK_LOCAL_V6 = IPv6Network("fe80::/10")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")

# What the registries allow or do not list, and no receiver lives behind.
_REFUSED_V4 = (
    IPv4Network("168.63.129.16/32"),  # Azure's host agent
    IPv4Network("192.0.0.0/24"),  # gateway anycast services, Oracle metadata
)
_REFUSED_V6 = (
    IPv6Network("2001::/23"),  # Teredo, gateway anycast, ORCHID
    IPv6Network("2002::/16"),  # 6to4
)
# Prefixes whose low 32 bits are an IPv4 address: mapped, translated, compatible, NAT64 (both).
_LOW_32 = (
    _MAPPED,
    IPv6Network("::ffff:0:0:0/96"),
    IPv6Network("::/96"),
    _NAT64,
    IPv6Network("64:ff9b:1::/48"),
)


def is_public(address: IPAddress) -> bool:
    """Say whether `address` is an ordinary destination on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _REFUSED_V4) and not DEFAULT_DENIED.classify(address).blocked
    if address.scope_id is not None:
        return False
    if address in _MAPPED or address in _NAT64:
        return is_public(_low_32(address))
    return (
        address in _GLOBAL_UNICAST
        and not any(address in net for net in _REFUSED_V6)
        and not DEFAULT_DENIED.classify(address).blocked
    )


def is_link_local(address: IPAddress) -> bool:
    """Say whether `address` is, or carries, a link-local one (169.254.0.0/16, fe80::/10)."""
    if isinstance(address, IPv4Address):
        return address in _LINK_LOCAL_V4
    return address in _LINK_LOCAL_V6 or any(inner in _LINK_LOCAL_V4 for inner in _embedded(address))


def _low_32(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


def _embedded(address: IPv6Address) -> Iterator[IPv4Address]:
    if any(address in net for net in _LOW_32):
        yield _low_32(address)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
