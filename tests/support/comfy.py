"""A ComfyUI server as far as its HTTP interface goes: queue, history, files, interruption (notes §1.2)."""

import io
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image
from PIL.PngImagePlugin import PngInfo

KNOWN = {
    "CheckpointLoaderSimple", "CLIPTextEncode", "EmptyLatentImage", "KSampler", "LoadImage", "SaveImage",
    "VAEDecode",
}  # fmt: skip
WORKFLOW: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {
        "seed": 5, "steps": 20, "cfg": 8.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
        "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 96, "height": 64, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "watermark", "clip": ["4", 1]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "out", "images": ["8", 0]}},
    "10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
}  # fmt: skip


class Comfy:
    """One server; nothing is worked on until ``work`` is called, so that tests see every state."""

    def __init__(self) -> None:
        self.pending: list[tuple[str, dict[str, Any]]] = []
        self.running: tuple[str, dict[str, Any]] | None = None
        self.history: dict[str, Any] = {}
        self.uploads: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.drop_answers = False
        self.fails: tuple[str, str] | None = None

    def take(self) -> None:
        """Begin with the next job."""
        self.running = self.pending.pop(0)

    def work(self) -> None:
        """Finish the next job."""
        if self.running is None:
            self.take()
        assert self.running is not None
        (job, graph), self.running = self.running, None
        if self.fails:
            told = {"node_id": "3", "node_type": "KSampler", "exception_message": self.fails[1],
                    "exception_type": self.fails[0]}  # fmt: skip
            self.history[job] = _entry({}, "error", [["execution_start", {}], ["execution_error", told]])
            return
        saved = {"9": {"images": [{"filename": f"{job}.png", "subfolder": "", "type": "output"}]}}
        preview = {"8": {"images": [{"filename": "p.png", "subfolder": "", "type": "temp"}]}}
        self.history[job] = _entry(preview | saved, "success", [["execution_success", {}]]) | {
            "prompt": graph
        }

    def interrupt(self, job: str | None) -> None:
        if self.running is not None and job in {None, self.running[0]}:
            entry = _entry(
                {}, "error", [["execution_start", {}], ["execution_interrupted", {"node_id": "3"}]]
            )
            self.history[self.running[0]], self.running = entry, None

    def picture(self, name: str) -> bytes:
        graph = self.history[name.removesuffix(".png")]["prompt"]
        size = graph["5"]["inputs"]
        info = PngInfo()
        info.add_text("prompt", json.dumps(graph))
        target = io.BytesIO()
        Image.new("RGB", (size["width"], size["height"]), "navy").save(target, "PNG", pnginfo=info)
        return target.getvalue()

    def submit(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        graph = body["prompt"]
        wrong = {
            name: _unknown(each["class_type"])
            for name, each in graph.items()
            if each["class_type"] not in KNOWN
        }
        if wrong:
            error = {
                "type": "prompt_outputs_failed_validation",
                "message": "Prompt outputs failed validation",
            }
            return 400, {"error": error | {"details": "", "extra_info": {}}, "node_errors": wrong}
        job = body.get("prompt_id") or str(uuid.uuid4())
        self.pending.append((job, graph))
        return 200, {"prompt_id": job, "number": len(self.history), "node_errors": {}}


def _entry(outputs: dict[str, Any], status: str, messages: list[Any]) -> dict[str, Any]:
    told = {"status_str": status, "completed": status == "success", "messages": messages}
    return {"outputs": outputs, "status": told}


def _unknown(kind: str) -> dict[str, Any]:
    error = {"type": "invalid_prompt", "message": "Node not found", "details": kind}
    return {"errors": [error], "class_type": kind, "dependent_outputs": ["9"]}


class Handler(BaseHTTPRequestHandler):
    """Answers as ComfyUI does."""

    @property
    def comfy(self) -> Comfy:
        return self.server.comfy  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        comfy, parts = self.comfy, urlsplit(self.path)
        comfy.asked.append(f"GET {parts.path}")
        if parts.path == "/queue":
            rows = {"queue_running": [comfy.running] if comfy.running else [], "queue_pending": comfy.pending}
            self._answer({key: [[0, *job, {}, []] for job in each] for key, each in rows.items()})
        elif parts.path.startswith("/history/"):
            job = parts.path.rpartition("/")[2]
            self._answer({job: comfy.history[job]} if job in comfy.history else {})
        elif parts.path == "/view":
            self._answer(comfy.picture(parse_qs(parts.query)["filename"][0]))
        else:
            self._answer({"system": {"comfyui_version": "0.3.64"}, "devices": []})

    def do_POST(self) -> None:
        self.comfy.asked.append(f"POST {self.path}")
        data = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/upload/image":
            self._answer({"name": self._uploaded(data), "subfolder": "", "type": "input"})
        elif self.path == "/prompt":
            self._submit(json.loads(data))
        elif self.path == "/queue":
            gone = json.loads(data)["delete"]
            self.comfy.pending = [each for each in self.comfy.pending if each[0] not in gone]
            self._answer(b"")
        else:
            self.comfy.interrupt(json.loads(data).get("prompt_id"))
            self._answer(b"")

    def _uploaded(self, data: bytes) -> str:
        edge = b"--" + self.headers["content-type"].partition("boundary=")[2].encode()
        part = next(each for each in data.split(edge) if b'name="image"' in each)
        head, _, body = part.partition(b"\r\n\r\n")
        name = head.partition(b'filename="')[2].partition(b'"')[0].decode()
        self.comfy.uploads[name] = body[:-2]
        return name

    def _submit(self, body: dict[str, Any]) -> None:
        status, answer = self.comfy.submit(body)
        if self.comfy.drop_answers:
            self.close_connection = True
            self.connection.close()
        else:
            self._answer(answer, status)

    def _answer(self, body: Any, status: int = 200) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "image/png" if isinstance(body, bytes) else "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def comfy_server() -> Iterator[tuple[Comfy, str]]:
    """A server and its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    comfy = server.comfy = Comfy()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield comfy, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
