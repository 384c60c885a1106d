"""A process that serves takes all the open files it is granted."""

import resource
import subprocess
import sys

_ASK = (
    "import resource; from app.serve.descriptors import allow_many_files; allow_many_files();"
    "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
)


def test_the_low_limit_of_a_shell_is_lifted_to_what_the_system_grants() -> None:
    """Rule: started with 256 of 2,000 files, a process may open 2,000."""
    answer = subprocess.run(
        [sys.executable, "-c", _ASK],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 2_000)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["2000", "2000"]


def test_a_crash_leaves_no_memory_on_the_disk() -> None:
    """Rule: whatever the shell allows, a process that serves writes no core file, which would hold keys."""
    ask = _ASK.replace("allow_many_files", "leave_no_core").replace("NOFILE", "CORE")
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert answer.stdout.split()[0] == "0"
