"""A callback receiver that costs next to nothing: counts, notes when each run's callback came, answers 204.

Prints its port; on a line on standard input it prints what it noted as JSON and starts afresh.
"""

import asyncio
import json
import re
import sys
import time

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_JOB = re.compile(rb'"job_id":"([^"]+)"')
_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
_arrivals: dict[str, float] = {}


class Receiver(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._buffer, 0, end)
            size = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < size:
                return
            if job := _JOB.search(self._buffer, end, size):
                _arrivals[job[1].decode()] = time.time()
            self._buffer = self._buffer[size:]
            self._transport.write(_ANSWER)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Receiver, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(_arrivals), flush=True)
        _arrivals.clear()


if __name__ == "__main__":
    asyncio.run(main())
