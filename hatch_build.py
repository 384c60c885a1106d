"""Build hook: makes the canvas bundle for wheels, sdists and editable installs when it is stale."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _builder(root: Path) -> ModuleType:
    path = root / "app" / "ui" / "canvas" / "build.py"
    spec = importlib.util.spec_from_file_location("sakuga_canvas_build", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class CanvasHook(BuildHookInterface):  # type: ignore[type-arg]
    """Asks for Node (61 MB) only when there is something to build."""

    def dependencies(self) -> list[str]:
        """Further build requirements: the Node wheel, or nothing."""
        builder = _builder(Path(self.root))
        return [] if builder.is_fresh(Path(self.root) / "static") else [builder.NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and put the bundle beside its Python wrapper in a wheel (not in an editable one)."""
        builder, static = _builder(Path(self.root)), Path(self.root) / "static"
        if not builder.is_fresh(static):
            builder.build(static)
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"][str(static / "dist")] = "app/ui/canvas/dist"
