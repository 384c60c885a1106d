"""The supervisor, over small real processes: restarts, order of stopping, nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.serve import embedded
from app.serve.children import Child, Spec
from app.serve.probe import answers_ping
from app.serve.supervisor import Plan

CHILD = """
import os, signal, sys
name, log = sys.argv[1:3]
def say(what):
    with open(log, "a") as file:
        file.write(f"{name} {what} {os.getpid()}\\n")
def stop(*_):
    say("stopped")
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if name.startswith("stubborn") else stop)
if name.startswith("parent") and not os.fork():
    name = "grandchild"
    os.execv("/bin/sleep", ["sleep", "987"]) if say("started") is None else None
say("started")
while True:
    signal.pause()
"""
SERVER = """
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


class Running:
    """A supervisor process and the log its children write."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.process: subprocess.Popen[str] | None = None

    def child(self, name: str, group: int = 0, **more: object) -> Spec:
        return Spec(name, [sys.executable, "-c", CHILD, name, str(self.log)], group=group, **more)

    def start(self, plan: Plan) -> None:
        reader, writer = os.pipe()
        os.write(writer, plan.dump().encode())
        os.close(writer)
        argv = [sys.executable, "-m", "app.serve.supervisor", str(reader)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(argv, pass_fds=[reader], text=True, **streams)
        os.close(reader)

    def lines(self, name: str, what: str) -> list[int]:
        """Process ids of the lines that say `name what`, in order."""
        rows = [row.split() for row in (self.log.read_text() if self.log.exists() else "").splitlines()]
        return [int(pid) for who, did, pid in rows if (who, did) == (name, what)]

    def finish(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.fixture
def running(tmp_path):
    made = Running(tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.process.terminate()
        made.process.wait(20)


def until(condition, seconds=15.0):
    """Wait until `condition()` holds and give its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return value


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_killed_child_is_started_again(running):
    """What dies comes back within a second, and the log line says who and how."""
    running.start(Plan([running.child("web"), running.child("worker")]))
    (first,) = until(lambda: running.lines("web", "started"))
    until(lambda: running.lines("worker", "started"))
    os.kill(first, signal.SIGKILL)
    until(lambda: len(running.lines("web", "started")) == 2, seconds=5)
    assert len(running.lines("worker", "started")) == 1
    code, _, errors = running.finish(signal.SIGTERM)
    assert code == 0
    assert "web ended (signal 9), starting it again in 0.2 s" in errors


def test_what_is_late_starts_when_the_product_is_ready(running, unused_port):
    """Until somebody answers at the address the others have the machine for themselves."""
    late = running.child("worker-2", 2, late=True)
    running.start(Plan([running.child("worker-1", 2), late], host="127.0.0.1", port=unused_port))
    until(lambda: running.lines("worker-1", "started"))
    assert not running.lines("worker-2", "started")
    with subprocess.Popen([sys.executable, "-c", SERVER, str(unused_port)], stderr=subprocess.DEVNULL) as web:
        until(lambda: running.lines("worker-2", "started"))
        web.kill()
    assert running.finish(signal.SIGTERM)[0] == 0
    assert len(running.lines("worker-2", "stopped")) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_groups_in_reverse_order(running, number):
    """Ctrl-C, a service manager and a closed terminal all end everything cleanly, exit code 0."""
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("this suite was started by nohup, and the supervisor keeps to that")
    names = ["broker", "web", "worker"]
    running.start(Plan([running.child(name, group) for group, name in enumerate(names)]))
    until(lambda: all(running.lines(name, "started") for name in names))
    code, _, _ = running.finish(number)
    assert code == 0
    stopped = [row.split()[0] for row in running.log.read_text().splitlines() if "stopped" in row]
    assert stopped == ["worker", "web", "broker"]


def test_a_child_that_will_not_stop_is_killed_within_the_deadline(running):
    """A hanging role cannot hold up the end; the other groups still get their turn."""
    children = [running.child("broker"), running.child("stubborn", 1)]
    running.start(Plan(children, stop_seconds=1.0))
    (stubborn,) = until(lambda: running.lines("stubborn", "started"))
    until(lambda: running.lines("broker", "started"))
    began = time.monotonic()
    code, _, _ = running.finish(signal.SIGTERM)
    assert code == 0
    assert time.monotonic() - began < 5
    assert gone(stubborn)
    assert running.lines("broker", "stopped")


def test_nothing_outlives_a_killed_supervisor(running):
    """Even `kill -9` of the supervisor leaves no child behind."""
    names = ["broker", "web", "worker"]
    running.start(Plan([running.child(name, group) for group, name in enumerate(names)]))
    pids = [until(lambda name=name: running.lines(name, "started"))[0] for name in names]
    running.process.kill()
    running.process.wait(10)
    until(lambda: all(gone(pid) for pid in pids))
    assert not any(running.lines(name, "started")[1:] for name in names)


def test_what_a_dead_child_started_dies_with_it(running):
    """A pool process of a killed worker does not linger."""
    running.start(Plan([running.child("parent")]))
    (grandchild,) = until(lambda: running.lines("grandchild", "started"))
    (parent,) = until(lambda: running.lines("parent", "started"))
    os.kill(parent, signal.SIGKILL)
    until(lambda: gone(grandchild))
    assert gone(parent)


def test_ready_prints_address_link_key_and_curl(running, tmp_path, unused_port):
    """The block for the terminal comes when /readyz answers, after the preparation opened the gate."""
    facts = '{"api_key": "sk-1", "login_url": "http://x/login?t=1", "curl": "curl -X POST", "other": null}'
    prepare = Spec("preparation", [sys.executable, "-c", f"print('{facts}')"], captured=True)
    server = Spec("web", [sys.executable, "-c", SERVER, str(unused_port)])
    gate = tmp_path / "gate"
    running.start(Plan([server], prepare, str(gate), "127.0.0.1", unused_port, "http://127.0.0.1:1"))
    until(gate.exists)
    block = ""
    while "Ctrl-C" not in block:
        line = running.process.stdout.readline()
        assert line, "the supervisor ended early"
        block += line
    for wanted in ("http://127.0.0.1:1", "http://x/login?t=1", "sk-1", "curl -X POST"):
        assert wanted in block
    code, _, _ = running.finish(signal.SIGTERM)
    assert code == 0
    assert not gate.exists()


def test_a_failed_preparation_ends_everything_with_its_exit_code(running):
    """A database that cannot be migrated is not served."""
    prepare = Spec(
        "preparation", [sys.executable, "-c", "import sys; sys.exit('no database')"], captured=True
    )
    running.start(Plan([running.child("web")], prepare, port=1, host="127.0.0.1"))
    code, _, errors = running.finish()
    assert code == 1
    assert "no database" in errors
    assert all(gone(pid) for pid in running.lines("web", "started"))


def test_a_role_that_cannot_start_is_given_up_before_readiness(running):
    """A broken installation says so instead of trying for ever."""
    web = Spec("web", [sys.executable, "-c", "import sys; sys.exit('broken')"], hint="look here")
    running.start(Plan([web], port=1, host="127.0.0.1", deaths_before_ready=2))
    code, _, errors = running.finish()
    assert code == 1
    assert "web cannot start; look here" in errors


def test_the_embedded_broker_is_started_again(running, tmp_path):
    """The broker is a child like any other, on the same socket after a kill."""
    path = embedded.socket_path(tmp_path)
    running.start(Plan([Spec("broker", embedded.command(tmp_path), socket=str(path))]))
    until(lambda: answers_ping(path))
    (broker,) = psutil.Process(running.process.pid).children()
    broker.kill()
    until(lambda: not broker.is_running() or broker.status() == psutil.STATUS_ZOMBIE)
    until(lambda: answers_ping(path))
    running.finish(signal.SIGTERM)
    assert not answers_ping(path)


def test_a_broker_whose_socket_was_cleared_away_is_replaced(running, tmp_path):
    """A broker that lives but cannot be reached is ended, and another one answers."""
    path = embedded.socket_path(tmp_path)
    running.start(Plan([Spec("broker", embedded.command(tmp_path), socket=str(path))]))
    until(lambda: answers_ping(path))
    path.unlink()
    until(lambda: answers_ping(path))
    assert running.finish(signal.SIGTERM)[0] == 0


def test_the_supervisor_is_small(running):
    """It stays for ever, so it weighs at most 20 MB."""
    running.start(Plan([running.child("web")]))
    until(lambda: running.lines("web", "started"))
    assert psutil.Process(running.process.pid).memory_info().rss < 20 * 1024**2


def test_a_child_that_died_just_before_the_stop_is_reaped_all_the_same() -> None:
    """Asking a process to end that has ended already neither fails nor loses its exit status."""
    child = Child(Spec("short", [sys.executable, "-S", "-c", "raise SystemExit(3)"]))
    child.start()
    assert child.process is not None
    os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOWAIT)
    child.terminate()
    assert child.reap() == 3
