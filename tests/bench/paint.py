"""Print how long each style takes to paint, in ms of CPU, at 1024 x 1024 unless told otherwise.

Run `PYTHONPATH=. python tests/bench/paint.py [edge] [pictures]`.
"""

import statistics
import sys
import time

from app.providers.procedural.engine import STYLES, SUBJECTS, encode_png, paint
from app.providers.procedural.instant import solid


def main(edge: int = 1024, pictures: int = 5) -> None:
    """Paint some subjects in every style and print medians in milliseconds of CPU time."""
    print(f"{'style':<16}{'median':>8}{'worst':>8}{'encode':>8}{'KB':>7}   at {edge} x {edge}, ms of CPU")
    for style in STYLES:
        times, encodes, sizes = [], [], []
        for seed, subject in zip(range(pictures), SUBJECTS, strict=False):
            started = time.process_time()
            image, painting = paint(subject, style, edge, edge, seed)
            painted = time.process_time()
            sizes.append(len(encode_png(image, painting)))
            encodes.append((time.process_time() - painted) * 1000)
            times.append((painted - started) * 1000)
        median, encode, size = (statistics.median(row) for row in (times, encodes, sizes))
        print(f"{style:<16}{median:>8.0f}{max(times):>8.0f}{encode:>8.0f}{size / 1000:>7.0f}")
    print(f"{'instant':<16}{_instant(edge):>8.3f}")


def _instant(edge: int, calls: int = 1000) -> float:
    started = time.process_time()
    for seed in range(calls):
        solid("", edge, edge, seed)
    return (time.process_time() - started) * 1000 / calls


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
