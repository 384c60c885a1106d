"""How the garbage collector looks after a process that serves."""

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50


def settle_memory() -> None:
    """Set aside what start-up made, and look for cycles rarely; call once, when everything is built.

    By default every 700 new objects are searched for cycles, and every so often all the hundreds of thousands
    that imports made as well: measured, a quarter of a worker's time under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
