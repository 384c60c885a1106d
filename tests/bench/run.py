"""``./run bench``: triggers accepted, runs completed, latency and cost, beside the raw limits of that run.

Every figure depends on the machine; the ratios to the raw limits of the same run are what to compare.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import canvas
from tests.bench.scenes import SCENES, play


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument(
        "scene", nargs="*", help=f"what to measure: {', '.join(SCENES)}, canvas; default loads"
    )
    parser.add_argument("--runs", type=int, default=4_000, help="runs per measurement")
    parser.add_argument("--growth", type=int, default=0, help="watch memory over this many runs")
    parser.add_argument("--depth", type=int, default=100_000, help="runs that are queued, or asleep")
    parser.add_argument("--slow", type=int, default=6_000, help="runs that wait for a slow service at once")
    options = parser.parse_args()
    if options.scene == ["canvas"]:
        canvas.play()
        return
    unknown = [name for name in options.scene if name not in SCENES]
    if unknown:
        parser.error(f"there is no scene '{unknown[0]}'; there are {', '.join(SCENES)}")
    play(options.scene or ["loads"], options)


if __name__ == "__main__":
    main()
