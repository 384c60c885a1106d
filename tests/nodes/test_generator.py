"""Rules of the generator."""

import asyncio
from dataclasses import replace

import pytest

from graphs.errors import PermanentError, TransientError
from graphs.node import Generated, Wait
from graphs.sockets import Prompt, Style
from nodes.generator import Generator, Inputs, Settings

PROMPT = Prompt(positive="a mug", negative="text")
STYLE = Style(key="studio", hint="studio-product")


def run(ctx, settings=None, **inputs):
    node = Generator(Settings(**(settings or {})))
    return asyncio.run(node.run(Inputs(**({"prompt": PROMPT} | inputs)), ctx))


def test_the_request_says_all_a_service_needs(ctx):
    """Settings and inputs become one request; the style goes by its native name."""
    run(
        ctx,
        {"model": "procedural/instant-1", "width": 640, "height": 800, "count": 2, "seed": 5},
        style=STYLE,
    )
    (request,) = ctx.calls
    assert (request.provider, request.model) == ("rehearsal", "procedural/instant-1")
    assert (request.prompt, request.negative, request.style) == ("a mug", "text", "studio-product")
    assert (request.width, request.height, request.count, request.seed) == (640, 800, 2, 5)


def test_inputs_win_over_settings(ctx):
    """Seed and count of this run go before those of the template; a seed of 0 is a seed."""
    run(ctx, {"count": 2, "seed": 5}, seed=0, count=4)
    assert (ctx.calls[0].seed, ctx.calls[0].count) == (0, 4)


def test_a_derived_seed_is_the_same_on_a_retry_and_another_in_another_run(ctx):
    """Without a seed, run and node decide: a retry paints the same picture (S38)."""
    for info in (
        ctx.run,
        replace(ctx.run, attempt=3),
        replace(ctx.run, job_id="run_2"),
        replace(ctx.run, node_id="other"),
    ):
        run(replace(ctx, run=info))
    seeds = [request.seed for request in ctx.calls]
    assert seeds[0] == seeds[1]
    assert len(set(seeds)) == 3
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_waiting_is_passed_through(ctx):
    """A service that is not done yet hands its wait to the engine unchanged."""
    wait = Wait(5, {"job": "x"})
    assert run(replace(ctx, answer=wait)) is wait


def test_pictures_know_how_they_were_made(ctx, image):
    """Prompt, model, style key and share of the cost travel on each picture; facts of the service stay."""
    answer = Generated((image(), image(model_id="procedural/y", prompt="own")), "procedural/x", 3.0)
    outputs = run(replace(ctx, answer=answer), style=STYLE)
    first, second = outputs.images
    assert (first.model_id, first.prompt, first.style, first.credit_cost) == (
        "procedural/x",
        "a mug",
        "studio",
        1.5,
    )
    assert (second.model_id, second.prompt) == ("procedural/y", "own")


@pytest.mark.parametrize(("name", "value"), [("count", 0), ("count", 5), ("seed", -1), ("seed", 2**32)])
def test_numbers_out_of_range_are_permanent_errors(ctx, name, value):
    """A count or seed no service takes is refused before anything is asked of one."""
    with pytest.raises(PermanentError, match=name) as caught:
        run(ctx, **{name: value})
    assert (caught.value.code, caught.value.field) == ("trigger.out_of_range", name)
    assert ctx.calls == []


def test_an_answer_without_pictures_is_tried_again(ctx):
    """A service that answers nothing is at fault, not the input."""
    with pytest.raises(TransientError) as caught:
        run(replace(ctx, answer=Generated((), "m", 0)))
    assert caught.value.code == "node.provider_bad_output"


def test_another_try_has_its_words_and_a_seed_of_its_own(ctx):
    """What quality control adds joins the prompts; a derived seed is new, a given one moves on (S45)."""
    again = replace(ctx.run, generation=2, change={"prompt_add": "sharp focus", "negative_add": "blur"})
    for info, settings in ((ctx.run, {}), (again, {}), (again, {"seed": 5}), (again, {"seed": 2**32 - 1})):
        run(replace(ctx, run=info), settings)
    first, second, given, last = ctx.calls
    assert (second.prompt, second.negative) == ("a mug, sharp focus", "text, blur")
    assert second.seed not in {first.seed, given.seed}
    assert (given.seed, last.seed) == (13, 7)


def test_words_added_to_nothing_stand_alone(ctx):
    """An empty negative prompt becomes the added words, without a comma in front."""
    again = replace(ctx.run, generation=1, change={"negative_add": "blur", "prompt_add": ""})
    run(replace(ctx, run=again), prompt=Prompt(positive="a mug"))
    assert (ctx.calls[0].prompt, ctx.calls[0].negative) == ("a mug", "blur")
