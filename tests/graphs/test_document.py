"""Graph files: read or refused with node and field, and written so that a diff reads well."""

import contextlib
import json
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.document import MAX_LINKS, MAX_NODES, Document, document_hash, dump, parse
from graphs.errors import MalformedDocumentError

HEAD = {"format": "sakuga.graph/1"}


def refused(data: Any) -> MalformedDocumentError:
    with pytest.raises(MalformedDocumentError) as caught:
        parse(data)
    return caught.value


def with_node(**fields: Any) -> dict:
    return {**HEAD, "nodes": [{"id": "first", "type": "a"}, {"id": "bad", "type": "a"} | fields]}


def test_a_file_reads_from_text_bytes_and_object(product: dict) -> None:
    """The three forms of one file are one document; a byte order mark does not disturb."""
    text = json.dumps(product)
    assert parse(text) == parse(text.encode()) == parse(product) == parse(b"\xef\xbb\xbf" + text.encode())


def test_optional_parts_have_defaults() -> None:
    """Only format and nodes are demanded of a file, only id and type of a node."""
    document = parse({**HEAD, "nodes": [{"id": "a", "type": "b"}]})
    assert (document.nodes[0].position, document.nodes[0].settings, document.links) == ((0, 0), {}, [])


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"position": ["x", 1]}, "position[0]", "must be a number"),
        ({"position": [1]}, "position[1]", "is missing"),
        ({"position": [1, 10**400]}, "position[1]", "must be"),
        ({"size": [-1, 1]}, "size[0]", "must be at least 0"),
        ({"settings": [1]}, "settings", "must be an object"),
        ({"type": None}, "type", "must be text"),
        ({"setings": {}}, "setings", "not a known"),
        ({"title": "x" * 201}, "title", "at most 200 characters"),
        ({"version": 0}, "version", "at least 1"),
        ({"settings": {"a": [{"b": float("nan")}]}}, "settings.a[0].b", "finite"),
        ({"settings": {"a": float("inf")}}, "settings.a", "finite"),
        ({"settings": {"a": {"__proto__": {}}}}, "settings.a", "__proto__"),
        ({"settings": {"constructor": 1}}, "settings", "constructor"),
        ({"title": "half \ud800"}, "title", "surrogate"),
        ({"settings": {"x\x00": 1}}, "settings", "control character"),
        ({"settings": {"a": "\x1b[31m"}}, "settings.a", "control character"),
        ({"settings": {1: 2}}, "settings", "not a string"),
        ({"settings": {"a": {1, 2}}}, "settings.a", "not a JSON value"),
    ],
)
def test_a_bad_node_is_named_with_its_field(fields: dict, field: str, words: str) -> None:
    """Who reads the error knows where to look and what would be right."""
    error = refused(with_node(**fields))
    assert (error.node_id, error.field, error.code) == ("bad", field, "graph.malformed")
    assert words in error.reason
    assert "'bad'" in error.reason


@pytest.mark.parametrize(
    "name", ["", "-a", "a b", "a/b", "<script>", "x" * 65, "__proto__", "é", "a\n", 7, None]
)
def test_a_bad_id_is_refused(name: Any) -> None:
    """Ids are plain ASCII names of at most 64 characters."""
    assert refused(with_node(id=name)).field in {"id", "nodes[1].id"}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "null",
        "1",
        '"x"',
        "{",
        b"\xff\xfe{\x00",
        '{"nodes": []}',
        '{"format": "sakuga.graph/2", "nodes": []}',
        '{"format": ["sakuga.graph/1"], "nodes": []}',
        '{"format": "sakuga.graph/1"}',
        '{"format": "sakuga.graph/1", "nodes": {}}',
        '{"format": "sakuga.graph/1", "nodes": [[]]}',
        '{"format": "sakuga.graph/1", "nodes": [], "links": [{"from": ["a"], "to": ["b", "c"]}]}',
        '{"format": "sakuga.graph/1", "nodes": [], "links": [{"from": [0, 1], "to": [2, 3]}]}',
        '{"format": "sakuga.graph/1", "nodes": [], "links": [[1, 2, 0, 3, 0, "IMAGE"]]}',
        '{"format": "sakuga.graph/1", "nodes": [], "groups": [1]}',
        '{"format": "sakuga.graph/1", "nodes": [], "last_node_id": 3}',
        '{"format": "sakuga.graph/1", "nodes": [], "name": {"a": 1}}',
        '{"format": "sakuga.graph/1", "nodes": [], "description": 1e9999}',
        '{"format": "sakuga.graph/1", "nodes": [], "notes": [{"a": NaN}]}',
        '{"format": "sakuga.graph/1", "nodes": [], "notes": [{"a": ' + "9" * 5000 + "}]}",
        '{"nodes": [], "format": "sakuga.graph/1", "nodes": []}',
        "[" * 200_000,
        '{"a":' * 100_000,
    ],
)
def test_what_is_no_graph_file_is_refused(data: str | bytes) -> None:
    """Whatever comes, the answer is one clear error."""
    assert refused(data).reason


def test_duplicate_keys_are_refused_where_they_are() -> None:
    """Two readers could take different ones."""
    error = refused(
        '{"format": "sakuga.graph/1", "nodes": [{"id": "n", "type": "a", "settings": {"k": 1, "k": 2}}]}'
    )
    assert (error.node_id, error.field) == ("n", "settings")
    assert "'k' twice" in error.reason


def test_every_error_of_form_is_told_at_once() -> None:
    """Mending a file takes one reading, not ten."""
    error = refused({**with_node(position="here", size=3), "links": [{"from": ["a", "b"]}]})
    found = {(each.node_id, each.field) for each in (error, *error.others)}
    assert found == {("bad", "position"), ("bad", "size"), (None, "links[0].to")}


def test_deep_values_are_refused_without_recursion() -> None:
    """Nesting ends at 64 levels."""
    deep: Any = {}
    for _ in range(5_000):
        deep = {"a": deep}
    assert "64 levels" in refused(with_node(settings=deep)).reason


@pytest.mark.parametrize(("name", "limit"), [("nodes", MAX_NODES), ("links", MAX_LINKS)])
def test_too_many_parts_are_too_large(name: str, limit: int) -> None:
    """The limit is told before anything is read."""
    error = refused({**HEAD, "nodes": [], name: [{}] * (limit + 1)})
    assert (error.code, error.field) == ("graph.too_large", name)


def test_too_many_bytes_are_too_large() -> None:
    """4 MiB, counted in UTF-8, in text and in objects."""
    blob = "é" * (2 * 1024 * 1024 + 1)
    assert (
        refused(json.dumps({**HEAD, "nodes": [], "name": blob}, ensure_ascii=False)).code == "graph.too_large"
    )
    assert refused(b" " * (4 * 1024 * 1024 + 1)).code == "graph.too_large"
    assert refused({**HEAD, "nodes": [], "notes": [{"a": ["x" * 1000] * 5000}]}).code == "graph.too_large"


def test_hostile_text_stays_text() -> None:
    """Markup in names is kept as it is; showing it safely is the page's duty."""
    evil = "<script>alert(1)</script>{{7*7}}${7*7}"
    document = parse({**with_node(title=evil, settings={"prompt": evil}), "name": evil})
    assert (document.name, document.nodes[1].title, document.nodes[1].settings["prompt"]) == (
        evil,
        evil,
        evil,
    )


def test_duplicate_ids_are_readable() -> None:
    """They are a problem of meaning, which check reports beside the others."""
    assert len(parse({**HEAD, "nodes": [{"id": "a", "type": "x"}] * 2}).nodes) == 2


def test_files_are_sorted_with_one_value_per_line(product: dict) -> None:
    """A diff of two versions reads well (contract §8)."""
    lines = dump(parse(product)).splitlines()
    assert '   "id": "draw",' in lines
    keys = list(json.loads("\n".join(lines)))
    assert keys == sorted(keys)


def test_positions_do_not_change_the_hash(product: dict) -> None:
    """Nor do titles, notes or the order of the lists; settings and links do."""
    document = parse(product)
    same = parse(
        {
            **product,
            "name": "Other",
            "notes": [{"text": "x"}],
            "links": product["links"][::-1],
            "nodes": [{**node, "position": [1, 2], "title": "T"} for node in product["nodes"][::-1]],
        }
    )
    assert document_hash(same) == document_hash(document)
    drawn = {**product, "links": [{**link, "via": [[1, 2.5], [3, 4]]} for link in product["links"]]}
    drawn["nodes"] = [{**node, "collapsed": True, "pinned": True} for node in product["nodes"]]
    drawn["groups"] = [{"id": "g", "title": "G", "collapsed": True, "holds": ["input"], "color": "red"}]
    assert document_hash(parse(drawn)) == document_hash(document)
    assert parse(dump(parse(drawn))) == parse(drawn)
    assert not any(word in dump(document) for word in ("via", "collapsed", "pinned"))
    freed = {**product, "nodes": [{**node, "collapsed": None, "pinned": False} for node in product["nodes"]]}
    assert parse(freed) == document
    assert document_hash(parse({**product, "links": product["links"][1:]})) != document_hash(document)
    product["nodes"][3]["settings"] = {"size": 128}
    assert document_hash(parse(product)) != document_hash(document)


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
# keys that reach into a prototype are refused, and have a test of their own
keys = text.filter(lambda key: key not in {"__proto__", "constructor", "prototype"})
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True)
ends = st.tuples(ids, text.filter(bool))
nodes = st.fixed_dictionaries(
    {"id": ids, "type": text.filter(bool)},
    optional={
        "title": text,
        "settings": st.dictionaries(keys, values, max_size=3),
        "position": st.tuples(st.floats(-1e6, 1e6), st.integers(-100, 100)),
        "size": st.none() | st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)),
        "version": st.integers(1, 9),
    },
)
files = st.fixed_dictionaries(
    {"format": st.just("sakuga.graph/1"), "nodes": st.lists(nodes, max_size=5)},
    optional={
        "name": text,
        "links": st.lists(st.fixed_dictionaries({"from": ends, "to": ends}), max_size=5),
        "groups": st.lists(st.dictionaries(keys, values, max_size=2), max_size=2),
        "notes": st.lists(st.dictionaries(keys, values, max_size=2), max_size=2),
    },
)


@settings(max_examples=150, deadline=None)
@given(files)
def test_what_was_written_reads_back_equal(file: dict) -> None:
    """load(save(g)) == g, and saving again writes the same bytes."""
    document = parse(file)
    written = dump(document)
    assert parse(written) == document
    assert dump(parse(written.encode())) == written


@settings(max_examples=300, deadline=None)
@given(file=files, seed=st.integers(0, 2**32))
def test_damaged_files_never_surprise(file: dict, seed: int) -> None:
    """A file with bytes changed is read or refused; nothing else can happen."""
    chance, raw = random.Random(seed), bytearray(json.dumps(file).encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(raw))
        raw[at : at + chance.randint(0, 3)] = bytes(
            chance.choices(b'"{}[],:0-e\\u\xff\x00aN', k=chance.randint(0, 3))
        )
    try:
        document = parse(bytes(raw))
    except MalformedDocumentError:
        return
    assert isinstance(document, Document)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["format", "nodes", "links", "groups", "name"]), values))
def test_objects_of_any_shape_never_surprise(data: dict) -> None:
    """Wrong types anywhere are one kind of error."""
    with contextlib.suppress(MalformedDocumentError):
        parse({**HEAD, **data})


def test_the_largest_file_reads_in_seconds() -> None:
    """4 MiB of many small values take at most four seconds of processor time."""
    raw = json.dumps({**HEAD, "nodes": [], "notes": [{"a": [1] * 1_300_000}]})
    started = time.process_time()
    parse(raw)
    assert time.process_time() - started <= 4
