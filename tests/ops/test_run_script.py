"""`./run` and the lock files: nothing but the standard library, nothing that names a host."""

import ast
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(ROOT / "run"), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def script(monkeypatch) -> ModuleType:
    """The run script as a module."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("run_script", str(ROOT / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_script", loader))
    loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_host_and_hashes_everything(name):
    """A lock works with whatever index a machine is set to, and takes exactly the files it knows."""
    text = (ROOT / name).read_text()
    assert "://" not in text
    pins = [line for line in text.splitlines() if line and not line[0].isspace()]
    assert pins
    assert all("==" in line and line.endswith("\\") for line in pins)


def test_the_development_lock_holds_the_other_one():
    """Setting up for tests never changes a version that the product runs with."""
    runtime, development = (
        {line for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime <= development


def test_the_script_is_short_and_uses_the_standard_library_only():
    """A fresh machine has nothing else, and a reader should see what it does."""
    text = (ROOT / "run").read_text()
    assert os.access(ROOT / "run", os.X_OK)
    assert len(text.splitlines()) <= 200
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names


def test_help_needs_no_set_up():
    """`./run help` answers at once."""
    done = call("help")
    assert done.returncode == 0
    assert "./run test" in done.stdout


def test_a_longer_check_that_is_missing_says_so(script, monkeypatch, tmp_path):
    """A verb without its script is one clear line, not a stack."""
    monkeypatch.setattr(script, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match=r"there is no tests/bench/run\.py"):
        script.main(["bench"])


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    """A checkout that cannot hold .venv is named, with the reason."""
    (tmp_path / "run").write_bytes((ROOT / "run").read_bytes())
    (tmp_path / ".venv").touch()
    done = subprocess.run(
        [sys.executable, str(tmp_path / "run"), "setup"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith("sakuga: ")
    assert ".venv" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_an_old_python_is_told_what_is_needed(tmp_path, monkeypatch):
    """The version check is the first thing that happens, in syntax that Python 3.6 reads."""
    text = (ROOT / "run").read_text()
    ast.parse(text, feature_version=(3, 6))
    check = text[: text.index("ROOT = ")].replace("sys.version_info", "(3, 10)")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 to 3\.14"):
        exec(compile(check, "run", "exec"), {})
