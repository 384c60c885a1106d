"""The TypeScript of the canvas: its own unit tests and its types, run with the Node of the wheel."""

import subprocess
from pathlib import Path

import pytest

from app.ui.canvas.build import install_packages, node_command

STATIC = Path(__file__).resolve().parents[2] / "static"


def node(*args: str) -> subprocess.CompletedProcess[str]:
    command = [str(node_command()), *args]
    return subprocess.run(command, cwd=STATIC, capture_output=True, text=True, check=False)


def test_unit_tests_pass() -> None:
    """Round trip, patches, undo, hostile names and clipboard hold in the view's own tests."""
    install_packages(STATIC)
    done = node("--test", "test/*.test.ts")
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_hold() -> None:
    """The strict type check finds nothing, where the checker is installed (``build --dev``)."""
    checker = STATIC / "node_modules" / "typescript" / "lib" / "tsc.js"
    if not checker.is_file():
        pytest.skip("python -m app.ui.canvas.build --dev installs the type checker")
    done = node(str(checker), "--noEmit")
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_stay_small() -> None:
    """No module of the canvas is longer than 300 lines."""
    lengths = {path.name: len(path.read_text().splitlines()) for path in (STATIC / "src").glob("*.ts")}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}
