"""Bring a database to the present schema; many processes may try at once, one does it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.points import Point, reached
from app.settings import load_settings
from app.store.database import Database

_ADVISORY_LOCK = 0x53414B55


def migrate(database: Database) -> None:
    """Apply every migration that is missing, under a lock, in one transaction per database."""
    config = alembic_config()
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if not up_to_date(connection, config):
            config.attributes["connection"] = connection
            reached(Point.MIGRATION_STARTED)
            command.upgrade(config, "head")
            reached(Point.MIGRATION_APPLIED)
    reached(Point.MIGRATION_COMMITTED)


def up_to_date(connection: Connection, config: Config | None = None) -> bool:
    """Whether the schema is the one this code was written for."""
    script = ScriptDirectory.from_config(config or alembic_config())
    return MigrationContext.configure(connection).get_current_heads() == tuple(script.get_heads())


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def main() -> None:
    """The command ``sakuga migrate``."""
    settings = load_settings()
    if not settings.database_url:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_url_resolved)
    try:
        migrate(database)
    finally:
        database.close()
