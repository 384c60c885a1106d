"""``sakuga migrate`` on a machine that has nothing yet."""

import os
import subprocess
import sys
from pathlib import Path

from app.store.database import Database
from app.store.migrate import up_to_date


def test_a_first_migration_makes_the_data_folder(tmp_path: Path) -> None:
    """Rule: the command needs no folder to be there, and running it again changes nothing."""
    folder = tmp_path / "not" / "yet"
    environment = {**os.environ, "SAKUGA_DATA_DIR": str(folder)}
    environment.pop("DATABASE_URL", None)
    for _ in range(2):
        answer = subprocess.run(
            [sys.executable, "-m", "app.cli", "migrate"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr[-500:]
    database = Database(f"sqlite:///{folder / 'sakuga.db'}")
    with database.read() as connection:
        assert up_to_date(connection)
    database.close()
