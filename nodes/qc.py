"""Quality control (S43, S45, S46, S48): judge every picture, ask for better ones, pass on what was found."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field

from graphs.errors import PermanentError
from graphs.node import Context, Node, Redo, RunInfo
from graphs.sockets import Image, Report
from nodes.best_of import best_of
from nodes.quality import Limits, failed, judge, reasons
from nodes.redo_hints import change

_PINNED = " It was made of a pinned result, which no redo makes anew: unpin it."


class Settings(Limits):
    on_fail: Literal["fail", "deliver_with_warning", "redo"] = Field(
        "deliver_with_warning",
        description="Fail the run, deliver with quality_warning so that a person can look, "
        "or have the picture made again with a changed prompt.",
    )
    max_redos: int = Field(2, ge=1, le=5, description="How often it is made again at most.")
    after_redos: Literal["deliver_best", "fail"] = Field(
        "deliver_best",
        description="When no try passed: deliver the best of all with quality_warning, or fail the run.",
    )
    redo_from: str = Field(
        "", max_length=64, description="Generator to go back to; empty goes to the nearest one."
    )
    redo_hints: bool = Field(
        True, description="Add words for what was wrong, such as sharp focus for a soft picture."
    )
    redo_prompt_add: str = Field(
        "", max_length=500, description="Words added to the prompt of each further try."
    )
    redo_negative_add: str = Field(
        "", max_length=500, description="Words added to what the picture shall not show."
    )


class Inputs(BaseModel):
    images: list[Image] = Field(description="The pictures to judge.")


class Outputs(BaseModel):
    images: list[Image] = Field(description="The pictures, each with its verdict.")
    report: Report = Field(description="The first verdict that failed, else the first.")
    passed: bool = Field(description="Whether every picture passed.")


class QualityControl(Node[Settings, Inputs, Outputs]):
    """Measure resolution, sharpness, exposure and emptiness of every picture.

    The verdict holds each measured value beside its threshold and travels with the picture into the
    callback. A picture that fails either fails the run, is delivered with `quality_warning`, or is made
    again with a changed prompt and a new seed; it is never passed on silently.

    With `redo` the generator and all that depends on it run again, at its price. Each further try gets
    the added words and hints for every check that failed so far. The first set in which all pictures pass
    goes on; when the tries are used up, the best of all does, with its own verdict.
    """

    kind = "qc"
    title = "Quality control"
    group = "Quality"
    icon = "fact_check"

    async def run(self, inputs: Inputs, context: Context) -> Outputs | Redo:
        if not inputs.images:
            raise PermanentError("node.input_missing", "There is no picture to judge.", field="images")
        judged = [await self._judge(image, context) for image in inputs.images]
        own = [report for _, report in judged]
        images = [image for image, _ in judged]
        found = _outputs(images)
        if all(report.passed for report in own):
            return found
        if self.settings.on_fail == "redo":
            return self._again(found, own, context.run)
        if self.settings.on_fail == "fail":
            raise _failure(own)
        return found

    async def _judge(self, image: Image, context: Context) -> tuple[Image, Report]:
        """The picture with every verdict on it so far, and this node's own."""
        own = judge(await context.assets.measure(image), self.settings)
        before = image.qc or Report(passed=True)
        known = Report(passed=own.passed and before.passed, checks=before.checks + own.checks)
        return image.model_copy(update={"qc": known}), own

    def _again(self, found: Outputs, own: Sequence[Report], run: RunInfo) -> Outputs | Redo:
        earlier = [Outputs.model_validate(each).images for each in run.earlier]
        best = _outputs(best_of([*earlier, found.images]))
        if best.passed:
            return best
        settings = self.settings
        if run.redos < settings.max_redos and not run.fixed:
            missed = [*failed(image.qc for images in earlier for image in images), *failed(own)]
            hints = [check.name for check in missed] if settings.redo_hints else []
            wanted = change(settings.redo_prompt_add, settings.redo_negative_add, hints)
            return Redo(wanted, f"The picture failed quality control: {reasons(own)}.", found)
        if settings.after_redos == "fail":
            why = _PINNED if run.fixed else f" The {run.redos + 1} tries are used up."
            raise _failure(own, why)
        return best


def _outputs(images: list[Image]) -> Outputs:
    reports = [image.qc for image in images if image.qc]
    worst = next((report for report in reports if not report.passed), reports[0])
    return Outputs(images=images, report=worst, passed=worst.passed)


def _failure(own: Sequence[Report], more: str = "") -> PermanentError:
    return PermanentError("node.qc_failed", f"The picture failed quality control: {reasons(own)}.{more}")
