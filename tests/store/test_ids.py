"""Time-ordered ids."""

import threading
import time

from app.store.ids import floor_id, id_time, new_id


def test_ids_of_a_process_ascend():
    """However fast they are made, ids sort in the order of their making and carry their time."""
    before = time.time()
    ids = [new_id("run") for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert before - 0.001 <= id_time(ids[0]) <= id_time(ids[-1]) <= time.time()


def test_threads_never_share_an_id():
    """Eight threads at once make 16,000 different ids."""
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(new_id("a") for _ in range(2_000))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16_000


def test_a_floor_divides_earlier_from_later():
    """The floor of a time is at most any id made at that time or later."""
    made = new_id("run")
    at = id_time(made)
    assert floor_id("run", at) <= made < floor_id("run", at + 0.002)
