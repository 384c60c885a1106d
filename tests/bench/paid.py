"""Runs whose generator is a paid HTTP call, to an OpenAI-compatible service in a process of its own."""

import contextlib
import multiprocessing
import multiprocessing.connection
from collections.abc import Iterator
from typing import Any

from tests.bench.server import Server
from tests.support.service import Service, picture

NAME, SLUG = "painter", "paid"
_MODEL: dict[str, Any] = {"id": "m1", "title": "One", "price": 0.25}


@contextlib.contextmanager
def service() -> Iterator[int]:
    """Run a service that answers each request with the same picture at once; gives its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def publish(server: Server, port: int) -> None:
    """A workflow that builds a prompt, pays this service for a picture and delivers it as it came."""
    connection = {
        "name": NAME,
        "kind": "openai_images",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "credential": "sk-bench",
        "models": [_MODEL],
    }
    server.http.post("/v1/providers", json=connection).raise_for_status()
    field = {"name": "product_name", "type": "string"}
    settings = {"provider": NAME, "model": _MODEL["id"], "width": 1024, "height": 1024}
    nodes: list[dict[str, Any]] = [
        {"id": "input", "type": "webhook_input", "settings": {"fields": [field]}},
        {"id": "prompt", "type": "prompt_builder", "settings": {"template": "{{product_name}}"}},
        {"id": "generator", "type": "generator", "settings": settings},
    ]
    links = [
        {"from": ["input", "product_name"], "to": ["prompt", "product_name"]},
        {"from": ["prompt", "prompt"], "to": ["generator", "prompt"]},
    ]
    for at, node in enumerate(nodes):
        node["position"] = [at * 300, 0]
    graph = {"format": "sakuga.graph/1", "name": "Paid", "nodes": nodes, "links": links}
    server.http.post("/v1/workflows", json={"slug": SLUG, "graph": graph}).raise_for_status()
    server.http.post(f"/v1/workflows/{SLUG}/publish", json={"note": "bench"}).raise_for_status()


def _serve(pipe: multiprocessing.connection.Connection) -> None:
    with Service(picture=picture(size=(1024, 1024))) as running:
        pipe.send(running.port)
        pipe.recv()
