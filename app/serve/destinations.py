"""The settings of a role, the destinations in them understood; light, because every start waits for it."""

from app.egress.policy import EgressPolicy
from app.egress.rules import own_address
from app.settings import Settings, SettingsError, load_settings
from app.settings_rules import public_url_of


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
