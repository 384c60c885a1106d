"""The shipped graphs: readable, valid, compilable, pleasant to look at, and fit for their payloads."""

import json
from itertools import combinations
from pathlib import Path

import pytest

import nodes
from app.assets.imaging.presets import load_platforms
from app.providers.procedural.words import read
from graphs.catalogue import discover
from graphs.check import Facts, check
from graphs.document import Document, dump, parse
from graphs.plan import compile_plan
from graphs.trigger import TriggerContract
from nodes.presets import styles
from nodes.template import parse as parse_template

FOLDER = Path(__file__).parents[2] / "examples"
NAMES = [
    "blog-header",
    "catalogue-set",
    "product-image",
    "product-image-guarded",
    "seasonal-banner",
    "social-set",
    # offered in the gallery only
    "templates/anime-keyframes",
    "templates/best-of-three",
    "templates/catalogue-burst",
    "templates/news-header",
    "templates/onboarding-pack",
    "templates/personal-hero",
    "templates/seasonal-refresh",
]
CATALOGUE = discover(nodes)
_HEIGHTS = {
    "webhook_input": 202,
    "style_preset": 108,
    "prompt_builder": 152,
    "generator": 330,
    "qc": 308,
    "multi_format_export": 286,
    "metadata": 352,
    "webhook_delivery": 292,
    "rate_limiter": 92,
    "circuit_breaker": 92,
    "switch": 200,
    "join": 150,
    "map": 330,
    "subworkflow": 330,
    "cost_monitor": 200,
}
every_graph = pytest.mark.parametrize("name", NAMES)


def document(name: str) -> Document:
    return parse((FOLDER / f"{name}.json").read_bytes())


def test_every_graph_is_tested():
    """A graph added to the folder is held to the same rules."""
    paths = [path for path in FOLDER.rglob("*.json") if not path.stem.endswith(".payload")]
    found = {str(path.relative_to(FOLDER).with_suffix("")) for path in paths}
    assert found - {"templates/about", "templates/pictures"} == set(NAMES)


@every_graph
def test_files_are_in_the_form_the_product_writes(name):
    """Sorted keys, one value per line: saving an example unchanged changes nothing (contract section 8)."""
    assert (FOLDER / f"{name}.json").read_text("utf-8") == dump(document(name))


@every_graph
def test_graphs_have_no_problem_and_compile(name):
    """Not even a warning; the allowed values of trigger fields are presets that exist (S40, S42)."""
    known = {
        ("style_preset", "key"): frozenset(styles()),
        ("multi_format_export", "platform"): frozenset(load_platforms()),
    }
    doc = document(name)
    assert check(doc, CATALOGUE, Facts(known)) == []
    assert {node.id for node in compile_plan(doc, CATALOGUE).nodes} == {node.id for node in doc.nodes}


@every_graph
def test_every_setting_names_a_platform_that_exists(name):
    """Platforms in the settings of an export node are presets."""
    exports = [node for node in document(name).nodes if node.type == "multi_format_export"]
    for node in exports:
        assert set(node.settings["platforms"]) <= set(load_platforms())


@every_graph
def test_payloads_are_accepted(name):
    """The payload beside a graph is good as it is, and nothing of it is ignored."""
    payload = json.loads((FOLDER / f"{name}.payload.json").read_text("utf-8"))
    accepted = TriggerContract.of(document(name)).read(payload)
    assert accepted.ignored == []
    assert accepted.values.items() >= payload.items()


@every_graph
def test_cards_stand_apart_and_the_whole_graph_is_legible(name):
    """Cards as tall as they are drawn never touch, and all of them fit the canvas of a laptop at a good size.

    1440 by 900 leaves about 760 by 776 for the graph; at a zoom of 0.6 its words can be read.
    """
    places = [(node.position, _HEIGHTS[node.type]) for node in document(name).nodes]
    for ((x, y), high), ((other_x, other_y), other_high) in combinations(places, 2):
        apart = y + high + 40 <= other_y or other_y + other_high + 40 <= y
        assert abs(x - other_x) >= 300 or apart
    wide = max(x for (x, _), _ in places) + 240 - min(x for (x, _), _ in places)
    tall = max(y + high for (_, y), high in places) - min(y for (_, y), _ in places)
    assert min(760 / wide, 776 / tall) >= 0.6


@every_graph
def test_templates_do_not_choose_the_subject(name):
    """What the rehearsal model paints comes from the payload, not from words of the template or the style."""
    for node in document(name).nodes:
        if node.type == "prompt_builder":
            template = parse_template(node.settings["template"])
            for preset in styles().values():
                blank = dict.fromkeys((each.name for each in template.placeholders), "zzz")
                text = template.render(blank) + f", {preset.positive}, {preset.lighting}"
                assert read(text).subject is None


def test_product_image_has_the_fields_of_the_contract():
    """Fields, requirement and defaults of the first workflow are fixed (S15 to S19, contract section 8)."""
    fields = {field.name: field for field in TriggerContract.of(document("product-image")).fields}
    assert list(fields) == [
        "product_id",
        "product_name",
        "product_category",
        "target_style",
        "target_platform",
    ]
    assert [name for name, field in fields.items() if field.required] == ["product_name"]
    style, platform = fields["target_style"], fields["target_platform"]
    assert (style.default, platform.default) == ("studio", "web")
    assert set(style.enum) >= {"studio", "anime", "watercolour", "noir"}
    assert set(platform.enum) >= {"web", "instagram_feed", "amazon"}


def test_product_image_is_the_eight_node_graph_without_gates():
    """A newcomer's first runs are not held back by a limiter; the guarded graph adds three gates."""
    plain, guarded = (compile_plan(document(f"product-image{end}"), CATALOGUE) for end in ("", "-guarded"))
    assert len(plain.nodes) == 8
    assert (plain.gates.limiter, plain.gates.breaker) == (None, None)
    assert (guarded.gates.limiter.limit, guarded.gates.limiter.window_seconds) == (100, 3600)
    assert guarded.gates.breaker.factor == 3
    assert (guarded.gates.budget.daily_credits, guarded.gates.budget.when_exhausted) == (100, "hold")
