"""`sakuga import`, `export` and `validate` over real files and a real database."""

import json
from pathlib import Path

import pytest

from app.serve.files import NoSuchWorkflowError, ProblemsFoundError, export, import_files, validate
from app.serve.local import NotPreparedError

EXAMPLES = Path(__file__).parents[2] / "examples"
GOOD = EXAMPLES / "product-image.json"


@pytest.fixture
def broken(tmp_path):
    """A readable graph with two errors: a node type that does not exist and a count beyond its bound."""
    graph = json.loads(GOOD.read_text("utf-8"))
    for node in graph["nodes"]:
        if node["id"] == "prompt":
            node["type"] = "prompt_bilder"
        if node["id"] == "generator":
            node["settings"]["count"] = 900
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(graph), "utf-8")
    return path


def test_every_problem_of_every_file_is_listed_without_a_database(broken, tmp_path, capsys):
    """Validation reads files only, and names the node and field of each problem."""
    (tmp_path / "torn.json").write_text('{"format": ', "utf-8")
    with pytest.raises(ProblemsFoundError) as caught:
        validate([GOOD, broken, tmp_path / "torn.json", tmp_path / "absent.json"])
    assert (caught.value.exit_code, caught.value.problems, caught.value.files) == (1, 4, 3)
    good, unknown, bound, torn, absent = capsys.readouterr().out.splitlines()
    assert good == f"{GOOD}: good (8 nodes, 13 links)"
    assert unknown.startswith(f"{broken}: error graph.unknown_node_type (node prompt, field type): ")
    assert "did you mean 'prompt_builder'?" in unknown
    assert "graph.bad_settings (node generator, field settings.count): " in bound
    assert "torn.json: error graph.malformed: " in torn
    assert absent.endswith("absent.json: error file.unreadable: No such file or directory")


def test_every_malformed_field_is_listed(tmp_path, capsys):
    """A file that is no graph yields all its faults at once, not one a try."""
    path = tmp_path / "shapeless.json"
    path.write_text('{"format": "sakuga.graph/1", "nodes": [{"id": "a"}, {"id": "b", "type": 7}]}', "utf-8")
    with pytest.raises(ProblemsFoundError):
        validate([path])
    lines = capsys.readouterr().out.splitlines()
    assert ["(node a, field type)" in lines[0], "(node b, field type)" in lines[1]] == [True, True]


def test_warnings_are_shown_and_pass(tmp_path, capsys):
    """What can be published makes no failure, so that a check in CI stays useful."""
    graph = {"format": "sakuga.graph/1", "nodes": [{"id": "a", "type": "webhook_input", "settings": {}}]}
    path = tmp_path / "quiet.json"
    path.write_text(json.dumps(graph), "utf-8")
    validate([path])
    assert "warning graph.no_delivery" in capsys.readouterr().out


def test_text_of_a_file_cannot_steer_the_terminal(tmp_path, capsys):
    """Control characters of a name or type are printed as escapes, on one line."""
    graph = {"format": "sakuga.graph/1", "nodes": [{"id": "a", "type": "\x1b[2J\nx"}]}
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(graph), "utf-8")
    with pytest.raises(ProblemsFoundError):
        validate([path])
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert all(line.startswith(str(path)) for line in printed.splitlines())


@pytest.mark.usefixtures("prepared")
def test_a_file_becomes_a_draft_and_comes_out_again_byte_for_byte(tmp_path, capsys):
    """Import makes the workflow named by the stem, says when nothing changed, and export gives the file."""
    path = tmp_path / "shop-image.json"
    path.write_bytes(GOOD.read_bytes())
    import_files([path])
    import_files([path])
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: made the workflow shop-image, draft 1",
        f"{path}: shop-image is the same already, draft 1",
    ]
    path.write_text(GOOD.read_text("utf-8").replace('"count": 1', '"count": 2'), "utf-8")
    import_files([path])
    assert "replaced the draft of shop-image, draft 2" in capsys.readouterr().out
    export("shop-image")
    assert capsys.readouterr().out == path.read_text("utf-8")


@pytest.mark.usefixtures("prepared")
def test_a_published_version_stays_what_it_was(tmp_path, capsys):
    """Importing replaces the draft only: `slug@version` still prints what was published."""
    path = tmp_path / "product-image.json"
    path.write_text(GOOD.read_text("utf-8").replace('"count": 1', '"count": 3'), "utf-8")
    import_files([path])
    capsys.readouterr()
    export("product-image@1")
    assert capsys.readouterr().out == GOOD.read_text("utf-8")


@pytest.mark.usefixtures("prepared")
def test_a_draft_with_errors_is_loaded_and_told(broken, capsys):
    """A draft may have problems, so the work is kept; the exit code is 1 all the same."""
    with pytest.raises(ProblemsFoundError) as caught:
        import_files([broken])
    assert caught.value.problems == 2
    assert "made the workflow broken, draft 1" in capsys.readouterr().out
    export("broken")
    assert "prompt_bilder" in capsys.readouterr().out


@pytest.mark.usefixtures("prepared")
def test_one_refused_file_does_not_stop_the_next(tmp_path, capsys):
    """A file name that is no slug is refused with the rule; the others are loaded."""
    for name in ("Not a slug.json", "a-slug.json"):
        (tmp_path / name).write_bytes(GOOD.read_bytes())
    with pytest.raises(ProblemsFoundError):
        import_files([tmp_path / "Not a slug.json", tmp_path / "a-slug.json"])
    refused, loaded = capsys.readouterr().out.splitlines()
    assert "error workflow.refused (field slug): slug must be 1 to 80 of a-z, 0-9 and '-'" in refused
    assert "made the workflow a-slug" in loaded


@pytest.mark.usefixtures("prepared")
@pytest.mark.parametrize(
    "wrong", ["nothing", "product-image@9", "product-image@x", "product-image@²", "product-image@" + "9" * 30]
)
def test_an_unknown_export_says_what_there_is(wrong):
    """The line names the reference and what could be meant."""
    with pytest.raises(NoSuchWorkflowError, match="product-image") as caught:
        export(wrong)
    assert caught.value.exit_code == 2


def test_import_before_the_first_start_says_what_to_run(tmp_path, monkeypatch):
    """Without a database there is one line with the command that makes it, and nothing is written."""
    monkeypatch.setenv("SAKUGA_DATA_DIR", str(tmp_path / "data"))
    with pytest.raises(NotPreparedError, match="sakuga up"):
        import_files([GOOD])
    assert not (tmp_path / "data").exists()
