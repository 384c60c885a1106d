"""A server of its own for the pictures, with services around it that refuse, fail, vanish or never answer."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.service import Service
from tests.support.site import ROOT, Mailbox, Site, free_port

# two quick tries, then one that is far away: what is tried again stays so for the picture
_DELAYS = "0.5,1,1500"
_REFUSED = {"error": {"message": "The prompt was refused by the content policy.", "code": "content_policy"}}
_BUSY = {"error": {"message": "The service is over capacity."}}


@dataclass(frozen=True)
class Services:
    """Generation services, by what becomes of a call."""

    refusing: Service
    failing: Service
    vanishing: Service
    silent: Service


class House(Site):
    """A server that may reach its own inbox, the mailbox and the services."""

    allowed = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"SAKUGA_RETRY_DELAYS": _DELAYS, "SAKUGA_EGRESS_ALLOW": self.allowed}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers; a refusal stops the script."""
        kind = "text/csv" if isinstance(body, str) else "application/json"
        raw = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        answer = self.http.request(method, path, content=raw, headers={"content-type": kind})
        if answer.status_code >= 400:
            message = f"{method} {path}: {answer.status_code} {answer.text[:500]}"
            raise SystemExit(message)
        return answer.json() if answer.content else None


@contextmanager
def house() -> Iterator[tuple[House, Services]]:
    """A fresh server, started, and the services it may reach."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sakuga-pictures-")))
        mailbox = stack.enter_context(Mailbox())
        services = Services(
            refusing=stack.enter_context(Service([(400, {}, _REFUSED)])),
            failing=stack.enter_context(Service([(503, {}, _BUSY)])),
            vanishing=stack.enter_context(Service(["drop"])),
            silent=stack.enter_context(Service(["late"])),
        )
        made = House(folder, mailbox, free_port())
        ports = [each.port for each in vars(services).values()]
        made.allowed = ",".join([mailbox.address, *(f"127.0.0.1:{port}" for port in ports)])
        made.start()
        stack.callback(made.stop)
        yield made, services


def example(slug: str) -> dict[str, Any]:
    """The graph of an example."""
    found: dict[str, Any] = json.loads((ROOT / "examples" / f"{slug}.json").read_text())
    return found


def with_settings(graph: dict[str, Any], name: str, /, **settings: Any) -> dict[str, Any]:
    """The graph with other settings and name; the node is named by its type."""
    nodes = [
        each | {"settings": each["settings"] | settings} if each["type"] == name else each
        for each in graph["nodes"]
    ]
    return graph | {"nodes": nodes}
