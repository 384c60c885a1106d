"""``./run chaos``: kill -9 on every process of a loaded installation, and count what is lost."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])

from tests.chaos.figures import Figures, quantile  # noqa: E402
from tests.chaos.killer import SHARES, order  # noqa: E402
from tests.chaos.rig import Rig  # noqa: E402

_SLOWEST_P95 = 15.0
_SHOWN = 20


def main(arguments: list[str]) -> int:
    """Run one campaign; 0 when every invariant held, else 1 with the first violations and the seed."""
    asked = _parser().parse_args(arguments)
    say(f"seed {asked.seed}: {asked.kills} kills, {asked.rate:g} triggers/s, {asked.failing:.0%} refused")
    with tempfile.TemporaryDirectory(prefix="sakuga-chaos-") as name:
        folder = asked.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        rig = Rig(folder, asked.seed, asked.rate, asked.failing, say)
        try:
            rig.campaign(_plan(asked), asked.breath)
            drained = rig.settle(asked.settle)
            wrong, figures = rig.verdict()
        finally:
            left = rig.close()
    return _report(asked.seed, [*wrong, *left], figures, drained, rig)


def _plan(asked: argparse.Namespace) -> list[tuple[float, str]]:
    plan = order(asked.kills, asked.seed)
    return [(gap, asked.only) for gap, _ in plan] if asked.only else plan


def _report(seed: int, wrong: list[str], figures: Figures, drained: float, rig: Rig) -> int:
    slow = quantile(figures.peaceful, 0.95)
    if slow > _SLOWEST_P95:
        wrong.append(f"work resumed {slow:.1f} s after a kill (p95), not {_SLOWEST_P95:g} s")
    say("\nfrom a kill until a run accepted after it had ended:")
    say(figures.table())
    retried = sum(each.tries > 1 for each in rig.load.accepted)
    say(
        f"triggers sent more than once {retried} · refusals on the way {dict(rig.load.refused)}"
        f" · starts of the supervisor {rig.plant.starts}"
        f" · longest expired lease {rig.watch.longest_expired:.1f} s · drained in {drained:.1f} s"
    )
    for words in wrong[:_SHOWN]:
        say(f"BROKEN: {words}")
    say(f"{len(wrong)} violations, seed {seed}")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--rate", type=float, default=5.0, help="triggers a second")
    parser.add_argument("--failing", type=float, default=0.15, help="share of callbacks that are refused")
    parser.add_argument("--breath", type=int, default=4, help="kills from one moment of peace to the next")
    parser.add_argument("--settle", type=float, default=60.0, help="seconds to come to rest afterwards")
    parser.add_argument("--only", choices=SHARES, help="one kind of victim")
    parser.add_argument("--keep", type=Path, help="an empty folder for database and log, kept afterwards")
    return parser


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
