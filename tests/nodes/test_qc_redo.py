"""Rules of quality control that has a picture made again (S45, S46, S48)."""

import asyncio
from dataclasses import replace

import pytest

from graphs.errors import PermanentError
from graphs.node import Redo
from nodes.best_of import best_of, rank
from nodes.qc import Inputs, QualityControl, Settings
from nodes.redo_hints import HINTS

SOFT = {"sharpness": 1.0}


def judge(ctx, images, *, redos=0, earlier=(), **settings):
    node = QualityControl(Settings(**({"on_fail": "redo"} | settings)))
    info = replace(ctx.run, redos=redos, earlier=tuple(earlier))
    return asyncio.run(node.run(Inputs(images=images), replace(ctx, run=info)))


def found(answer):
    """What a redo keeps, as the engine gives it back."""
    return answer.outputs.model_dump(mode="json")


def test_a_failing_picture_is_asked_for_again_with_words_for_what_was_wrong(ctx, image):
    """The change holds the words of the settings and a hint for each failed check, each phrase once."""
    answer = judge(
        replace(ctx, measures=SOFT),
        [image()],
        redo_prompt_add="studio light, sharp focus",
        redo_negative_add="grain",
    )
    assert isinstance(answer, Redo)
    assert answer.change["prompt_add"] == "studio light, sharp focus, crisp edges, fine texture"
    assert answer.change["negative_add"] == "grain, blurry, out of focus, soft"
    assert "sharpness 1 is below 3" in answer.reason
    assert [check.passed for check in answer.outputs.report.checks].count(False) == 1


def test_hints_can_be_left_out(ctx, image):
    """Without hints only the words of the settings change the prompt; none at all is an empty change."""
    soft = replace(ctx, measures=SOFT)
    assert judge(soft, [image()], redo_hints=False).change == {}
    assert judge(soft, [image()], redo_hints=False, redo_prompt_add="crisp").change == {"prompt_add": "crisp"}


def test_hints_add_up_over_the_tries(ctx, image):
    """What failed in an earlier try is still asked for in the next one."""
    first = judge(replace(ctx, measures=SOFT), [image()])
    second = judge(replace(ctx, measures={"contrast": 1.0}), [image()], redos=1, earlier=[found(first)])
    for words in (*HINTS["sharpness"], *HINTS["contrast"]):
        assert words in second.change.values() or any(words in text for text in second.change.values())


def test_every_check_that_can_fail_has_a_hint(ctx, image):
    """No failed check leaves the prompt as it was."""
    report = judge(ctx, [image()]).report
    assert {check.name for check in report.checks} == set(HINTS)


def test_a_picture_that_passes_goes_on_without_warning(ctx, image):
    """A later try that passes is a plain success, whatever came before."""
    first = judge(replace(ctx, measures=SOFT), [image()])
    outputs = judge(ctx, [image(asset_id="a2")], redos=1, earlier=[found(first)])
    assert outputs.passed
    assert [picture.asset_id for picture in outputs.images] == ["a2"]


def test_the_best_of_all_tries_is_delivered_with_its_own_verdict(ctx, image):
    """When the tries are used up, the picture that missed least goes on, and says what it missed."""
    tries = [judge(replace(ctx, measures={"sharpness": 1.0}), [image(asset_id="a1")])]
    tries.append(judge(replace(ctx, measures={"sharpness": 2.5}), [image(asset_id="a2")], redos=1))
    worst = replace(ctx, measures={"sharpness": 0.5})
    outputs = judge(worst, [image(asset_id="a3")], redos=2, earlier=[found(each) for each in tries])
    (picture,) = outputs.images
    assert (picture.asset_id, picture.qc.passed, outputs.passed) == ("a2", False, False)
    sharpness = next(check for check in picture.qc.checks if check.name == "sharpness")
    assert sharpness.value == 2.5


def test_pictures_that_passed_in_different_tries_make_one_good_set(ctx, image):
    """For each place the best of all tries is taken; when all of these pass, no further try is needed."""
    first = judge(ctx, [image(asset_id="a1"), image(asset_id="a2", width=64)])
    second = judge(
        ctx, [image(asset_id="b1", width=64), image(asset_id="b2")], redos=1, earlier=[found(first)]
    )
    assert second.passed
    assert [picture.asset_id for picture in second.images] == ["a1", "b2"]


def test_when_the_tries_are_used_up_the_run_can_fail(ctx, image):
    """With after_redos "fail" the run fails with what was measured and how many tries there were."""
    with pytest.raises(PermanentError, match=r"sharpness 1 is below 3.*3 tries") as caught:
        judge(replace(ctx, measures=SOFT), [image()], redos=2, after_redos="fail")
    assert caught.value.code == "node.qc_failed"


def test_a_second_control_keeps_the_verdict_of_the_first(ctx, image):
    """A picture that failed an earlier control never becomes a plain success behind a later one (S48)."""
    lenient = QualityControl(Settings(min_sharpness=0))
    failed = judge(replace(ctx, measures=SOFT), [image()], on_fail="deliver_with_warning").images
    context = replace(ctx, measures=SOFT)
    outputs = asyncio.run(lenient.run(Inputs(images=failed), context))
    assert (outputs.passed, outputs.images[0].qc.passed) == (False, False)


def test_fewer_failed_checks_are_better_than_a_small_miss(ctx, image):
    """Pictures are ranked by failed checks, then warnings, then distance; of equals the first is taken."""
    soft, far = SOFT, {"sharpness": 2.9, "contrast": 3.9}
    one = judge(replace(ctx, measures=soft), [image(asset_id="a")]).outputs.images
    two = judge(replace(ctx, measures=far), [image(asset_id="b")]).outputs.images
    assert rank(one[0]) < rank(two[0])
    again = [one[0].model_copy(update={"asset_id": "c"})]
    assert [picture.asset_id for picture in best_of([two, one, again])] == ["a"]
