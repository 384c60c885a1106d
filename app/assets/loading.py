"""Stored pictures for those who send them on: what hinders is said as nodes say it."""

from app.assets.library import AssetMissingError, Library, StoreFailedError
from graphs.errors import PermanentError, TransientError


class Loading:
    """Reads pictures by hash and format."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def __call__(self, sha256: str, form: str) -> bytes:
        """The bytes of a picture.

        Raises:
            PermanentError: It is not in the store any more.
            TransientError: The store does not answer.
        """
        try:
            return await self._library.get(sha256, form)
        except AssetMissingError:
            words = f"the picture {sha256[:12]}… is not in the store any more"
            raise PermanentError("node.input_missing", words) from None
        except StoreFailedError:
            words = "a picture could not be read from the store"
            raise TransientError("node.provider_unavailable", words) from None
