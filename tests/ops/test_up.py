"""`sakuga up` and `./run`: what cannot work is said in one line, with an exit code other than 0."""

import os
import socket
import subprocess
import sys

import pytest

from app.serve.claims import claim_folder, ensure_secret_key
from app.serve.up import plan_of
from app.settings import Settings, load_settings


def sakuga(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(
        argv, env={**os.environ, **environ}, capture_output=True, text=True, timeout=60, check=False
    )


def refusal(*arguments: str, **environ: str) -> str:
    """The one line a refused command prints."""
    done = sakuga(*arguments, **environ)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("sakuga: ")
    return done.stderr


def test_a_taken_port_is_named(tmp_path):
    """The line says which port and how to choose another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refusal("up", "--port", port, SAKUGA_DATA_DIR=str(tmp_path))
    assert f"127.0.0.1:{port} (Address already in use)" in line
    assert "--port" in line


def test_a_foreign_address_is_named(tmp_path):
    """An address that is not this machine's cannot be listened on."""
    line = refusal("up", SAKUGA_HOST="192.0.2.1", SAKUGA_DATA_DIR=str(tmp_path))
    assert "SAKUGA_HOST: cannot listen on 192.0.2.1:8080" in line


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SAKUGA_EGRESS_ALLOW", "127.1"),
        ("SAKUGA_EGRESS_ALLOW", "::ffff:169.254.169.254"),
        ("SAKUGA_PUBLIC_URL", "http://169.254.1.1:8080"),
        ("SAKUGA_HOST", "256.1.1.1"),
    ],
)
def test_a_destination_that_no_role_would_understand_stops_the_start(tmp_path, variable, value):
    """What passes as text but is no host, or a forbidden one, is told here and not by roles that restart."""
    line = refusal("up", SAKUGA_DATA_DIR=str(tmp_path / "data"), **{variable: value})
    assert line.startswith(f"sakuga: {variable}: ")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("command", "variable", "value"),
    [
        ("up", "DATABASE_URL", "postgresql://u:secretpw@127.0.0.1:1/db"),
        ("web", "DATABASE_URL", "postgresql://u:secretpw@127.0.0.1:1/db"),
        ("migrate", "DATABASE_URL", "postgresql://u:secretpw@127.0.0.1:1/db"),
        ("up", "REDIS_URL", "redis://:secretpw@127.0.0.1:1/0"),
    ],
)
def test_a_server_that_does_not_answer_is_named(tmp_path, command, variable, value):
    """One line with the variable, no stack and no password."""
    folder = {"SAKUGA_DATA_DIR": str(tmp_path), "SAKUGA_SECRET_KEY": "0123456789abcdef"}
    done = sakuga(command, **folder, **{variable: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"sakuga: {variable}: ")
    assert done.stderr.count("\n") == 1
    assert "secretpw" not in done.stderr


def test_an_unwritable_folder_is_named(tmp_path):
    """The line says which folder and why (a file stands in the way: it also stops root)."""
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    line = refusal("up", SAKUGA_DATA_DIR=str(folder))
    assert f"SAKUGA_DATA_DIR: cannot write to {folder} (Not a directory)" in line


def test_a_second_instance_in_one_folder_is_refused(tmp_path):
    """Two instances would fight over one database file; the line names the process that holds it."""
    lock = claim_folder(tmp_path)
    try:
        line = refusal("up", SAKUGA_DATA_DIR=str(tmp_path))
    finally:
        os.close(lock)
    assert f"{tmp_path} is in use by process {os.getpid()}" in line


@pytest.mark.parametrize("command", ["up", "doctor"])
def test_a_bad_variable_is_named(command, tmp_path):
    """A wrong setting stops before anything is touched."""
    line = refusal(command, SAKUGA_RETRY_DELAYS="soon", SAKUGA_DATA_DIR=str(tmp_path / "data"))
    assert line.startswith("sakuga: SAKUGA_RETRY_DELAYS: 'soon' is not a number of seconds")
    assert not (tmp_path / "data").exists()


def test_the_generated_secret_is_private_and_kept(tmp_path):
    """One secret per folder, readable by its owner only; a given one is not written down."""
    settings = Settings(data_dir=tmp_path)
    ensure_secret_key(settings)
    first = settings.secret_key_resolved
    ensure_secret_key(settings)
    assert settings.secret_key_resolved == first
    assert len(first) >= 43
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    other = Settings(data_dir=tmp_path / "other", secret_key="given by the operator")
    ensure_secret_key(other)
    assert not (tmp_path / "other").exists()


def test_embedded_roles_share_one_private_broker(tmp_path):
    """By default the broker starts first, and every role is told its address."""
    plan = plan_of(Settings(data_dir=tmp_path, worker_processes=2))
    groups = {spec.name: spec.group for spec in plan.children}
    assert groups == {"broker": 0, "web": 1, "worker-1": 2, "worker-2": 2}
    roles = [spec for spec in plan.children if not spec.socket]
    assert all(spec.env["REDIS_URL"].startswith("unix:///tmp/") for spec in roles)
    assert type(plan).load(plan.dump()) == plan


def test_given_servers_replace_the_embedded_ones(tmp_path):
    """With REDIS_URL set there is no broker of our own."""
    environ = {"REDIS_URL": "redis://queue:6379/0", "SAKUGA_DATA_DIR": str(tmp_path)}
    plan = plan_of(load_settings(environ))
    assert {spec.env["REDIS_URL"] for spec in plan.children} == {"redis://queue:6379/0"}
    assert not any(spec.socket for spec in plan.children)


def test_a_role_is_loaded_early_and_served_late(tmp_path):
    """Start-up is short because a role imports its code while the database is still being prepared."""
    (tmp_path / "role.py").write_text(
        "print('loaded', flush=True)\ndef main(): print('served', flush=True)\n"
    )
    code = "from app.cli import _serve; _serve('role:main')"
    gate = tmp_path / "gate"
    path = f"{tmp_path}{os.pathsep}{os.environ['PYTHONPATH']}"
    environ = {**os.environ, "PYTHONPATH": path, "SAKUGA_START_GATE": str(gate)}
    argv = [sys.executable, "-c", code]
    with subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "loaded\n"
        assert process.poll() is None
        gate.touch()
        assert process.stdout.readline() == "served\n"


def test_doctor_lists_settings_and_finds_misspelt_ones(tmp_path):
    """A variable nobody reads is pointed out, with the likely one."""
    done = sakuga("doctor", SAKUGA_DATA_DIR=str(tmp_path), SAKUGA_RETRY_DELAY="1")
    assert done.returncode == 1
    assert "SAKUGA_EGRESS_ALLOW" in done.stdout
    assert "SAKUGA_RETRY_DELAY is not a setting, did you mean SAKUGA_RETRY_DELAYS?" in done.stdout
    assert sakuga("doctor", SAKUGA_DATA_DIR=str(tmp_path)).returncode == 0
    assert "no folder" in sakuga("doctor", SAKUGA_DATA_DIR="/dev/null/x").stdout


def test_help_lists_every_command_of_the_contract():
    """The command line has the commands of contract §1, and parsing it imports nothing of ours."""
    text = sakuga("--help").stdout
    roles = ("up", "web", "api", "worker", "migrate", "doctor")
    tools = ("trigger", "import", "export", "validate", "load", "key", "user")
    assert all(f"\n  {name} " in text for name in roles + tools)
    code = "import sys, app.cli; print([m for m in sys.modules if m.startswith('app.')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "['app.cli']"
