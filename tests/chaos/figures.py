"""What a campaign measured: kills by victim, recovery times, duplicates."""

import statistics
from collections import Counter
from dataclasses import dataclass

from tests.chaos.evidence import Evidence
from tests.chaos.killer import Kill

_NEVER = float("inf")


@dataclass(frozen=True)
class Figures:
    """Seconds throughout.

    Recovery is the time from a kill until a run that was accepted after it had ended: door, broker and
    worker are all back. `alone` holds it, by victim, for the kills that were followed by peace; `crowded` for
    all others, whatever came down on the product meanwhile. `stranded` is the time until the last run that
    was open at a kill had ended.
    """

    kills: dict[str, int]
    alone: dict[str, list[float]]
    crowded: dict[str, list[float]]
    stranded: list[float]
    accepted: int
    lost: int
    duplicates: int
    ages: list[float]

    def table(self) -> str:
        """One line per victim, then the sums."""
        rows = [_row("then left alone", "kills", "", ("p50", "p95", "max s"))]
        rows += [
            _row(name, "", len(self.alone[name]), _spread(self.alone[name])) for name in sorted(self.kills)
        ]
        rows += [_row("all of these", "", len(self.peaceful), _spread(self.peaceful))]
        rows += [_row("with kills meanwhile", "kills", "", ("p50", "p95", "max s"))]
        rows += [
            _row(name, count, len(self.crowded[name]), _spread(self.crowded[name]))
            for name, count in sorted(self.kills.items())
        ]
        rows += [
            _row("all of these", sum(self.kills.values()), len(self.beset), _spread(self.beset)),
            _row("runs open at a kill", "", len(self.stranded), _spread(self.stranded)),
            _row("run, accepted to ended", "", len(self.ages), _spread(self.ages)),
        ]
        sums = (
            f"accepted {self.accepted} · lost {self.lost} · POSTs repeated with the same id {self.duplicates}"
        )
        return "\n".join([*rows, sums])

    @property
    def beset(self) -> list[float]:
        """Recovery times of all other kills."""
        return [seconds for times in self.crowded.values() for seconds in times]

    @property
    def peaceful(self) -> list[float]:
        """Recovery times of all kills that were followed by peace."""
        return [seconds for times in self.alone.values() for seconds in times]


def measure(evidence: Evidence, kills: list[Kill]) -> Figures:
    """Figures of a campaign; a kill after which no new trigger was accepted has no recovery time."""
    alone: dict[str, list[float]] = {kill.victim: [] for kill in kills}
    crowded: dict[str, list[float]] = {kill.victim: [] for kill in kills}
    stranded = []
    spans = [(row["created_at"], row["finished_at"] or _NEVER) for row in evidence.runs.values()]
    for kill in kills:
        later = [end for begin, end in spans if begin > kill.at]
        if later:
            (alone if kill.last else crowded)[kill.victim].append(min(later) - kill.at)
        caught = [end for begin, end in spans if begin <= kill.at < end]
        stranded += [max(caught) - kill.at] if caught else []
    posts = [(run_id, receipts) for run_id, receipts in evidence.receipts.items() if receipts]
    return Figures(
        dict(Counter(kill.victim for kill in kills)),
        alone,
        crowded,
        stranded,
        len(evidence.accepted),
        sum(_is_lost(evidence, each.job_id) for each in evidence.accepted),
        sum(len(receipts) - _recorded(evidence, run_id) for run_id, receipts in posts),
        [end - begin for begin, end in spans],
    )


def _is_lost(evidence: Evidence, job_id: str) -> bool:
    row = evidence.runs.get(job_id)
    return row is None or row["finished_at"] is None


def _recorded(evidence: Evidence, run_id: str) -> int:
    """Attempts in the books: what the receiver got beyond them was cut off by a kill and sent again."""
    return sum(row["attempts"] for row in evidence.deliveries[run_id])


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else 0.0


def _spread(values: list[float]) -> tuple[str, str, str]:
    if not values:
        return "-", "-", "-"
    return f"{statistics.median(values):.1f}", f"{quantile(values, 0.95):.1f}", f"{max(values):.1f}"


def _row(name: str, kills: object, count: object, numbers: tuple[str, str, str]) -> str:
    return f"{name:<24}{kills:>6}{count:>7}" + "".join(f"{number:>8}" for number in numbers)
