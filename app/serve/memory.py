"""How the interpreter looks after a process that serves: its garbage, and whose turn it is."""

import gc
import sys

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50
# seconds; ten times shorter than Python's own
_TURN = 0.0005


def settle_memory() -> None:
    """Set aside what start-up made, and look for cycles rarely; call once, when everything is built.

    By default every 700 new objects are searched for cycles, and every so often all the hundreds of thousands
    that imports made as well: measured, a quarter of a worker's time under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def take_short_turns() -> None:
    """Let a thread that has waited for the database go on soon, though another one computes.

    SQLite's driver lets go of the interpreter in every statement. By default the thread that writes waits up
    to 5 ms to have it back, a dozen times in a transaction, and whoever answers a trigger waits with it.
    """
    sys.setswitchinterval(_TURN)
