"""What quality control measures, and how it says what was missed (S43)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from graphs import node
from graphs.sockets import Check, Report

Severity = Literal["fail", "warn"]


class Limits(node.Settings):
    """The thresholds of quality control."""

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


def judge(measured: Mapping[str, Any], limits: Limits) -> Report:
    """The verdict on one picture by its measures."""
    checks = tuple(_checks(measured, limits))
    return Report(passed=all(tolerable(check) for check in checks), checks=checks)


def tolerable(check: Check) -> bool:
    return check.passed or check.severity == "warn"


def failed(reports: Iterable[Report | None]) -> list[Check]:
    """The checks that count against these pictures."""
    return [check for report in reports if report for check in report.checks if not tolerable(check)]


def reasons(reports: Sequence[Report]) -> str:
    """What the first picture that failed has missed, in words."""
    worst = next(report for report in reports if not report.passed)
    words = {"min": "below", "max": "above"}
    return "; ".join(
        f"{check.name} {check.value:g} is {words[check.op]} {check.threshold:g}" for check in failed([worst])
    )


def _checks(measured: Mapping[str, Any], limits: Limits) -> Iterator[Check]:
    sides = ((measured["width"], limits.min_width), (measured["height"], limits.min_height))
    # One check for both sides: the side with the least to spare decides.
    yield _check("resolution", *min(sides, key=lambda side: side[0] / side[1]))
    severity = limits.sharpness_severity
    yield _check("sharpness", measured["sharpness"], limits.min_sharpness, severity=severity)
    yield _check("shadows_clipped", measured["clip_low"], limits.max_clipped, "max")
    yield _check("highlights_clipped", measured["clip_high"], limits.max_clipped, "max")
    yield _check("contrast", measured["contrast"], limits.min_contrast)
    yield _check("entropy", measured["entropy"], limits.min_entropy)


def _check(
    name: str, value: float, threshold: float, op: Literal["min", "max"] = "min", **more: Severity
) -> Check:
    passed = value >= threshold if op == "min" else value <= threshold
    # Adding 0 turns the -0.0 of rounded shares into 0.
    return Check(name=name, passed=passed, value=value + 0, threshold=threshold, op=op, **more)
