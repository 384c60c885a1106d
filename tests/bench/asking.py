"""Eight nodes whose generator is an HTTP call on loopback: prompt, request, answer looked at, texts."""

from typing import Any

from tests.bench.server import Server

SLUG = "asking"
_FIELDS = ("product_name", "product_category", "target_style")
_LINKS = """input.target_style>style.key input.product_name>prompt.subject
input.product_category>prompt.category
style.style>prompt.style prompt.prompt>ask.body ask.text>check.value check.empty>caption.answer
input.product_name>caption.subject caption.text>title.caption title.text>alt.title"""


def publish(server: Server, port: int) -> None:
    """Publish the workflow; its requests go to this port."""
    first = {"fields": [{"name": name, "type": "string"} for name in _FIELDS]}
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("input", "webhook_input", first),
        ("style", "style_preset", {"default": "studio"}),
        ("prompt", "prompt_builder", {"template": "{{subject}}, {{category}}, one subject, soft light"}),
        ("ask", "http_request", {"method": "POST", "url": f"http://127.0.0.1:{port}/generate"}),
        ("check", "switch", {"cases": [{"name": "empty", "when": "equals", "value": "{}"}]}),
        ("caption", "prompt_builder", {"template": "{{subject}}: {{answer}}"}),
        ("title", "prompt_builder", {"template": "A picture of {{caption}}"}),
        ("alt", "prompt_builder", {"template": "{{title}} on a plain ground"}),
    ]
    nodes = [
        {"id": name, "type": kind, "settings": settings, "position": [at * 300, 0]}
        for at, (name, kind, settings) in enumerate(kinds)
    ]
    ends = [[end.split(".") for end in link.split(">")] for link in _LINKS.split()]
    links = [{"from": start, "to": goal} for start, goal in ends]
    graph = {"format": "sakuga.graph/1", "name": "Asking", "nodes": nodes, "links": links}
    made = server.http.post("/v1/workflows", json={"slug": SLUG, "graph": graph})
    made.raise_for_status()
    done = server.http.post(f"/v1/workflows/{SLUG}/publish", json={"note": "bench"})
    if done.is_error:
        raise ValueError(done.text)
