"""What holds for each node type there is, and for each to come."""

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import nodes
from graphs.node import Node

FOLDER = Path(nodes.__file__).parent
MODULES = [importlib.import_module(f"nodes.{module.name}") for module in pkgutil.iter_modules(nodes.__path__)]
TYPES = [
    found
    for module in MODULES
    for found in vars(module).values()
    if inspect.isclass(found) and issubclass(found, Node) and found.__module__ == module.__name__
]
FIRST_RELEASE = {
    "webhook_input",
    "rate_limiter",
    "circuit_breaker",
    "cost_monitor",
    "prompt_builder",
    "style_preset",
    "generator",
    "qc",
    "multi_format_export",
    "metadata",
    "webhook_delivery",
}
every_type = pytest.mark.parametrize("found", TYPES, ids=lambda found: found.kind)


def test_kinds_are_unique_and_those_of_the_contract_exist():
    """No two types share a kind, and contract section 8 names types that exist."""
    kinds = [found.kind for found in TYPES]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) >= FIRST_RELEASE


@every_type
def test_help_is_written(found):
    """The class docstring is the help text; every setting and socket says what it is for."""
    assert len(found.__doc__) > 60
    for model in (found.Settings, found.Inputs, found.Outputs):
        for name, field in model.model_fields.items():
            assert field.description, f"{found.kind}.{model.__name__}.{name}"


@every_type
def test_schemas_are_json_and_defaults_are_valid(found):
    """Form and sockets are derived from schemas, and a node dragged in is valid as it stands."""
    for model in (found.Settings, found.Inputs, found.Outputs):
        json.dumps(model.model_json_schema())
    settings = found.Settings()
    again = found.Settings.model_validate_json(settings.model_dump_json())
    assert again == settings
    for sockets in (found.inputs_for(settings), found.outputs_for(settings)):
        assert sockets is None or all(socket.name and socket.type for socket in sockets)


@every_type
def test_an_unknown_setting_is_refused(found):
    """A misspelt setting is an error, never ignored."""
    with pytest.raises(ValueError, match="settng"):
        found.Settings(settng=1)


@every_type
def test_files_and_tests(found):
    """One short file per type, and one test file of the same name."""
    path = Path(inspect.getfile(found))
    assert path.stem == found.kind
    assert len(path.read_text().splitlines()) <= 120
    assert (Path(__file__).parent / f"test_{path.stem}.py").is_file()


def test_importing_nodes_is_light():
    """No node pulls in imaging or network libraries: every process imports all of them."""
    names = ", ".join(f"nodes.{path.stem}" for path in FOLDER.glob("*.py") if path.stem != "__init__")
    heavy = "{'PIL', 'numpy', 'httpx', 'sqlalchemy', 'dramatiq', 'networkx'}"
    code = f"import sys, {names}; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parent
    )
    assert done.stdout.strip() == ""
