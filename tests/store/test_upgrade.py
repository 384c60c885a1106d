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


def test_what_was_charged_without_a_budget_is_counted(tmp_path):
    """Calls that no account knows of are to be added up; those of monitored days stay as they are booked."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    at_first(database)
    for number, (workflow, charged) in enumerate((("w1", 250_000), ("w1", 0), ("w2", 70_000))):
        put(database, tables.run, id=f"run_{number}", workflow_id=workflow, caller_id="c")
        known = {"run_id": f"run_{number}", "workflow_id": workflow, "caller_id": "c", "day": "2026-01-31"}
        put(database, tables.call, id=f"call_{number}", idempotency_key=str(number), charged=charged, **known)
    put(database, tables.spend, scope="w2:c", day="2026-01-31", spent=70_000)
    put(database, tables.inbox_message, ("bytes",), id="msg_1", body="12345", headers="{}")
    migrate(database)
    with database.read() as connection:
        (entry,) = connection.execute(select(tables.spend_entry)).all()
        assert (entry.scope, entry.day, entry.amount) == ("w1:c", "2026-01-31", 250_000)
        assert connection.scalar(select(tables.inbox_message.c.bytes)) == 7
    database.close()
