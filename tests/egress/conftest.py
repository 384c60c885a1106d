"""Real receivers on loopback sockets, a resolver that answers as told, and certificates for both."""

import asyncio
import datetime as dt
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@dataclass
class Receiver:
    """One listening socket and what reached it."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., AbstractAsyncContextManager[Receiver]]


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)


@asynccontextmanager
async def _serve(
    behaviour: Behaviour | bytes = OK,
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Receiver]:
    """Listen; `behaviour` answers each request with the same bytes, or takes over the connection."""
    receiver = Receiver()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        receiver.connections += 1
        try:
            if tls is not None:
                await writer.start_tls(tls)
            if not isinstance(behaviour, bytes):
                await behaviour(reader, writer)
                return
            while True:
                receiver.requests.append(await read_request(reader))
                writer.write(behaviour)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            receiver.gone.set()
            writer.transport.abort()

    server = await asyncio.start_server(handle, address, port)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


class Names:
    """A resolver with scripted answers: the n-th look-up of a name gets its n-th row, the last stays."""

    def __init__(self, **rows: Sequence[Sequence[str] | OSError]) -> None:
        self.rows = {name.replace("_", "."): list(answers) for name, answers in rows.items()}
        self.asked: Counter[str] = Counter()

    async def __call__(self, host: str) -> Sequence[str]:
        rows = self.rows[host]
        answer = rows[min(self.asked[host], len(rows) - 1)]
        self.asked[host] += 1
        if isinstance(answer, OSError):
            raise answer
        return answer


@dataclass(frozen=True)
class Authority:
    """A certificate authority of our own: trusting clients, and servers with a certificate."""

    client: ssl.SSLContext
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    def server(self, *names: str, days: int = 1) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        issued = _certificate(self.certificate.subject, key, names[0], days).add_extension(
            alternatives, critical=False
        )
        file = self.folder / f"{names[0]}-{days}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + issued.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _certificate(
    issuer: x509.Name | None, key: ec.EllipticCurvePrivateKey, name: str, days: int
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - dt.timedelta(days=30))
        .not_valid_after(end)
    )


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def serve() -> Serve:
    return _serve


@pytest.fixture
def names() -> type[Names]:
    return Names


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    root = _certificate(None, key, "Test Authority", 1).add_extension(constraints, critical=True)
    certificate = root.sign(key, hashes.SHA256())
    client = ssl.create_default_context(
        cadata=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
    )
    return Authority(client, key, certificate, tmp_path_factory.mktemp("authority"))
