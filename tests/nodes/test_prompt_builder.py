"""Rules of the prompt builder."""

import asyncio

import pytest
from pydantic import ValidationError

from graphs.errors import PermanentError
from graphs.sockets import Style
from nodes.prompt_builder import Inputs, PromptBuilder, Settings

STYLE = Style(
    key="noir",
    positive="film noir",
    negative="pastel",
    lighting="hard light",
    palette=("#000000", "#ffffff"),
    brand={"name": "Acme", "mood": "tense"},
)


def build(ctx, settings, **inputs):
    outputs = asyncio.run(PromptBuilder(Settings(**settings)).run(Inputs(**inputs), ctx))
    return outputs.prompt


def test_placeholders_become_inputs_in_their_order():
    """One text input per placeholder, required unless a default is given, then the optional style."""
    settings = Settings(template="{{subject}} on {{place|a table}}, {{subject}}", negative="{{avoid}}")
    sockets = [(s.name, s.type, s.required) for s in PromptBuilder.inputs_for(settings)]
    assert sockets == [
        ("subject", "Text", True),
        ("place", "Text", False),
        ("avoid", "Text", True),
        ("style", "Style", False),
    ]


def test_style_as_placeholder_takes_plain_words_too():
    """`{{style}}` is the style input itself, never a second one, and accepts words as well as presets."""
    settings = Settings(template="{{subject}} on a table, {{style}}")
    assert [(s.name, s.type) for s in PromptBuilder.inputs_for(settings)] == [
        ("subject", "Text"),
        ("style", "Any"),
    ]


def test_values_are_put_in_and_white_space_collapses(ctx):
    """Values stand where their placeholder stood; defaults fill in for absent and blank ones."""
    settings = {
        "template": "{{ subject }}\n\ton  {{place|a table}},\n{{mood|calm}}",
        "negative": "no {{subject}}",
    }
    prompt = build(ctx, settings, subject=" Red \n mug ", mood="  ")
    assert prompt.positive == "Red mug on a table, calm"
    assert prompt.negative == "no Red mug"


def test_data_is_never_read_as_a_template(ctx):
    """Braces in a value stay as they are: a caller cannot reach other values."""
    prompt = build(ctx, {"template": "{{a}} {{b}}"}, a="{{b}} }} {{x|y}}", b="secret")
    assert prompt.positive == "{{b}} }} {{x|y}} secret"


def test_a_style_adds_words_light_palette_and_exclusions(ctx):
    """A style is appended, its exclusions are merged; the brand's name stays out of the picture."""
    prompt = build(ctx, {"template": "{{subject}}", "negative": "text"}, subject="Mug", style=STYLE)
    assert prompt.positive == "Mug, film noir, hard light, colour palette #000000 #ffffff, tense"
    assert prompt.negative == "text, pastel"


def test_a_placed_style_is_not_added_again(ctx):
    """Where the template says {{style}}, the words stand there and only there."""
    settings = {"template": "{{style}}: {{subject}}"}
    assert build(ctx, settings, subject="Mug", style=STYLE).positive.count("film noir") == 1
    assert build(ctx, settings, subject="Mug", style="pencil").positive == "pencil: Mug"
    trailing = {"template": "{{subject}}, {{style}}"}
    assert build(ctx, trailing, subject="Mug").positive == "Mug"


def test_numbers_are_written_out(ctx):
    """A number is a value like any other."""
    assert build(ctx, {"template": "{{n}} mugs"}, n=3).positive == "3 mugs"


@pytest.mark.parametrize("given", [{}, {"subject": ""}, {"subject": " \n"}, {"subject": None}])
def test_a_missing_value_names_its_placeholder(ctx, given):
    """A required value that is absent or blank is a permanent error that names it."""
    with pytest.raises(PermanentError) as caught:
        build(ctx, {"template": "{{subject}}"}, **given)
    assert (caught.value.code, caught.value.field) == ("node.input_missing", "subject")


@pytest.mark.parametrize(
    ("template", "position"),
    [
        ("{{subject", 1),
        ("a {{Subject}}", 3),
        ("a}} b", 2),
        ("{{}}", 1),
        ("{{a b}}", 1),
        ("{{a.b}}", 1),
        ("{{{a}}}", 1),
        ("{{a}} {{ {{b}} }}", 7),
        ("{{a|{{b}}}}", 1),
    ],
)
def test_braces_that_are_no_placeholder_are_refused_with_their_position(template, position):
    """A malformed template is a settings error that says where."""
    with pytest.raises(ValidationError, match=f"character {position}:"):
        Settings(template=template)


def test_a_long_prompt_is_cut_after_a_word(ctx):
    """The prompt never exceeds its longest length, and ends with a whole word."""
    prompt = build(ctx, {"template": "{{subject}}", "max_length": 64}, subject="word " * 40)
    assert prompt.positive == ("word " * 13).strip()[:64]
    assert len(build(ctx, {"template": "{{s}}", "max_length": 64}, s="x" * 500).positive) == 64
