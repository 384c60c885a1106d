"""A Redis broker whose idle consumers listen instead of asking: a ring is heard within a millisecond or two.

dramatiq's own consumer asks again and again with growing pauses. Here an idle consumer blocks on a list that
every enqueue pushes to; should a push be lost, it still looks once a second.
"""

import time
from typing import Any

import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.common import q_name
from dramatiq.errors import ConnectionClosed

_LISTEN_SECONDS = 1.0
_FULL_PAUSE = 0.005
_KEPT_RINGS = 64


class BellConsumer(_RedisConsumer):
    """Fetches as its parent does, and waits for the bell when there was nothing to fetch."""

    def __init__(self, broker: "BellBroker", queue_name: str, prefetch: int, timeout: int) -> None:
        super().__init__(broker, queue_name, prefetch, timeout)  # type: ignore[no-untyped-call]
        # the parent's own pause, in milliseconds
        self.timeout = 1
        self._delayed = q_name(queue_name) != queue_name

    def __next__(self) -> Any:
        full = self.outstanding_message_count >= self.prefetch
        message = super().__next__()  # type: ignore[no-untyped-call]
        if message is None:
            self._pause(full=full)
        return message

    def _pause(self, *, full: bool) -> None:
        if self._delayed:
            time.sleep(_LISTEN_SECONDS)
        elif full:
            time.sleep(_FULL_PAUSE)
        else:
            try:
                self.broker.client.blpop([self.broker.bell(self.queue_name)], timeout=_LISTEN_SECONDS)
            except redis.TimeoutError:
                return
            except redis.ConnectionError as error:
                raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]


class BellBroker(RedisBroker):
    """Rings after every message."""

    @property
    def consumer_class(self) -> type[BellConsumer]:
        return BellConsumer

    def probe(self) -> redis.Redis:
        """A client of the same server that gives up after a second."""
        pool = self.client.connection_pool
        kwargs = {**pool.connection_kwargs, "socket_timeout": 1, "socket_connect_timeout": 1}
        return redis.Redis(connection_pool=redis.ConnectionPool(pool.connection_class, **kwargs))

    def bell(self, queue_name: str) -> str:
        return f"{self.namespace}:bell:{queue_name}"

    def enqueue(self, message: "Message[Any]", *, delay: int | None = None) -> "Message[Any]":
        sent: Message[Any] = super().enqueue(message, delay=delay)
        with self.client.pipeline(transaction=False) as pipe:
            pipe.rpush(self.bell(message.queue_name), 1)
            pipe.ltrim(self.bell(message.queue_name), -_KEPT_RINGS, -1)
            pipe.execute()
        return sent
