"""Run many simulated worlds: `./run simulate --seeds 10000`, or one again: `./run simulate --seed 17`.

With ``--machine`` moves in any order, drawn by hypothesis: `./run simulate --machine --examples 2000`.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulation.parts import Parts
from tests.simulation.play import play
from tests.simulation.world import World


def main(arguments: list[str]) -> int:
    """0 when every rule held in every world, else 1 after the first world in which one did not."""
    parser = argparse.ArgumentParser(prog="./run simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds, from --first on")
    parser.add_argument("--first", type=int, default=0, help="seed of the first world")
    parser.add_argument("--seed", type=int, help="only this world, with its last events")
    parser.add_argument("--wide", action="store_true", help="worlds that pay, redo, map, pause and fire")
    parser.add_argument("--keep-going", action="store_true", help="count broken worlds instead of stopping")
    parser.add_argument("--machine", action="store_true", help="moves in any order, one after the other")
    parser.add_argument("--examples", type=int, default=300, help="how many stories of the machine")
    parser.add_argument("--moves", type=int, default=50, help="most moves of a story")
    parser.add_argument("--blob", default="", help="version:blob of one story, as it was printed")
    parser.add_argument("--shorten", action="store_true", help="shorten a story that breaks a rule")
    asked = parser.parse_args(arguments)
    if asked.machine:
        return _machine(asked)
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


def _machine(asked: argparse.Namespace) -> int:
    """Stories of one seed after the other; the same seed tells the same ones."""
    number = asked.first if asked.seed is None else asked.seed
    parts, began = Parts(), time.monotonic()
    try:
        play(parts, asked.examples, asked.moves, number, asked.blob, shorten=asked.shorten)
    except Exception:  # noqa: BLE001 - whatever went wrong belongs to this seed
        traceback.print_exc()
        options = f"--seed {number} --examples {asked.examples} --moves {asked.moves}"
        print(f"again: ./run simulate --machine {options}, or --blob VERSION:BLOB as above")
        return 1
    finally:
        parts.close()
    print(f"{asked.examples} stories of seed {number} in {time.monotonic() - began:.1f} s, no rule broken")
    return 0


def _lives(world: World) -> bool:
    try:
        world.run()
    except Exception:  # noqa: BLE001 - whatever went wrong belongs to this seed
        traceback.print_exc()
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
