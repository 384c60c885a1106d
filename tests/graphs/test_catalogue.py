"""Finding node types, naming socket types, describing both."""

import json
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import pytest
from pydantic import BaseModel, Field, JsonValue, ValidationError

from graphs.catalogue import Catalogue, discover, socket_type
from graphs.errors import NodeDefinitionError, UnknownKindError
from graphs.node import Node, Nothing, Settings
from graphs.sockets import Image, Payload, Prompt


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (str, "Text"),
        (int, "Integer"),
        (float, "Number"),
        (bool, "Boolean"),
        (dict, "Payload"),
        (Payload, "Payload"),
        (dict[str, int], "Payload"),
        (Any, "Any"),
        (JsonValue, "Any"),
        (Prompt, "Prompt"),
        (list[Image], "List[Image]"),
        (tuple[Image, ...], "List[Image]"),
        (Sequence[str], "List[Text]"),
        (list[list[int]], "List[List[Integer]]"),
        (list[JsonValue], "List[Any]"),
        (Optional[Image], "Image"),  # noqa: UP045 - both spellings are in use
        (Image | None, "Image"),
        (list[Image] | None, "List[Image]"),
        (Annotated[int, Field(ge=1)], "Integer"),
        (Literal["a", "b"], "Text"),
        (Literal[1, 2], "Integer"),
        (Colour, "Text"),
    ],
)
def test_socket_types(annotation: Any, name: str) -> None:
    """Python's types have one name each on the canvas; optional is no type of its own."""
    assert socket_type(annotation) == name


@pytest.mark.parametrize("annotation", [int | str, set[int], bytes, complex, list, None, "Image"])
def test_types_without_a_name_are_refused(annotation: Any) -> None:
    """A socket must be one thing that JSON can carry."""
    with pytest.raises(NodeDefinitionError):
        socket_type(annotation)


NODE = '''
from graphs.node import Node, Nothing, Settings

class {name}(Node[Settings, Nothing, Nothing]):
    """Help of {name}."""
    kind, title, group = "{kind}", "{name}", "Test"
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / f"fake_nodes_{tmp_path.name.replace('-', '_')}"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "one.py").write_text(NODE.format(name="One", kind="one"))
    (folder / "two.py").write_text(NODE.format(name="Two", kind="two") + "\nfrom .one import One\n")
    (folder / "_helper.py").write_text("raise RuntimeError")
    (folder / "sub.py").write_text("from graphs.node import Node\n")
    return folder


def load(folder: Path) -> Catalogue:
    import importlib  # noqa: PLC0415 - the package exists only now

    return discover(importlib.import_module(folder.name))


def test_discovery_finds_every_file_and_no_type_twice(package: Path) -> None:
    """No list to extend; imported types and private modules do not count."""
    assert load(package).kinds() == ["one", "two"]


def test_two_types_of_one_kind_fail(package: Path) -> None:
    """Both are named."""
    (package / "three.py").write_text(NODE.format(name="Three", kind="one"))
    with pytest.raises(NodeDefinitionError, match=r"'one'.*One.*Three|'one'.*Three.*One"):
        load(package)


def test_discovery_imports_nothing_else(package: Path) -> None:
    """Only the modules of the package are loaded."""
    before = set(sys.modules)
    load(package)
    assert all(name.startswith(package.name) for name in set(sys.modules) - before)


def test_an_unknown_kind_suggests_the_nearest(catalogue: Catalogue) -> None:
    """The error carries both as attributes."""
    with pytest.raises(UnknownKindError) as caught:
        catalogue.get("web_hook_input")
    assert (caught.value.kind, caught.value.similar) == ("web_hook_input", "webhook_input")
    assert "webhook_input" in catalogue
    assert "web_hook_input" not in catalogue


def test_sockets_follow_the_settings(catalogue: Catalogue) -> None:
    """A Webhook Input has one output per declared field; wrong settings are refused."""
    fields = [{"name": "a", "type": "integer"}, {"name": "b", "type": "array"}]
    inputs, outputs = catalogue.sockets("webhook_input", {"fields": fields})
    assert inputs == ()
    assert [(each.name, each.type) for each in outputs] == [
        ("a", "Integer"),
        ("b", "List[Any]"),
        ("trigger", "Payload"),
    ]
    with pytest.raises(ValidationError):
        catalogue.sockets("webhook_input", {"fields": [{"name": "a b", "type": "integer"}]})


def test_description_is_json_and_whole(catalogue: Catalogue) -> None:
    """Palette, sockets, form and help come from the class alone."""
    described = {each["type"]: each for each in json.loads(json.dumps(catalogue.describe()))}
    assert sorted(described) == catalogue.kinds()
    draw = described["generator"]
    assert (draw["title"], draw["group"], draw["description"]) == ("Generator", "Generate", "Draws.")
    assert (draw["weight"], draw["dynamic"], draw["version"]) == ("slow", False, 1)
    assert draw["inputs"][0] == {
        "name": "prompt",
        "type": "Text",
        "required": True,
        "description": "What to draw.",
    }
    assert draw["settings_schema"]["properties"]["size"]["maximum"] == 2048
    assert described["webhook_input"]["dynamic"]
    assert [each["name"] for each in described["webhook_input"]["outputs"]] == ["trigger"]


def test_a_socket_without_a_type_fails_when_the_catalogue_is_built() -> None:
    """The class and the field are named."""

    class Odd(BaseModel):
        thing: bytes = b""

    class Bad(Node[Settings, Odd, Nothing]):
        """Bad."""

        kind, title, group = "bad", "Bad", "Test"

    with pytest.raises(NodeDefinitionError, match=r"Bad: .*Odd\.thing"):
        Catalogue([Bad])


def test_a_definition_without_its_parts_fails_when_defined() -> None:
    """Kind, title, group and docstring are demanded of the class."""
    with pytest.raises(NodeDefinitionError, match="'group'"):

        class NoGroup(Node[Settings, Nothing, Nothing]):
            """Help."""

            kind, title = "x", "X"

    with pytest.raises(NodeDefinitionError, match="docstring"):

        class NoHelp(Node[Settings, Nothing, Nothing]):
            kind, title, group = "x", "X", "G"
