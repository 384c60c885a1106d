"""What each setting may be; every function gives the usable value or raises ValueError with the reason."""

import base64
import binascii
import ipaddress
import math
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?\.?")
# as the readers of these addresses see it: a user, perhaps a password, then @
_SIGNED = re.compile(r"([^:/?#@]*)(:.*)?@", re.DOTALL)
_PLAIN_URL = re.compile(r"[!#-&(-;=?-\[\]_a-z~]+")
_LINK_LOCAL = (ipaddress.ip_network("169.254.0.0/16"), ipaddress.ip_network("fe80::/10"))
_POSTGRES = {"postgres", "postgresql", "postgresql+psycopg"}
_BROKERS = {"redis": "redis", "rediss": "rediss", "unix": "unix", "valkey": "redis", "valkeys": "rediss"}
_MAX_DELAY = 7 * 24 * 3600


def usable_cores() -> int:
    """Processors this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def absolute_path(value: Path) -> Path:
    if "?" in str(value):
        raise ValueError("must be a folder without a question mark in its name")
    return value.expanduser().absolute()


def database_url(value: str) -> str:
    if not value:
        return ""
    scheme, separator, rest = value.partition("://")
    if separator and scheme in _POSTGRES:
        _check_ports(rest)
        return f"postgresql+psycopg://{rest}"
    if not separator or scheme != "sqlite":
        raise ValueError("must start with postgresql:// or sqlite:///")
    if rest.lstrip("/").partition("?")[0] in {"", ":memory:"}:
        raise ValueError("must name a file: several processes share the database")
    return value


def redis_url(value: str) -> str:
    if not value:
        return ""
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in _BROKERS or not rest:
        raise ValueError("must start with redis://, rediss:// or unix:// and name a server")
    _check_ports(rest)
    return f"{_BROKERS[scheme]}://{rest}"


def host(value: str) -> str:
    bare = value.strip().removeprefix("[").removesuffix("]")
    if not _is_address(bare) and not _HOST.fullmatch(bare):
        raise ValueError("must be an address or a host name, such as 127.0.0.1 or 0.0.0.0")
    return bare


def public_url(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be http:// or https:// with a host, without ? and #")
    if not _PLAIN_URL.fullmatch(value) or "@" in parts.netloc:
        raise ValueError("must be plain ASCII without blanks, quotes, a user name or a password")
    _check_ports(parts.netloc)
    return value.rstrip("/")


def public_url_of(listen: str, port: int) -> str:
    """The address a browser on this machine can use for a listen address."""
    if listen in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        listen = "localhost"
    return f"http://[{listen}]:{port}" if ":" in listen else f"http://{listen}:{port}"


def bootstrap_key(value: str) -> str:
    if value and not re.fullmatch(r"[\x21-\x7e]{24,255}", value):
        raise ValueError("must be 24 to 255 printable ASCII characters without spaces")
    return value


def webhook_secret(value: str) -> str:
    if not value:
        return ""
    reason = "must be whsec_ followed by base64 of 24 to 64 bytes"
    if not value.startswith("whsec_"):
        raise ValueError(reason)
    try:
        size = len(base64.b64decode(value.removeprefix("whsec_"), validate=True))
    except binascii.Error as error:
        raise ValueError(reason) from error
    if not 24 <= size <= 64:
        raise ValueError(f"{reason}; these are {size}")
    return value


def secret_key(value: str) -> str:
    if value and len(value) < 16:
        raise ValueError("must be at least 16 characters; leave it empty to have one generated")
    return value


def egress_allow(value: object) -> object:
    if not isinstance(value, str):
        return value
    entries = tuple(entry for part in value.split(",") if (entry := part.strip()))
    for entry in entries:
        _check_destination(entry)
    return entries


def retry_delays(value: object) -> object:
    """Seconds from "30,120,480"; 1 to 10 numbers between 0 and a week."""
    if isinstance(value, str):
        value = tuple(_delay(part) for part in value.split(","))
    if isinstance(value, tuple) and not 1 <= len(value) <= 10:
        raise ValueError("must be 1 to 10 numbers of seconds, such as 30,120,480")
    return value


def assets_url(value: str) -> str:
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return value.rstrip("/")
    if parts.scheme == "s3" and parts.netloc:
        return value.rstrip("/")
    raise ValueError("must be file:///absolute/folder or s3://bucket/prefix")


def masked_url(value: str) -> str:
    """The URL with its password and query hidden, also where a password has marks that belong escaped."""
    scheme, separator, rest = value.partition("://")
    signed = _SIGNED.match(rest)
    shown = ""
    if signed:
        before_query = rest.partition("?")[0]
        place = before_query if "@" in before_query else rest
        shown, rest = f"{signed[1]}{':***' if signed[2] else ''}@", rest[place.rindex("@") + 1 :]
    place, *hidden = re.split("[?#]", rest, maxsplit=1)
    return f"{scheme}{separator}{shown}{place}{'?***' if hidden else ''}"


def _check_ports(rest: str) -> None:
    """Look at the ports of what follows `scheme://`: one host, or several with commas between."""
    hosts = re.split(r"[/?]", rest.rpartition("@")[2], maxsplit=1)[0]
    for name in hosts.split(","):
        port = _split_port(name)[1]
        if port and not _is_port(port):
            # without a host behind it, it may be a password
            told = f"'{port}'" if "@" in rest or port.isdecimal() else "what stands after the colon"
            raise ValueError(f"{told} is no port between 1 and 65535")


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535


def _delay(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise ValueError(f"'{text.strip()}' is not a number of seconds; write 30,120,480") from error
    if not math.isfinite(seconds) or not 0 <= seconds <= _MAX_DELAY:
        raise ValueError(f"'{text.strip()}' must be between 0 and {_MAX_DELAY} seconds")
    return seconds


def _check_destination(entry: str) -> None:
    wanted = "use host, host:port or a CIDR such as 10.0.0.0/8"
    if "/" in entry:
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError as error:
            raise ValueError(f"'{entry}' is not a CIDR; {wanted}") from error
        _refuse_link_local(entry, network)
        return
    name, port = _split_port(entry)
    if port is not None and not _is_port(port):
        raise ValueError(f"'{entry}' has no port between 1 and 65535; {wanted}")
    if _is_address(name):
        _refuse_link_local(entry, ipaddress.ip_network(name))
    elif not _HOST.fullmatch(name):
        raise ValueError(f"'{entry}' is not a destination; {wanted}")


def _split_port(entry: str) -> tuple[str, str | None]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        return name, rest.removeprefix(":") if rest else None
    if entry.count(":") > 1:
        return entry, None
    name, separator, port = entry.partition(":")
    return name, port if separator else None


def _refuse_link_local(entry: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    for link_local in _LINK_LOCAL:
        if network.version == link_local.version and network.subnet_of(link_local):  # type: ignore[arg-type]
            raise ValueError(f"'{entry}' is in the link-local range, which is never allowed")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
