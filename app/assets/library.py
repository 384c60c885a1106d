"""The asset store: content-addressed, written once, read by signed addresses.

Keys are ``sha256/ab/cd/<hash>.<format>``; the same bytes are stored once. Thumbnails lie beside them. The
addresses that leave the system carry an expiry and a signature of our own, so that they open without a key.
"""

import asyncio
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, NotSupportedError
from obstore.store import LocalStore, S3Store

from app import clock
from app.assets.imaging.jobs import Exported, Ingested, ingest_job, strip_job
from app.assets.once import Once
from app.cpu import CpuPool
from app.points import Point, reached

MIME = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_REMEMBERED = 2048
_DIGITS = 12
_DAY = 86_400


class AssetMissingError(Exception):
    """There is no such asset, or its address is not valid any more."""


class AddressExpiredError(AssetMissingError):
    """The address was good once; a fresh one is."""


class StoreFailedError(Exception):
    """The store could not be read or written: full, away, or not ours."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of a stored picture; sizes in pixels and bytes."""

    sha256: str
    format: str
    width: int
    height: int
    bytes: int


class Library:
    """Stores pictures and hands out their addresses.

    Args:
        url: ``file:///folder`` or ``s3://bucket/prefix``.
        secret: Signs addresses.
        public_url: Base of every address.
        pool: Where pictures are decoded.
        lifetime: Seconds an address opens.
    """

    def __init__(
        self, url: str, secret: bytes, public_url: str, pool: CpuPool, *, lifetime: float = 7 * 86400
    ) -> None:
        self._store = _open_store(url)
        self._secret = hmac.new(secret, b"asset addresses", "sha256").digest()
        self._public_url = public_url.rstrip("/")
        self._pool = pool
        self._lifetime = lifetime
        self._known: Once[Stored] = Once(_REMEMBERED)
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="assets")

    async def put(self, data: bytes, *, shared: bool = False) -> Stored:
        """Check, measure and store a picture; storing the same bytes again costs a hash.

        Args:
            data: The file.
            shared: These very bytes are kept elsewhere and come again and again: their hash is remembered.

        Raises:
            ImageRefusedError: The bytes are not a picture we take.
            StoreFailedError: The store did not take it.
        """
        digest = _remembered(data) if shared else _digest(data)
        return await self._known.get(digest, lambda: self._ingest(digest, data))

    async def put_made(self, made: Exported) -> Stored:
        """As ``put``, for what was rendered here: its facts are known, and nobody decodes it again."""
        return await self._known.get(made.sha256, lambda: self._write_both(made.sha256, made.data, made))

    async def take_in(self, data: bytes) -> Stored:
        """As ``put``, for what people bring: the file loses all that is not the picture.

        What was stored here before may have been removed since, so the store is asked.
        """
        clean = await self._pool.run(strip_job, data)
        stored = await self.put(clean)
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(self._threads, self.has, stored.sha256, stored.format):
            return await self._ingest(stored.sha256, clean)
        return stored

    async def remove(self, sha256: str, form: str) -> None:
        """Remove a picture and its thumbnail; one that is not there is no error."""
        for key in (_key(sha256, form), _thumb_key(sha256)):
            await asyncio.get_running_loop().run_in_executor(self._threads, self._delete, key)

    def _delete(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except (FileNotFoundError, NotFoundError):
            return
        except (BaseError, OSError) as error:
            raise StoreFailedError from error

    async def _ingest(self, digest: str, data: bytes) -> Stored:
        return await self._write_both(digest, data, await self._pool.run(ingest_job, data))

    async def _write_both(self, digest: str, data: bytes, facts: Ingested | Exported) -> Stored:
        await self._write(_key(digest, facts.format), data)
        reached(Point.ASSET_WRITTEN)
        await self._write(_thumb_key(digest), facts.thumb)
        return Stored(digest, facts.format, facts.width, facts.height, len(data))

    async def get(self, sha256: str, form: str) -> bytes:
        """The bytes of a stored picture."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.read, _key(sha256, form))

    def read(self, key: str) -> bytes:
        """The bytes under a key, from any thread; AssetMissingError when there are none."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (FileNotFoundError, NotFoundError) as error:
            raise AssetMissingError from error
        except (BaseError, OSError) as error:
            raise StoreFailedError from error

    def has(self, sha256: str, form: str) -> bool:
        """Whether a picture is in the store, from any thread; StoreFailedError when that cannot be told."""
        try:
            obstore.head(self._store, _key(sha256, form))
        except (FileNotFoundError, NotFoundError):
            return False
        except (BaseError, OSError) as error:
            raise StoreFailedError from error
        return True

    def url(self, sha256: str, form: str, *, now: float | None = None) -> str:
        """A public address of a picture, signed and expiring."""
        return self._public_url + self.path(f"{sha256}.{form}", now=now)

    def thumb_path(self, sha256: str) -> str:
        """The address of a 256 px thumbnail, relative to the server, for our own pages."""
        # the same address all day, so that browsers keep it; good for another day at least
        return self._address(f"{sha256}.thumb", (int(clock.wall()) // _DAY + 2) * _DAY)

    def path(self, name: str, *, now: float | None = None) -> str:
        return self._address(name, int((clock.wall() if now is None else now) + self._lifetime))

    def _address(self, name: str, expires: int) -> str:
        return f"/a/{name}?exp={expires}&sig={self._sign(name, expires)}"

    def open(self, name: str, expires: str, signature: str) -> tuple[bytes, str]:
        """The bytes and media type behind a signed address.

        Raises:
            AddressExpiredError: The address was right, and has expired.
            AssetMissingError: The signature is wrong, or the asset is gone.
        """
        digest, _, form = name.partition(".")
        readable = expires.isascii() and expires.isdigit() and len(expires) <= _DIGITS
        if not readable or len(digest) != 64 or form not in {*MIME, "thumb"}:
            raise AssetMissingError
        good = hmac.compare_digest(self._sign(name, int(expires)).encode(), signature.encode())
        if not good:
            raise AssetMissingError
        if int(expires) < clock.wall():
            raise AddressExpiredError
        if form == "thumb":
            return self.read(_thumb_key(digest)), MIME["webp"]
        return self.read(_key(digest, form)), MIME[form]

    def _sign(self, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{name}:{expires}".encode(), "sha256").hexdigest()[:32]

    async def _write(self, key: str, data: bytes) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._put, key, data)

    def _put(self, key: str, data: bytes) -> None:
        try:
            obstore.put(self._store, key, data, mode="create")
        except AlreadyExistsError:
            return
        except NotSupportedError:
            obstore.put(self._store, key, data)
        except (BaseError, OSError) as error:
            raise StoreFailedError from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_remembered = lru_cache(maxsize=64)(_digest)


def _key(sha256: str, form: str) -> str:
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}.{form}"


def _thumb_key(sha256: str) -> str:
    return f"thumbs/{sha256[:2]}/{sha256[2:4]}/{sha256}.webp"


def _open_store(url: str) -> LocalStore | S3Store:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return S3Store.from_url(url)
    folder = Path(unquote(parts.path))
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder)
