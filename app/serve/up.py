"""`sakuga up`: every role on this machine, by one command."""

import importlib
import os
import sys
from pathlib import Path

import app
from app.serve import embedded
from app.serve.children import Spec
from app.serve.claims import check_port, claim_folder, ensure_secret_key
from app.serve.supervisor import Plan
from app.settings import Settings

GATE = "SAKUGA_START_GATE"
_ROOT = str(Path(app.__file__).parent.parent)


def up(settings: Settings) -> None:
    """Claim folder and address, then become the supervisor (same process id, far less memory).

    Raises:
        OperatorError: with the one line that says what to put right.
    """
    claim_folder(settings.data_dir)
    check_port(settings.host, settings.port)
    if settings.database_url or settings.redis_url:
        # what asks them is slow to load, and embedded ones are not there yet
        importlib.import_module("app.serve.outside").check_servers(settings)
    ensure_secret_key(settings)
    plan = plan_of(settings)
    Path(plan.gate).unlink(missing_ok=True)
    _become_supervisor(plan)


def plan_of(settings: Settings) -> Plan:
    """The processes of one machine: broker (unless given), web, workers; the preparation runs beside them."""
    gate = str(settings.data_dir / "started.gate")
    env = _environment(settings) | {GATE: gate}
    children = [Spec("web", _python("app.cli", "web"), env, group=1)]
    children += [
        # the first one is enough to begin with, and all share the processors while they start
        Spec(f"worker-{number}", _python("app.cli", "worker"), env, group=2, late=number > 1)
        for number in range(1, settings.worker_processes + 1)
    ]
    if not settings.redis_url:
        children.append(_broker(settings))
    return Plan(
        children=children,
        prepare=Spec("preparation", _python("app.serve.bootstrap"), env, captured=True),
        gate=gate,
        host=settings.host,
        port=settings.port,
        public_url=settings.public_url,
    )


def _broker(settings: Settings) -> Spec:
    log = embedded.log_path(settings.data_dir)
    return Spec(
        "broker",
        embedded.command(settings.data_dir),
        socket=str(embedded.socket_path(settings.data_dir)),
        hint=f"see {log}; the broker's files hold no truth, so {log.parent} may be removed",
    )


def _environment(settings: Settings) -> dict[str, str]:
    path = os.pathsep.join(part for part in (_ROOT, os.environ.get("PYTHONPATH", "")) if part)
    return {
        "REDIS_URL": settings.redis_url or embedded.url_of(settings.data_dir),
        "SAKUGA_DATA_DIR": str(settings.data_dir),
        "SAKUGA_HOST": settings.host,
        "SAKUGA_PORT": str(settings.port),
        "PYTHONPATH": path,
        "PYTHONUNBUFFERED": "1",
        # Many threads otherwise keep many half-empty heaps: memory, not speed, is what an idle role costs.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
    }


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", module, *arguments]


def _become_supervisor(plan: Plan) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as given:
        given.write(plan.dump())
    os.set_inheritable(reader, True)
    sys.stdout.flush()
    argv = [*_python("app.serve.supervisor"), str(reader)]
    os.environ["PYTHONPATH"] = plan.children[0].env.get("PYTHONPATH", "")
    os.execv(argv[0], argv)  # noqa: S606 - our own interpreter
