"""Hints between processes: what changed, and how far slow nodes are. Rows stay the truth (design §4).

Worker processes publish at most ten small messages a second; web processes listen and wake whoever looks.
Losing a hint costs a second of freshness, nothing else.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import redis
import structlog

from app import clock

_CHANNEL = "sakuga:live"
_INTERVAL = 0.1
_REMEMBERED = 5_000
_MOST_NAMED = 200
_LOG = structlog.get_logger()


class Publisher:
    """Collects hints of one worker process and publishes them in batches."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self._runs: dict[str, float] = {}
        self._nodes: dict[tuple[str, str], tuple[float, str, float, str, float | None]] = {}
        self._wake = threading.Event()
        self._closed = False
        threading.Thread(target=self._loop, name="live-out", daemon=True).start()

    def changed(self, run_id: str) -> None:
        """The rows of a run changed; what was said of its nodes before is over."""
        self._runs[run_id] = clock.now()
        if not self._wake.is_set():
            self._wake.set()

    def node(  # noqa: PLR0917
        self, run_id: str, node_id: str, state: str, progress: float, note: str, since: float | None = None
    ) -> None:
        """A slow node started or moved on; ``since`` is when it began, if that was not now."""
        self._nodes[run_id, node_id] = (clock.now(), state, progress, note, since)
        if not self._wake.is_set():
            self._wake.set()

    def close(self) -> None:
        self._closed = True
        self._wake.set()

    def _loop(self) -> None:
        while not self._closed:
            self._wake.wait()
            time.sleep(_INTERVAL)
            self._wake.clear()
            with contextlib.suppress(redis.RedisError, OSError):
                self._flush()

    def _flush(self) -> None:
        # one swap each: a hint that slips in between is carried by the set that was current
        runs, self._runs = self._runs, {}
        nodes, self._nodes = self._nodes, {}
        if runs or nodes:
            named = sorted(runs) if len(runs) <= _MOST_NAMED else ["*"]
            rows = [
                [*key, *told, since or at]
                for key, (at, *told, since) in nodes.items()
                if at >= runs.get(key[0], at)
            ]
            self._redis.publish(_CHANNEL, json.dumps({"runs": named, "nodes": rows[:500]}))


class Live:
    """What a web process heard: wakes those who wait for a run, and knows the state of slow nodes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._nodes: OrderedDict[str, dict[str, dict[str, Any]]] = OrderedDict()
        self._listeners: dict[int, Callable[[set[str]], None]] = {}
        self._lock = threading.Lock()
        self._closed = False
        # whether the broker answered last; until the first answer nobody says that it does not
        self.connected = True
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop, name="live-in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed = True

    def nodes(self, run_id: str) -> dict[str, dict[str, Any]]:
        """Live state of a run's slow nodes: ``{node_id: {state, progress, note, since}}``."""
        with self._lock:
            return dict(self._nodes.get(run_id, {}))

    def listen(self, callback: Callable[[set[str]], None]) -> Callable[[], None]:
        """Call back, from another thread, with ids of runs that changed ("*": any); returns the stop."""
        key = id(callback)
        self._listeners[key] = callback
        return lambda: self._listeners.pop(key, None) and None

    async def wait(self, run_id: str, seconds: float) -> None:
        """Until a run changed, or for some seconds."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def heard(runs: set[str]) -> None:
            if run_id in runs or "*" in runs:
                loop.call_soon_threadsafe(changed.set)

        stop = self.listen(heard)
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            return
        finally:
            stop()

    def _loop(self) -> None:
        while not self._closed:
            try:
                self._receive()
            except (redis.RedisError, OSError):
                self.connected = False
                time.sleep(0.5)

    def _receive(self) -> None:
        client = redis.Redis.from_url(self._url)
        with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(_CHANNEL)
            self.connected = True
            while not self._closed:
                message = channel.get_message(timeout=1.0)
                if message:
                    self._hear(json.loads(message["data"]))

    def _hear(self, message: dict[str, Any]) -> None:
        runs = set(message["runs"])
        with self._lock:
            for run_id in runs:
                self._nodes.pop(run_id, None)
            for run_id, node_id, state, progress, note, since in message["nodes"]:
                known = self._nodes.setdefault(run_id, {})
                known[node_id] = {"state": state, "progress": progress, "note": note, "since": since}
                runs.add(run_id)
            while len(self._nodes) > _REMEMBERED:
                self._nodes.popitem(last=False)
        for callback in list(self._listeners.values()):
            try:
                callback(runs)
            except Exception:  # noqa: BLE001 - one listener must not silence the others
                _LOG.exception("live_listener_failed")
