"""The bundle: built from what is in the tree, from exact versions, with its licences, without addresses."""

import json
import shutil
from pathlib import Path

import pytest

from app.ui.canvas import build
from app.ui.canvas.bundle import bundle_dir, dist_dir

STATIC = Path(__file__).resolve().parents[2] / "static"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sources alone, elsewhere."""
    for path in build.sources(STATIC):
        target = tmp_path / path.relative_to(STATIC)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path


def test_the_bundle_is_the_one_of_these_sources() -> None:
    """What the browser loads was built from the sources as they are."""
    assert build.is_fresh(STATIC), "run: python -m app.ui.canvas.build"


def test_any_change_of_a_source_makes_the_bundle_stale(copy: Path) -> None:
    """The digest covers names and contents of all sources, and nothing else."""
    first = build.digest(copy)
    (copy / "README").write_text("not a source")
    assert build.digest(copy) == first == build.digest(STATIC)
    (copy / "src" / "index.ts").write_text("export {}")
    second = build.digest(copy)
    assert second != first
    (copy / "src" / "view.ts").rename(copy / "src" / "seen.ts")
    assert build.digest(copy) not in {first, second}


def test_no_address_of_a_registry_is_written_down() -> None:
    """The lock holds versions and hashes only; npm takes them from wherever the machine is set to."""
    lock = (STATIC / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "://registry" not in lock + (STATIC / ".npmrc").read_text() + (STATIC / "package.json").read_text()


def test_versions_are_exact() -> None:
    """Every direct dependency is pinned, LiteGraph to the release that was tried."""
    package = json.loads((STATIC / "package.json").read_text())
    pinned = {**package["dependencies"], **package["devDependencies"]}
    assert pinned["@comfyorg/litegraph"] == "0.17.2"
    assert all(version[0].isdigit() for version in pinned.values())


def test_licences_travel_with_the_bundle() -> None:
    """The licence of everything bundled lies beside it."""
    text = (dist_dir() / "licenses" / "@comfyorg__litegraph.txt").read_text()
    assert "Permission is hereby granted" in text


def test_the_bundle_is_one_module_of_reasonable_size() -> None:
    """One ES module, below half a megabyte before compression."""
    module = bundle_dir() / "index.js"
    assert [path.name for path in bundle_dir().iterdir()] == ["index.js"]
    assert 100_000 < module.stat().st_size < 500_000


def test_a_build_replaces_the_folder_as_a_whole(copy: Path) -> None:
    """A new folder each time (its time is part of the module's address), and no remains of the old."""
    (copy / "node_modules").symlink_to(STATIC / "node_modules")
    (copy / "dist").mkdir()
    (copy / "dist" / "old").touch()
    build.install_packages(STATIC)
    build.build(copy)
    assert sorted(path.name for path in (copy / "dist").iterdir()) == ["canvas", "digest.txt", "licenses"]
    assert build.is_fresh(copy)


def test_a_failing_build_keeps_the_old_bundle_and_says_why(copy: Path) -> None:
    """A broken source does not take the working bundle away."""
    (copy / "node_modules").symlink_to(STATIC / "node_modules")
    (copy / "dist").mkdir()
    (copy / "dist" / "old").touch()
    (copy / "src" / "index.ts").write_text("export { nothing } from './absent.ts'")
    with pytest.raises(build.BundleBuildError, match=r"absent\.ts"):
        build.build(copy)
    assert (copy / "dist" / "old").exists()
