"""A trigger load on loopback: open loop at a rate, or closed loop over a number of connections.

Arguments: host port key slug callback_url count rate (0 = closed loop) connections. Prints JSON:
``{"sent": {job_id: time}, "latency": [seconds, …], "errors": n, "seconds": n}``.
"""

import asyncio
import json
import sys
import time

_PAYLOAD = {
    "product_id": "SKU-1001",
    "product_name": "Amber glass perfume bottle",
    "product_category": "fragrance",
    "target_style": "studio",
    "target_platform": "web",
}


class Load:
    def __init__(self, arguments: list[str]) -> None:
        self.host, self.port, key, slug, callback = (
            arguments[0],
            int(arguments[1]),
            arguments[2],
            arguments[3],
            arguments[4],
        )
        self.count, self.rate, self.connections = int(arguments[5]), float(arguments[6]), int(arguments[7])
        body = json.dumps(_PAYLOAD | {"callback_url": callback}).encode()
        self.request = (
            f"POST /v1/hooks/{slug} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        self.sent: dict[str, float] = {}
        self.latency: list[float] = []
        self.errors = 0
        self.next = 0

    async def run(self) -> None:
        self.began = time.perf_counter()
        await asyncio.gather(*(self._connection() for _ in range(self.connections)))
        seconds = time.perf_counter() - self.began
        print(
            json.dumps(
                {"sent": self.sent, "latency": self.latency, "errors": self.errors, "seconds": seconds}
            )
        )

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        while (number := self.next) < self.count:
            self.next += 1
            due = self.began + number / self.rate if self.rate else time.perf_counter()
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            at = time.time()
            writer.write(self.request)
            body = await self._answer(reader)
            # measured from when it was due: a server that stalls is not excused by a client that waits
            self.latency.append(time.perf_counter() - due)
            if body is None:
                self.errors += 1
            else:
                self.sent[json.loads(body)["job_id"]] = at
        writer.close()

    @staticmethod
    async def _answer(reader: asyncio.StreamReader) -> bytes | None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        return body if b" 202 " in head[:20] else None


if __name__ == "__main__":
    asyncio.run(Load(sys.argv[1:]).run())
