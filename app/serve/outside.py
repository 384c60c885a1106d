"""The servers a start needs, asked first: what does not answer takes one line, not a restarting role."""

import redis

from app.serve.errors import OperatorError
from app.serve.local import reachable
from app.settings import Settings
from app.store.database import Database

_BROKER_SECONDS = 5


class BrokerUnreachableError(OperatorError):
    """No broker answers at the address that was set."""

    exit_code = 1

    def __init__(self, error: Exception) -> None:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        super().__init__(f"REDIS_URL: no broker answers ({reason}); unset it to use the embedded one")


def check_servers(settings: Settings) -> None:
    """See that the database and the broker that were set answer; what is embedded comes up later.

    Raises:
        OperatorError: naming the variable, without any secret.
    """
    if settings.database_url:
        database = Database(settings.database_url, pool_size=1)
        try:
            with reachable(), database.read():
                pass
        finally:
            database.close()
    if settings.redis_url:
        try:
            with redis.Redis.from_url(
                settings.redis_url, socket_timeout=_BROKER_SECONDS, socket_connect_timeout=_BROKER_SECONDS
            ) as broker:
                broker.ping()
        except (redis.RedisError, ValueError) as error:
            raise BrokerUnreachableError(error) from None
