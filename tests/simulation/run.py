"""Run many simulated worlds: `./run simulate --seeds 10000`, or one again: `./run simulate --seed 17`."""

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulation.parts import Parts
from tests.simulation.world import World


def main(arguments: list[str]) -> int:
    """0 when every rule held in every world, else 1 after the first world in which one did not."""
    parser = argparse.ArgumentParser(prog="./run simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds, from --first on")
    parser.add_argument("--first", type=int, default=0, help="seed of the first world")
    parser.add_argument("--seed", type=int, help="only this world, with its last events")
    parser.add_argument("--wide", action="store_true", help="worlds that pay, redo, map, pause and fire")
    parser.add_argument("--keep-going", action="store_true", help="count broken worlds instead of stopping")
    asked = parser.parse_args(arguments)
    seeds = range(asked.first, asked.first + asked.seeds) if asked.seed is None else [asked.seed]
    parts, totals, began = Parts(), Counter[str](), time.monotonic()
    try:
        for seed in seeds:
            world = World(seed, parts, keep=10_000 if asked.seed is not None else 60, wide=asked.wide)
            good, wide = _lives(world), " --wide" if asked.wide else ""
            totals.update(worlds=1, events=world.story.events, broken=not good)
            totals.update({"simulated seconds": int(world.loop.elapsed)})
            totals.update(world.rules.counts)
            if asked.seed is not None or not good:
                print("\n".join(world.story.last))
                print(f"hash {world.story.digest}\nagain: ./run simulate{wide} --seed {seed}")
            if not good and not asked.keep_going:
                break
    finally:
        parts.close()
    took = time.monotonic() - began
    print(f"{dict(totals)}")
    print(f"{totals['worlds']} worlds in {took:.1f} s, {totals['worlds'] / took:.1f} a second")
    return 1 if totals["broken"] else 0


def _lives(world: World) -> bool:
    try:
        world.run()
    except Exception:  # noqa: BLE001 - whatever went wrong belongs to this seed
        traceback.print_exc()
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
