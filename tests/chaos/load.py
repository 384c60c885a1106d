"""Callers that never give up: every trigger is sent with the same key until it is answered."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

_PAYLOAD = {"product_category": "kitchen", "target_style": "studio", "target_platform": "instagram_feed"}
# few different pictures: the load shall strain the engine, not the encoder
_PRODUCTS = ("Mug", "Jug", "Cup")
_PATIENCE = 90.0
_REPLAYED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Accepted:
    """A trigger that got its 202; `tries` counts what it took."""

    key: str
    slug: str
    job_id: str
    answer: bytes
    asked_at: float
    answered_at: float
    tries: int


class Load:
    """Triggers workflows at a rate, over HTTP, until stopped.

    Args:
        http: A client of the product.
        callback: Where the runs report to.
        rate: Triggers a second.
        slugs: Workflows with their shares.
        seed: Of the choices.
    """

    def __init__(
        self, http: httpx.Client, callback: str, rate: float, slugs: dict[str, float], seed: int
    ) -> None:
        self.accepted: list[Accepted] = []
        self.refused: Counter[str] = Counter()
        self.broken_replays: list[str] = []
        self._http = http
        self._callback = callback
        self._rate = rate
        self._slugs = slugs
        self._random = random.Random(seed)
        self._name = f"c{seed}"
        self._stop = threading.Event()
        self._callers = ThreadPoolExecutor(32, thread_name_prefix="caller")
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Start no more triggers and wait until each one begun is answered."""
        self._stop.set()
        self._thread.join()
        self._callers.shutdown(wait=True)

    def again(self, before: Accepted) -> None:
        """Send a trigger once more: the answer must be the first one, byte for byte."""
        answer, _ = self._ask(before.slug, before.key)
        if answer is not None and answer.content != before.answer:
            self.broken_replays.append(f"key {before.key} first got {before.job_id}, then {answer.text[:80]}")

    def _loop(self) -> None:
        number = 0
        while not self._stop.wait(self._random.expovariate(self._rate)):
            number += 1
            slug = self._random.choices(list(self._slugs), list(self._slugs.values()))[0]
            twice = self._random.random() < _REPLAYED_SHARE
            self._callers.submit(self._trigger, slug, f"{self._name}-{number}", twice)

    def _trigger(self, slug: str, key: str, twice: bool) -> None:
        asked = time.time()
        answer, tries = self._ask(slug, key)
        if answer is None:
            self.refused["never answered"] += 1
            return
        job_id = answer.json()["job_id"]
        done = Accepted(key, slug, job_id, answer.content, asked, time.time(), tries)
        self.accepted.append(done)
        if twice:
            self.again(done)

    def _ask(self, slug: str, key: str) -> tuple[httpx.Response | None, int]:
        body = _PAYLOAD | {
            "product_id": key,
            "product_name": _PRODUCTS[int(key.rpartition("-")[2]) % len(_PRODUCTS)],
            "external_id": key,
            "callback_url": f"http://{self._callback}/{slug}",
        }
        headers = {"idempotency-key": key}
        deadline, tries = time.monotonic() + _PATIENCE, 0
        while time.monotonic() < deadline:
            tries += 1
            try:
                answer = self._http.post(f"/v1/hooks/{slug}", json=body, headers=headers)
            except httpx.HTTPError as error:
                self.refused[type(error).__name__] += 1
            else:
                if answer.status_code == 202:
                    return answer, tries
                self.refused[f"{answer.status_code}"] += 1
            time.sleep(min(0.2 * tries, 1.0))
        return None, tries
