"""Quality control (S43, S46, S48): measure every picture and say what was found."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node
from graphs.sockets import Check, Image, Report

Severity = Literal["fail", "warn"]


class Settings(node.Settings):
    min_width: int = Field(512, ge=1, le=10_000, description="Smallest acceptable width in pixels.")
    min_height: int = Field(512, ge=1, le=10_000, description="Smallest acceptable height in pixels.")
    min_sharpness: float = Field(
        3, ge=0, le=10_000, description="Smallest variance of the Laplacian: flat washes reach 8, photos 80."
    )
    sharpness_severity: Severity = Field(
        "fail", description="Whether a soft picture fails, or is only noted: sharpness depends on the style."
    )
    max_clipped: float = Field(
        0.5, ge=0, le=1, description="Largest share of pure black, and of pure white, pixels."
    )
    min_contrast: float = Field(
        4, ge=0, le=127, description="Smallest spread of grey levels; below it the picture is blank."
    )
    min_entropy: float = Field(
        1, ge=0, le=8, description="Least information in bits per pixel; below it the picture is blank."
    )
    on_fail: Literal["fail", "deliver_with_warning"] = Field(
        "deliver_with_warning",
        description="Fail the run, or deliver with quality_warning so that a person can look.",
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
    callback. A picture that fails either fails the run or is delivered with `quality_warning`; it is
    never passed on silently.
    """

    kind = "qc"
    title = "Quality control"
    group = "Quality"
    icon = "fact_check"

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        if not inputs.images:
            raise PermanentError("node.input_missing", "There is no picture to judge.", field="images")
        images = []
        for image in inputs.images:
            checks = tuple(self._checks(await context.assets.measure(image)))
            passed = all(check.passed or check.severity == "warn" for check in checks)
            images.append(image.model_copy(update={"qc": Report(passed=passed, checks=checks)}))
        reports = [image.qc for image in images if image.qc]
        worst = next((report for report in reports if not report.passed), reports[0])
        if not worst.passed and self.settings.on_fail == "fail":
            raise PermanentError("node.qc_failed", f"The picture failed quality control: {_reasons(worst)}.")
        return Outputs(images=images, report=worst, passed=worst.passed)

    def _checks(self, measured: Mapping[str, Any]) -> Iterator[Check]:
        limits = self.settings
        sides = ((measured["width"], limits.min_width), (measured["height"], limits.min_height))
        # One check for both sides: the side with the least to spare decides.
        yield _check("resolution", *min(sides, key=lambda side: side[0] / side[1]))
        sharpness = _check("sharpness", measured["sharpness"], limits.min_sharpness)
        yield sharpness.model_copy(update={"severity": limits.sharpness_severity})
        yield _check("shadows_clipped", measured["clip_low"], limits.max_clipped, "max")
        yield _check("highlights_clipped", measured["clip_high"], limits.max_clipped, "max")
        yield _check("contrast", measured["contrast"], limits.min_contrast)
        yield _check("entropy", measured["entropy"], limits.min_entropy)


def _check(name: str, value: float, threshold: float, op: Literal["min", "max"] = "min") -> Check:
    passed = value >= threshold if op == "min" else value <= threshold
    # Adding 0 turns the -0.0 of rounded shares into 0.
    return Check(name=name, passed=passed, value=value + 0, threshold=threshold, op=op)


def _reasons(report: Report) -> str:
    failed = (check for check in report.checks if not check.passed and check.severity == "fail")
    words = {"min": "below", "max": "above"}
    return "; ".join(
        f"{check.name} {check.value:g} is {words[check.op]} {check.threshold:g}" for check in failed
    )
