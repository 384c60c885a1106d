"""A database of an earlier release that has been worked with becomes one of today."""

from alembic import command
from sqlalchemy import insert, select

from app.store import tables
from app.store.database import Database
from app.store.migrate import alembic_config, migrate


def at_first(database):
    """The schema of the first release."""
    config = alembic_config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


def put(database, table, left_out=(), **values):
    """A row as the first release wrote it; what is demanded and not given is 0 or empty."""
    row = {
        column.name: 0 if column.type.python_type in {int, float} else ""
        for column in table.columns
        if not column.nullable and column.server_default is None
    }
    known = {name: value for name, value in {**row, **values}.items() if name not in left_out}
    with database.write() as connection:
        connection.execute(insert(table).values(**known))


def test_what_was_there_means_the_same(tmp_path):
    """Runs reuse results, steps were made by themselves, calls count generations as steps do."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    at_first(database)
    put(database, tables.run, id="run_1", status="running")
    put(database, tables.step, run_id="run_1", node_id="gen", status="succeeded", outputs="{}")
    for generation in (1, 2):
        key = f"run_1:gen:{generation}"
        put(database, tables.call, id=key, run_id="run_1", generation=generation, idempotency_key=key)
    migrate(database)
    with database.read() as connection:
        assert connection.scalars(select(tables.run.c.fresh)).all() == [False]
        assert connection.scalars(select(tables.step.c.cached_from)).all() == [None]
        found = connection.execute(select(tables.call.c.idempotency_key, tables.call.c.generation))
        assert dict(map(tuple, found)) == {"run_1:gen:1": 0, "run_1:gen:2": 1}
    database.close()
