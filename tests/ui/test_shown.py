"""What people read: words, numbers, filters, rows, progress."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.records import Source
from app.store.runs import CALLBACK_STATUSES, STATUSES, RunRow, StepRow
from app.ui import theme, words
from app.ui.filters import Paging, RunQuery, address
from app.ui.payload import form_field
from app.ui.progress import bar, node_states, pictures, step_status
from app.ui.rows import run_row, short_url
from app.ui.snippets import sample_payload, trigger_curl
from app.ui.views.inbox import own_picture
from graphs.fields import FieldSpec
from graphs.trigger import TriggerContract

SOURCE: Source = "api"
RUN = RunRow(
    id="run_1", org_id="o", project_id="p", workflow_id="w", workflow="product-image", version=2,
    version_id="v", caller_id="c", caller="shop", source=SOURCE, status="running", wait=None,
    callback_url=None, external_id=None, trace_id="t", request_id="r", input_version="i",
    created_at=100.0, started_at=110.0, finished_at=None, credit_cost=0.0, callback_status="none",
    error_code=None, error=None, quality_warning=False, thumb=None, rerun_of=None,
)  # fmt: skip
STEP = StepRow("run_1", "generator", 3, "succeeded", 1, 112.0, 4.0, None, None, None, 1.0, None, None)
PICTURE = '{"images": [{"sha256": "ab", "format": "webp", "width": 1, "height": 1}]}'


def thumb(sha256: str | None) -> str:
    return f"/a/{sha256}" if sha256 else ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.84, "840 ms"),
        (3.21, "3.2 s"),
        (59.99, "1 min"),
        (125, "2 min 5 s"),
        (3840, "1 h 4 min"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    """Two units at most, the finer one only where it matters."""
    assert words.duration(seconds) == text


def test_every_status_has_an_icon_and_a_word() -> None:
    """Nothing is told by colour alone (WCAG 1.4.1)."""
    for table, names in ((words.RUN, STATUSES), (words.DELIVERY, CALLBACK_STATUSES)):
        for name in names:
            assert table[name].icon
            assert table[name].text
    assert words.look(words.RUN, "something_new").text == "Something new"


def test_advice_comes_from_the_nearest_prefix() -> None:
    """A code without advice of its own gets that of its area."""
    assert words.advice("node.qc_failed") != words.advice("node.asset_too_large") != ""
    assert words.advice("unheard.of") == ""


def test_filters_read_and_write_the_same_address() -> None:
    """What an address says is what its list links to; unknown values are left out."""
    query = RunQuery.of({"status": "failed", "q": "SKU-1", "callback_status": "nonsense"})
    assert query.query == {"status": "failed", "q": "SKU-1"}
    assert address("/runs", query.with_value("status", None).query) == "/runs?q=SKU-1"
    assert RunQuery.of({"since": "24h"}).wanted(100_000).since == 13_600


def test_paging_goes_back_the_way_it_came() -> None:
    """Newer leads through the same pages, and a broken address to the first one."""
    third = Paging().older("run_b").older("run_a")
    assert third.back().cursor == "run_b"
    assert third.back().back() == Paging()
    assert Paging.of(third.query) == third
    assert Paging.of({"cursor": "<script>"}) == Paging()


def test_a_held_run_says_why() -> None:
    """The status names the gate that holds it."""
    held = replace(RUN, status="queued", wait='{"reason": "rate_limited", "explanation": "100 per hour"}')
    shown = run_row(held, thumb)["status"]
    assert (shown["text"], shown["title"]) == ("Queued · rate limit", "100 per hour")


def test_progress_of_nodes() -> None:
    """A done step shows time and picture and takes back its notes, a running one its progress."""
    live = {"qc": {"state": "running", "progress": 0.5, "note": "measuring"}}
    steps = {"generator": replace(STEP, outputs=PICTURE)}
    states = node_states(["generator", "qc", "export"], RUN, steps, live, thumb)
    done = {"state": "succeeded", "note": None, "ms": 4000, "credits": 1.0, "thumb_url": "/a/ab"}
    assert states["generator"] == done
    assert states["qc"] == {"state": "running", "progress": 0.5, "note": "Measuring"}
    assert states["export"] == {"state": "queued", "note": None}
    ended = replace(RUN, status="failed", finished_at=120.0)
    assert node_states(["export"], ended, {}, {}, thumb) == {"export": None}
    assert step_status(ended, None, None) == "blocked"


def test_a_bar_lies_within_its_axis() -> None:
    """From the run's start to its end, in percent."""
    place = bar(replace(RUN, finished_at=130.0), STEP, 999)
    assert place is not None
    assert (place.left, place.width) == (10.0, 20.0)
    assert bar(RUN, replace(STEP, started_at=None), 999) is None


def test_pictures_are_found_anywhere_and_once() -> None:
    """In lists and nested objects; the same picture of one platform is one."""
    assert len(pictures('{"a": %s, "b": {"c": %s}}' % (PICTURE, PICTURE))) == 1  # noqa: UP031 - braces
    assert pictures(None) == []


FIELDS = (
    FieldSpec(name="product_id", type="string", required=True, min_length=3),
    FieldSpec(name="target_style", type="string", enum=["studio", "noir"], default="noir"),
    FieldSpec(name="count", type="integer", minimum=2, maximum=8),
    FieldSpec(name="extra", type="object"),
)


def test_a_sample_payload_is_accepted() -> None:
    """What the Run dialog offers passes the workflow's own contract."""
    sample = sample_payload(FIELDS)
    assert TriggerContract(FIELDS).read(sample).values["count"] == 2
    assert sample["target_style"] == "noir"
    assert "extra" not in sample


def test_payload_fields_follow_the_contract() -> None:
    """Allowed values become a choice, types their inputs."""
    assert [form_field(field).kind for field in FIELDS] == ["text", "choice", "integer", "value"]


def test_a_curl_survives_quotes() -> None:
    """An apostrophe in a value cannot end the shell's quotes, and no key is in it."""
    line = trigger_curl("http://127.0.0.1:8080", "product-image", {"name": "Bear's $HOME"})
    assert """Bear'"'"'s $HOME""" in line
    assert "$SAKUGA_API_KEY" in line


def test_only_our_own_pictures_are_shown_from_a_message() -> None:
    """A callback body may name any address; only signed ones of ours become images."""
    ours = f"/a/{'0' * 64}.webp?exp=1&sig=abc"
    assert own_picture(f"https://host{ours}") == ours
    assert own_picture("https://evil.example/x.png") == ""
    assert own_picture(None) == ""


def test_receivers_are_shown_without_their_query() -> None:
    """Tokens in a query stay out of lists."""
    assert short_url("https://shop.example/hook?token=secret") == "shop.example/hook"


def _channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4


def _luminance(colour: str) -> float:
    red, green, blue = (_channel(int(colour[index : index + 2], 16)) for index in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _tokens() -> dict[str, tuple[str, str]]:
    found = {}
    for line in (Path(theme.__file__).parent / "style" / "1-tokens.css").read_text().splitlines():
        name, _, value = line.strip().partition(": ")
        if value.startswith("light-dark("):
            light, _, dark = value.removeprefix("light-dark(").rstrip(");").partition(", ")
            found[name.removeprefix("--sk-")] = (light, dark)
    return found


PAIRS = [
    (ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "surface", "sunken", "raised")
]
PAIRS += [(tone, f"{tone}-soft") for tone in ("good", "bad", "warn")]
PAIRS += [(tone, "surface") for tone in ("good", "bad", "warn", "accent-ink")] + [
    ("accent-ink", "accent-soft")
]


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_is_readable_in_both_themes(ink: str, ground: str, look: int) -> None:
    """Every pair of text and ground reaches 4.5:1 (WCAG 1.4.3)."""
    one, other = sorted(_luminance(_tokens()[name][look]) for name in (ink, ground))
    assert (other + 0.05) / (one + 0.05) >= 4.5


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
def test_buttons_in_the_accent_are_readable(look: int) -> None:
    """White on the accent reaches 4.5:1."""
    assert 1.05 / (_luminance(_tokens()["accent"][look]) + 0.05) >= 4.5
