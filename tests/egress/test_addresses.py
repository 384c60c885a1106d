"""The address table, judged by where a packet ends up."""

from ipaddress import ip_address

import pytest

from app.egress.addresses import is_link_local, is_public


def words(text: str) -> list[str]:
    return text.split()


INSIDE = words("""
    0.0.0.0 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 168.63.129.16 169.254.0.1 172.16.0.1
    172.31.255.255 192.0.0.192 192.0.0.9 192.0.2.255 192.88.99.2 192.168.0.1 198.19.255.255
    198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::808:808 ::ffff:127.0.0.1 ::ffff:168.63.129.16 ::ffff:0:8.8.8.8
    64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::808:808 100::1 100:0:0:1::1 2001::1 2001:1::1
    2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:808:808:: 2002:7f00:1:: 3fff::1 3fff:fff::1
    5f00::1 4000::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1
    2606:4700:4700::1111%eth0
""")

OUTSIDE = words("""
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
    168.63.129.15 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255
    198.17.255.255 198.20.0.0 223.255.255.255
    ::ffff:8.8.8.8 64:ff9b::808:808 2600::1 2606:4700:4700::1111 2a00:1450:4001::1 2400:cb00::1
""")

LINK_LOCAL = words("""
    169.254.0.0 169.254.169.254 169.254.255.255 fe80::1 febf::ffff ::ffff:169.254.169.254
    ::ffff:0:a9fe:a9fe ::169.254.169.254 64:ff9b::a9fe:a9fe 64:ff9b:1::a9fe:a9fe
    2002:a9fe:a9fe:: 2001:0:a9fe:a9fe:: 2001::5601:5601
""")


@pytest.mark.parametrize("text", INSIDE)
def test_inside_and_reserved_addresses_are_not_public(text: str) -> None:
    """No special-purpose address counts as public, in any of its embedded forms."""
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_ordinary_addresses_are_public(text: str) -> None:
    """The neighbours of every refused block stay reachable."""
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", LINK_LOCAL)
def test_link_local_is_recognised_in_every_disguise(text: str) -> None:
    """A link-local address is found inside mapped, compatible, NAT64, 6to4 and Teredo ones."""
    assert is_link_local(ip_address(text))


@pytest.mark.parametrize("text", ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "8.8.8.8", "2606::1"])
def test_other_addresses_are_not_link_local(text: str) -> None:
    """What an operator may open is not mistaken for link-local."""
    assert not is_link_local(ip_address(text))
