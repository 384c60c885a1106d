"""What is remembered is never old, and is read once however many ask."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.cache import MISSING, MomentCache


def test_one_load_for_many_who_ask() -> None:
    """Threads that ask for one key at the same time wait for one load."""
    cache: MomentCache[str, int] = MomentCache(seconds=60)
    loads, gate = [], threading.Barrier(8)

    def load() -> int:
        loads.append(1)
        return len(loads)

    def ask(_: int) -> int:
        gate.wait()
        return cache.get("key", load)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {1}
    assert len(loads) == 1


def test_old_values_are_missing() -> None:
    """After its time a value is loaded anew; nothing is a value too."""
    cache: MomentCache[str, None] = MomentCache(seconds=0)
    cache.get("key", lambda: None)
    assert cache.peek("key") is MISSING
    kept: MomentCache[str, None] = MomentCache(seconds=60)
    kept.get("key", lambda: None)
    assert kept.peek("key") is None
    kept.drop("key")
    assert kept.peek("key") is MISSING


def test_in_its_second_half_one_asker_renews(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go on with what there is."""
    now = [100.0]
    monkeypatch.setattr("app.cache.time.monotonic", lambda: now[0])
    cache: MomentCache[str, str] = MomentCache(seconds=10)
    cache.get("key", lambda: "old")
    now[0] = 106.0
    assert cache.peek("key") is MISSING
    assert cache.peek("key") == "old"
    assert cache.get("key", lambda: "new") == "new"
    assert cache.peek("key") == "new"


def test_what_fails_to_load_is_not_remembered() -> None:
    """The error reaches who asked; the next one loads again."""
    cache: MomentCache[str, int] = MomentCache()
    with pytest.raises(KeyError):
        cache.get("key", lambda: {}["key"])
    assert cache.get("key", lambda: 1) == 1


def test_it_does_not_grow_for_ever() -> None:
    """Past its size it starts over."""
    cache: MomentCache[int, int] = MomentCache(seconds=60, size=10)
    for number in range(35):
        cache.get(number, lambda number=number: number)
    known = [number for number in range(35) if cache.peek(number) is not MISSING]
    assert len(known) <= 10
