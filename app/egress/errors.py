"""Why an outgoing request did not end in an answer.

`code` is the suffix of the contract's `delivery.*` code (contract §6). `sent` says whether the
request may have left this machine: an unanswered request that was sent has an unknown outcome.
No text here ever names a resolved address.
"""

from typing import ClassVar, Literal

RefusalReason = Literal["scheme", "host", "address", "port", "userinfo", "shape", "length"]


class EgressError(Exception):
    """An outgoing request that ended without an answer."""

    code: ClassVar[str] = "connect_failed"
    sent: bool = False


class UrlRefusedError(EgressError):
    """The policy refuses the URL as written; nothing was looked up."""

    code = "blocked_address"
    _TEXTS: ClassVar[dict[RefusalReason, str]] = {
        "scheme": "the URL must start with https://",
        "host": "the URL must name a public host",
        "address": "the URL must not name an inside or reserved address",
        "port": "the URL must use port 443 or 8443",
        "userinfo": "the URL must not carry a user name or password",
        "shape": "the URL must be absolute, without blanks, control characters or backslashes",
        "length": "the URL must have at most 2048 characters",
    }

    def __init__(self, reason: RefusalReason) -> None:
        self.reason: RefusalReason = reason
        super().__init__(self._TEXTS[reason])


class BlockedAddressError(EgressError):
    """The name led to at least one address the policy refuses; no packet was sent."""

    code = "blocked_address"

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(f"{host} leads to an address that outgoing requests may not reach")


class DnsFailedError(EgressError):
    """The name has no address, or the look-up failed."""

    code = "dns_failed"

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(f"{host} could not be resolved")


class ConnectFailedError(EgressError):
    """No connection could be opened; the request was not sent."""

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        self.reason = reason
        super().__init__(f"no connection to {host}: {reason}")


class TlsFailedError(EgressError):
    """TLS did not come up, or broke: certificate, name, protocol."""

    code = "tls_error"

    def __init__(self, host: str, reason: str, *, sent: bool = False) -> None:
        self.host = host
        self.reason = reason
        self.sent = sent
        super().__init__(f"no secure connection to {host}: {reason}")


class TimedOutError(EgressError):
    """The whole exchange, look-up to last byte, took longer than its deadline (seconds)."""

    code = "timeout"

    def __init__(self, host: str, deadline: float, *, sent: bool) -> None:
        self.host = host
        self.deadline = deadline
        self.sent = sent
        super().__init__(f"{host} did not answer in full within {deadline:g} s")


class ConnectionLostError(EgressError):
    """The connection ended, or turned to something that is not HTTP, before the answer was whole."""

    def __init__(self, host: str, reason: str, *, sent: bool) -> None:
        self.host = host
        self.reason = reason
        self.sent = sent
        super().__init__(f"the exchange with {host} broke off: {reason}")


class AnswerTooLargeError(EgressError):
    """The answer's head alone is larger than any sane server sends (limit in bytes)."""

    sent = True

    def __init__(self, host: str, limit: int) -> None:
        self.host = host
        self.limit = limit
        super().__init__(f"{host} answered with headers of more than {limit} bytes")


class UnsendableError(EgressError):
    """The request itself cannot be written as HTTP: a method, header name or value is malformed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the request cannot be sent: {reason}")
