"""What a start needs from outside, looked at first: what is wrong takes one line, not a restarting role."""

import redis

from app.egress.policy import EgressPolicy
from app.egress.rules import own_address
from app.serve.errors import OperatorError
from app.serve.local import reachable
from app.settings import Settings, SettingsError, load_settings
from app.settings_rules import public_url_of
from app.store.database import Database

_BROKER_SECONDS = 5


class BrokerUnreachableError(OperatorError):
    """No broker answers at the address that was set."""

    exit_code = 1

    def __init__(self, error: Exception) -> None:
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        super().__init__(f"REDIS_URL: no broker answers ({reason}); unset it to use the embedded one")


def settings_of_role() -> Settings:
    """The settings of the environment, the destinations in them understood.

    Raises:
        SettingsError: with the variable and the reason.
    """
    settings = load_settings()
    try:
        EgressPolicy.of(settings.egress_allow)
    except ValueError as error:
        raise SettingsError("SAKUGA_EGRESS_ALLOW", str(error)) from None
    try:
        EgressPolicy.of([own_address(settings.public_url)])
    except ValueError as error:
        derived = settings.public_url == public_url_of(settings.host, settings.port)
        variable = "SAKUGA_HOST" if derived else "SAKUGA_PUBLIC_URL"
        raise SettingsError(variable, f"its host cannot be called: {error}") from None
    return settings


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
