"""The image and the compose file, as far as they can be checked without an engine."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SECRETS = {
    "POSTGRES_PASSWORD": "letters1",
    "SAKUGA_SECRET_KEY": "sixteen or more letters",
    "SAKUGA_BOOTSTRAP_KEY": "a-key-of-24-letters-or-more",
}


def compose(*arguments: str, secrets: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **secrets}
    argv = [BIN / "docker-compose", "-f", ROOT / "compose.yaml", "config", *arguments]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def services() -> dict:
    done = compose("--format", "json", secrets=SECRETS)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


def test_the_dockerfile_has_no_finding():
    """hadolint has nothing to say."""
    done = subprocess.run(
        [BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_pinned_and_not_root():
    """A numeric user (orchestrators check it), named versions of every base, hashes for every package."""
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert all(re.search(r":\d+\.\d+-", line) for line in re.findall(r"^FROM .*$", text, re.MULTILINE))
    assert "--require-hashes" in text


def test_the_image_holds_what_runs_and_nothing_else():
    """Only named folders go into the image: no data, no history, no local environment."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    assert "*" in lines
    assert {"app", "nodes", "graphs", "static", "examples", "requirements.lock"} <= kept
    assert not kept & {"data", ".git", ".venv", "tests"}


def test_compose_is_valid_with_its_secrets_and_refuses_to_start_without(services):
    """Each missing secret is named."""
    assert set(services) == {"migrate", "web", "worker", "db", "queue"}
    for missing in SECRETS:
        done = compose("-q", secrets={k: v for k, v in SECRETS.items() if k != missing})
        assert done.returncode != 0
        assert f"{missing} is missing a value: set it in .env" in done.stderr


def test_only_the_web_service_is_reachable_from_outside(services):
    """Database and queue publish nothing, and the web service binds to loopback unless told otherwise."""
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert set(published) == {"web"}
    assert [port["host_ip"] for port in published["web"]] == ["127.0.0.1"]


def test_every_lasting_service_has_a_health_check(services):
    """Roles start after the schema is there and the servers answer."""
    assert all(services[name]["healthcheck"].get("test") for name in ("worker", "db", "queue"))
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    for role in ("web", "worker"):
        conditions = {name: need["condition"] for name, need in services[role]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "db": "service_healthy",
            "queue": "service_healthy",
        }
