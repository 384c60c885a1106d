"""Every setting of the product as one typed object, read once from the environment (contract §1)."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from app import settings_rules as rules

SECRET_FIELDS = frozenset(
    {"database_url", "redis_url", "bootstrap_key", "bootstrap_webhook_secret", "secret_key"}
)
_LONGEST_SECRET = 4096
SECRET_KEY_FILE = "secret.key"  # noqa: S105 - a file name


class SettingsError(Exception):
    """A setting cannot be used; `variable` names it, `reason` says what would be right."""

    exit_code = 2

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}")
        self.variable = variable
        self.reason = reason


class Settings(BaseSettings):
    """What an operator can set; direct construction reads no environment, `load_settings` does.

    An empty `database_url` or `redis_url` means the embedded default in the data folder.
    """

    model_config = SettingsConfigDict(
        env_prefix="SAKUGA_",
        env_ignore_empty=True,
        frozen=True,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    database_url: Annotated[str, AfterValidator(rules.database_url)] = Field(
        "",
        validation_alias="DATABASE_URL",
        repr=False,
        description="SQLAlchemy URL; PostgreSQL in production",
    )
    redis_url: Annotated[str, AfterValidator(rules.redis_url)] = Field(
        "", validation_alias="REDIS_URL", repr=False, description="broker"
    )
    data_dir: Annotated[Path, AfterValidator(rules.absolute_path)] = Field(
        Path("data"), validate_default=True, description="everything the embedded defaults write"
    )
    host: Annotated[str, AfterValidator(rules.host)] = Field("127.0.0.1", description="listen address")
    port: int = Field(8080, ge=1, le=65535, description="listen port")
    public_url: Annotated[str, AfterValidator(rules.public_url)] = Field(
        "", description="base of every URL that leaves the system"
    )
    bootstrap_key: Annotated[str, AfterValidator(rules.bootstrap_key)] = Field(
        "", repr=False, description="API key of the first owner and the caller `default`"
    )
    bootstrap_webhook_secret: Annotated[str, AfterValidator(rules.webhook_secret)] = Field(
        "", repr=False, description="signing secret of the caller `default`"
    )
    secret_key: Annotated[str, AfterValidator(rules.secret_key)] = Field(
        "", repr=False, description="encrypts credentials at rest, signs sessions"
    )
    egress_allow: Annotated[tuple[str, ...], NoDecode, BeforeValidator(rules.egress_allow)] = Field(
        (), description="host[:port] or CIDR that requests may reach besides public https"
    )
    retry_delays: Annotated[tuple[float, ...], NoDecode, BeforeValidator(rules.retry_delays)] = Field(
        (30.0, 120.0, 480.0), description="seconds before retry 1, 2, 3 of a transient failure"
    )
    assets_url: Annotated[str, AfterValidator(rules.assets_url)] = Field(
        "", description="file://… or s3://bucket/prefix"
    )
    asset_url_days: float = Field(14, ge=7, le=3650, description="days that asset_url in a callback opens")
    worker_processes: int = Field(0, ge=0, le=256, description="worker processes; 0 fits the machine")
    worker_threads: int = Field(0, ge=0, le=256, description="threads per worker; 0 fits the machine")
    event_streams: int = Field(
        500, ge=1, le=100_000, description="listeners that may follow runs at once, per process"
    )
    lease_seconds: float = Field(
        10.0, ge=1, le=600, description="seconds a worker's claim holds without a heartbeat"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(rules.lower)] = Field(
        "info", description="debug, info, warning or error"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    @model_validator(mode="after")
    def _fit(self) -> Self:
        cores = rules.usable_cores()
        # SQLite has one writer, but what runs do between their commits takes more than one core
        processes = self.worker_processes or min(cores, 2 if self.uses_sqlite else 4)
        # they only pass on what the broker says: a claim keeps none of them waiting
        threads = self.worker_threads or max(2, min(8, cores))
        public = self.public_url or rules.public_url_of(self.host, self.port)
        derived = {"worker_processes": processes, "worker_threads": threads, "public_url": public}
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        return self

    @property
    def uses_sqlite(self) -> bool:
        return not self.database_url or self.database_url.startswith("sqlite")

    @property
    def database_url_resolved(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'sakuga.db'}"

    @property
    def assets_url_resolved(self) -> str:
        return self.assets_url or (self.data_dir / "assets").as_uri()

    @property
    def secret_key_resolved(self) -> str:
        """The given key, else the one generated into the data folder.

        Raises:
            SettingsError: neither exists.
        """
        if self.secret_key:
            return self.secret_key
        try:
            return (self.data_dir / SECRET_KEY_FILE).read_text("ascii").strip()
        except OSError as error:
            reason = f"not set, and {self.data_dir / SECRET_KEY_FILE} cannot be read ({error.strerror})"
            raise SettingsError(variable_of("secret_key"), reason) from error


def variable_of(field: str) -> str:
    """The environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"SAKUGA_{field.upper()}"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of `environ` (default: the process environment).

    A secret may also come from a file named by `<variable>_FILE`.

    Raises:
        SettingsError: with the variable and the reason.
    """
    given = _with_files(dict(os.environ if environ is None else environ))
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in given.items() if value}
    try:
        return Settings(**source())
    except ValidationError as error:
        raise _first_problem(error) from None


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting as (variable, value, meaning), secrets masked."""
    return [
        (variable_of(name), _shown(name, getattr(settings, name)), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _with_files(environ: dict[str, str]) -> dict[str, str]:
    for field in SECRET_FIELDS:
        variable = variable_of(field)
        path = environ.get(f"{variable}_FILE", "")
        if not path:
            continue
        if environ.get(variable):
            raise SettingsError(variable, f"set either {variable} or {variable}_FILE, not both")
        environ[variable] = _secret_file(f"{variable}_FILE", path)
    return environ


def _secret_file(variable: str, path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(_LONGEST_SECRET + 1).strip()
    except OSError as error:
        raise SettingsError(variable, f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(variable, f"{path} is not a text file") from error
    if not text:
        raise SettingsError(variable, f"{path} is empty")
    if len(text) > _LONGEST_SECRET:
        raise SettingsError(variable, f"{path} holds more than {_LONGEST_SECRET} characters")
    return text


def _first_problem(error: ValidationError) -> SettingsError:
    first: Any = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    variable = variable_of(name) if name in Settings.model_fields else name
    return SettingsError(variable, _reason(first["msg"]))


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "must be")


def _shown(name: str, value: object) -> str:
    if name in {"database_url", "redis_url"}:
        return rules.masked_url(str(value)) or "(embedded)"
    if name in SECRET_FIELDS:
        return "(set)" if value else "(generated)"
    if name == "assets_url" and not value:
        return "(in the data folder)"
    if isinstance(value, tuple):
        return ",".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    return str(value)
