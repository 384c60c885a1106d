"""What was made of the last few files, for the next question about them."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """The newest results by the bytes they were made of; comparing bytes is cheaper than decoding them."""

    def __init__(self, size: int) -> None:
        self._kept: deque[tuple[bytes, T]] = deque(maxlen=size)

    def find(self, data: bytes) -> T | None:
        """What was made of these bytes, if that is not long ago."""
        return next((made for known, made in self._kept if known == data), None)

    def keep(self, data: bytes, made: T) -> None:
        """Remember it instead of the oldest."""
        self._kept.append((data, made))
