"""Files as spreadsheets write them: read strictly, every wrong cell named, none of them a formula (S1)."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.workflows.flat import CellError, body_of, fillable, typed
from app.workflows.rowcheck import Judged, judge
from app.workflows.sheet import MAX_BYTES, MAX_ROWS, SheetError, line_of, read
from graphs.fields import FieldSpec
from graphs.trigger import TriggerContract

CONTRACT = TriggerContract(
    [
        {"name": "product_name", "type": "string", "required": True, "max_length": 20},
        {"name": "style", "type": "string", "enum": ["studio", "noir"], "default": "studio"},
        {"name": "count", "type": "integer", "minimum": 1, "maximum": 8, "source": "options.count"},
        {"name": "weight", "type": "number"},
        {"name": "glossy", "type": "boolean"},
        {"name": "tags", "type": "array", "max_length": 2},
        {"name": "more", "type": "object"},
        {"name": "sum", "type": "integer", "source": "length(keys(@))"},
    ]
)


def checked(text: str, mapping: dict[str, Any] | None = None) -> Judged:
    return judge(CONTRACT, read(text.encode()), mapping or {})


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("said", ["sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_a_file_may_say_what_parts_its_cells(mark: bytes, said: str) -> None:
    """Excel's first line is neither head nor row, counts as a line, and wins over what looks likely."""
    sheet = read(mark + f"{said}name, first;colour\r\nOak, old;brown".encode())
    assert (sheet.columns, sheet.delimiter) == (("name, first", "colour"), ";")
    assert [(row.number, row.line, row.cells) for row in sheet.rows] == [(1, 3, ("Oak, old", "brown"))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sep=|\na|b\n1|2", "line 1 says that | parts the cells; part them by comma, semicolon or tab"),
        ("sep=;", "the file is empty; it needs a line of column names and at least one row"),
    ],
)
def test_a_file_that_says_it_wrongly_is_refused(text: str, words: str) -> None:
    """The line is named with what would be right."""
    with pytest.raises(SheetError) as caught:
        read(text.encode())
    assert str(caught.value) == words


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(mark: bytes, delimiter: str) -> None:
    """With or without a mark, whatever parts the cells; quotes hold line ends; blank lines are no rows."""
    lines = [
        ["Product Name", "Colour"],
        ['"Oak, ""old""; chair"', "brown"],
        ["", ""],
        ['"two\nlines"', "ü"],
    ]
    raw = mark + "\r\n".join(delimiter.join(line) for line in lines).encode()
    sheet = read(raw)
    assert (sheet.columns, sheet.delimiter) == (("Product Name", "Colour"), delimiter)
    assert [row.cells for row in sheet.rows] == [('Oak, "old"; chair', "brown"), ("two\nlines", "ü")]
    assert [(row.number, row.line) for row in sheet.rows] == [(1, 2), (2, 5)]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"a,b\n", "no rows"),
        ("a,b\nx,y\n".encode("utf-16"), "UTF-8"),
        (b"a,b\nx,\xe4\n", "line 2 is not UTF-8"),
        (b"a,b\nx,\x00\n", "line 2 holds a NUL"),
        (b"a,A,a\nx,y,z\n", "two columns are called 'a'"),
        (b'a,b\n"x,y\n', "quote"),
        (b'a,b\n"x"z,y\n', "quote"),
        (b"a\n" + b"x\n" * (MAX_ROWS + 1), "more than 10,000 rows"),
        (b",".join(b"c%d" % each for each in range(201)) + b"\nx\n", "more than 200 columns"),
        (b"a\n" + b"x" * MAX_BYTES, "10 MiB"),
        (b"a\n" + b"x" * 200_000, "131,072"),
    ],
    ids=range(13),
)
def test_what_cannot_be_read_says_where(raw: bytes, told: str) -> None:
    """In words, with the line."""
    with pytest.raises(SheetError, match=told):
        read(raw)


def test_cells_become_values_of_their_fields() -> None:
    """By type; an empty cell is the default; a column by its name in any spelling; sources are respected."""
    judged = checked(
        "Product Name;STYLE;count;weight;glossy;tags;more;external-id;note\n"
        'Chair;noir;3;1,5;Yes;"[""a"", 1]";"{""k"": null}";SKU-1;ignored\n'
        "Lamp;;;;0;;;;\n"
    )
    assert judged.problems == ()
    assert judged.ignored == ("note",)
    first, second = judged.rows
    values = json.loads(first.payload)
    assert values == {
        "product_name": "Chair",
        "style": "noir",
        "count": 3,
        "weight": 1.5,
        "glossy": True,
        "tags": ["a", 1],
        "more": {"k": None},
    }
    assert (first.external_id, second.external_id) == ("SKU-1", None)
    assert json.loads(second.payload) == {"product_name": "Lamp", "glossy": False}
    body = body_of(fillable(CONTRACT.fields), values)
    assert body["options"] == {"count": 3}
    assert CONTRACT.read(body).values["count"] == 3


def test_every_wrong_cell_is_named() -> None:
    """With its row, line, column, code and what would be right; good rows are kept apart."""
    judged = checked(
        "product_name,style,count,weight,glossy,tags\n"
        "Chair,nior,nine,1.5,maybe,[1]\n"
        ",studio,9,NaN,no,{}\n"
        "Fine,studio,1,1,no,[]\n"
        "Wide,studio,1,1,no,[],x\n"
    )
    found = {(each.row, each.column): each for each in judged.problems}
    assert set(found) == {
        *((1, "style"), (1, "count"), (1, "glossy")),
        *((2, "product_name"), (2, "count"), (2, "weight"), (2, "tags")),
        (4, None),
    }
    assert found[1, "style"].did_you_mean == "noir"
    assert found[1, "style"].allowed == ("studio", "noir")
    assert (found[1, "count"].code, found[2, "count"].code) == ("trigger.wrong_type", "trigger.out_of_range")
    assert found[2, "product_name"].code == "trigger.missing_field"
    assert found[1, "glossy"].detail == "glossy must be true or false (or yes, no, 1, 0)"
    assert found[2, "tags"].line == 3
    assert [row.number for row in judged.rows] == [3]


def test_a_mapping_is_checked_before_the_rows() -> None:
    """Unknown columns and fields with a suggestion, fields filled twice, needed ones that nothing fills."""
    text = "Titel,Stil,style\nChair,noir,noir\n"
    good = checked(text, {"Titel": "product_name", "Stil": "style", "style": None})
    assert good.mapping == {"Titel": "product_name", "Stil": "style"}
    assert good.problems == ()
    (none,) = checked(text).problems
    assert (none.field, none.code, none.row) == ("product_name", "trigger.missing_field", None)
    wrong = checked(text, {"Title": "product_name", "Stil": "stile"}).problems
    assert [each.did_you_mean for each in wrong] == ["Titel", "style"]
    (twice,) = checked(text, {"Titel": "product_name", "Stil": "product_name"}).problems
    assert "all fill product_name" in twice.detail


def test_a_field_with_an_expression_is_no_column() -> None:
    """A single cell cannot say what an expression over the whole body gives."""
    assert "sum" not in {field.name for field in fillable(CONTRACT.fields)}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\r=x"])
def test_no_cell_we_write_is_a_formula(text: str) -> None:
    """Spreadsheets show it as text."""
    assert line_of([text]).strip("\r\n").strip('"').startswith("'")


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=4), st.text(max_size=60))
def test_any_file_is_read_or_refused(names: list[str], text: str) -> None:
    """Nothing but a sheet or a reason comes of any bytes."""
    try:
        sheet = read((",".join(names) + "\n" + text).encode("utf-8", "replace"))
    except SheetError:
        return
    assert sheet.rows
    judge(CONTRACT, sheet, {})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["string", "integer", "number", "boolean", "object", "array"]), st.text(max_size=30))
def test_any_text_is_a_value_of_its_type_or_an_error(kind: str, text: str) -> None:
    """Never another type, never a number that JSON cannot say."""
    try:
        value = typed(FieldSpec(name="x", type=kind), text)  # type: ignore[arg-type]
    except CellError:
        return
    if value is not None:
        json.dumps(value, allow_nan=False)
        assert TriggerContract([{"name": "x", "type": kind}]).fields[0].type == kind
