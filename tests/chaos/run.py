"""``./run chaos``: kill -9 on every process of a loaded installation, and count what is lost.

With ``--points`` every crash point instead, ten times each.
"""

import argparse
import contextlib
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])

from tests.chaos.figures import Figures, quantile  # noqa: E402
from tests.chaos.killer import SHARES, order  # noqa: E402
from tests.chaos.points import Campaign  # noqa: E402
from tests.chaos.rig import Rig  # noqa: E402
from tests.chaos.zygote import Zygote  # noqa: E402
from tests.support import postgres  # noqa: E402

_SLOWEST_P95 = 15.0
_SLOWEST = 30.0
_SHOWN = 20


def main(arguments: list[str]) -> int:
    """Run one campaign; 0 when every invariant held, else 1 with the first violations and the seed."""
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sakuga-chaos-") as name, _server(asked.database) as server:
        folder = asked.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        return _points(asked, folder, server) if asked.points else _kills(asked, folder, server)


@contextlib.contextmanager
def _server(database: str) -> Iterator[postgres.Server | None]:
    if database == "sqlite":
        yield None
        return
    with postgres.restartable() as server:
        yield server


def _kills(asked: argparse.Namespace, folder: Path, server: postgres.Server | None) -> int:
    say(f"seed {asked.seed}: {asked.kills} kills, {asked.rate:g} triggers/s, {asked.failing:.0%} refused")
    rig = Rig(folder, asked.seed, asked.rate, asked.failing, say, server)
    try:
        rig.campaign(_plan(asked), asked.breath, asked.minutes * 60)
        if asked.outage:
            rig.outage(asked.outage)
        drained = rig.settle(asked.settle)
        wrong, figures = rig.verdict()
    finally:
        left = rig.close()
    return _report(asked.seed, [*wrong, *left], figures, drained, rig)


def _plan(asked: argparse.Namespace) -> list[tuple[float, str]]:
    plan = order(asked.kills, asked.seed, postgres=asked.database == "postgres")
    return [(gap, asked.only) for gap, _ in plan] if asked.only else plan


def _points(asked: argparse.Namespace, folder: Path, server: postgres.Server | None) -> int:
    say(f"every crash point {asked.passes} times, on {asked.database}")
    zygote = Zygote()
    campaign = Campaign(folder, zygote, postgres.databases(server) if server else None)
    campaign.run(asked.passes)
    zygote.close()
    for point, verdicts in campaign.verdicts.items():
        good = [each.seconds for each in verdicts if not each.wrong]
        say(f"{point:<24}{len(good):>3} of {len(verdicts)} good, longest {max(good, default=0):6.1f} s")
    wrong = [
        f"{p}: {each.wrong}" for p, verdicts in campaign.verdicts.items() for each in verdicts if each.wrong
    ]
    return _close([*wrong, *campaign.wrong], f"{len(campaign.verdicts)} points")


def _report(seed: int, wrong: list[str], figures: Figures, drained: float, rig: Rig) -> int:
    p95, longest = quantile(figures.peaceful, 0.95), max(figures.peaceful, default=0)
    if p95 > _SLOWEST_P95 or longest > _SLOWEST:
        wrong.append(
            f"work resumed {p95:.1f} s after a kill (p95; {_SLOWEST_P95:g} s are allowed),"
            f" {longest:.1f} s at most ({_SLOWEST:g} s)"
        )
    say("\nfrom a kill until a run accepted after it had ended:")
    say(figures.table())
    retried = sum(each.tries > 1 for each in rig.load.accepted)
    say(
        f"triggers sent more than once {retried} · refusals on the way {dict(rig.load.refused)}"
        f" · starts of the supervisor {rig.plant.starts}"
        f" · longest expired lease {rig.watch.longest_expired:.1f} s · drained in {drained:.1f} s"
    )
    for gone, back in rig.away:
        asked = [each for each in rig.load.accepted if gone < each.asked_at < back]
        taken = [each.answered_at - each.asked_at for each in asked]
        half, most = (quantile(taken, share) * 1000 for share in (0.5, 0.99))
        say(
            f"broker away for {back - gone:.0f} s: {len(taken)} triggers accepted meanwhile,"
            f" answered in {half:.0f} ms (p50), {most:.0f} ms (p99)"
        )
    return _close(wrong, f"seed {seed}")


def _close(wrong: list[str], what: str) -> int:
    for words in wrong[:_SHOWN]:
        say(f"BROKEN: {words}")
    say(f"{len(wrong)} violations, {what}")
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--rate", type=float, default=5.0, help="triggers a second")
    parser.add_argument("--failing", type=float, default=0.15, help="share of callbacks that are refused")
    parser.add_argument("--breath", type=int, default=4, help="kills from one moment of peace to the next")
    parser.add_argument(
        "--outage", type=float, default=60.0, help="seconds without a broker, after the kills"
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="end the kills after so long")
    parser.add_argument("--settle", type=float, default=60.0, help="seconds to come to rest afterwards")
    parser.add_argument("--only", choices=SHARES, help="one kind of victim")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--points", action="store_true", help="every crash point instead of random kills")
    parser.add_argument("--passes", type=int, default=10, help="how often each point is passed")
    parser.add_argument("--keep", type=Path, help="an empty folder for database and log, kept afterwards")
    return parser


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
