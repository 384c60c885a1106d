"""What a measurement says, one line each."""

import statistics
from typing import Any

HEAD = (
    f"{'eight nodes, real callback':<30}{'acc/s':>8}{'ack p50':>8}{'p99 ms':>8}{'runs/s':>8}{'e2e p50':>9}"
    f"{'p99 ms':>9}{'CPU ms':>8}   per run, by role"
)


def quantiles(seconds: list[float]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    if len(seconds) < 2:
        return 0.0, 0.0
    cuts = statistics.quantiles(seconds, n=100)
    return 1000 * cuts[49], 1000 * cuts[98]


def row(result: dict[str, Any]) -> str:
    cpu = result["cpu_ms_per_run"]
    parts = " ".join(f"{role} {value:.2f}" for role, value in sorted(cpu.items()) if value >= 0.005)
    ack, e2e = result["ack_ms"], result["e2e_ms"]
    trouble = f"  ! {result['missing']} missing, {result['errors']} refused" if result["missing"] else ""
    return (
        f"{result['title']:<30}{result['accepted_per_s']:>8.0f}{ack[0]:>8.1f}{ack[1]:>8.1f}"
        f"{result['completed_per_s']:>8.0f}{e2e[0]:>9.1f}{e2e[1]:>9.1f}{sum(cpu.values()):>8.2f}"
        f"   {parts}{trouble}"
    )
