"""A ComfyUI server over its own HTTP interface: submit, ask the history, fetch, cancel (notes §1.2).

A job's id is ours: the server is asked whether it knows it before it is given the work, so a submission whose
answer was lost is found again instead of being made twice. Pictures lose the texts that ComfyUI writes into
them (``texts=False``): these hold the whole workflow.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from app.egress.client import Answer, Egress
from app.providers.asking import model_of
from app.providers.connected import Connected
from app.providers.connection import Connection
from app.providers.contract import Done, Load, Pending, Rendered
from app.providers.errors import JobEndedError
from app.providers.reference import Upload, form_of
from app.providers.refusals import cleaned
from app.providers.wire import Wire, read_object
from graphs.errors import NodeError, PermanentError, TransientError
from graphs.node import GenerationRequest, Json

_MISSED = 3
_MOST_PICTURES = 16
_NO_MEMORY = ("outofmemory", "out of memory")


class ComfyUi(Connected):
    """A server whose jobs are asked for; `load` reads a stored picture by hash and format, to upload it."""

    def __init__(self, connection: Connection, egress: Egress, load: Load | None = None) -> None:
        super().__init__(connection, Wire(egress, connection))
        self._load = load

    async def submit(self, request: GenerationRequest, idempotency_key: str) -> Done | Pending:
        """Queue the workflow under an id that follows from the key; Pending at once."""
        model = model_of(self._connection, request)
        graph = request.options.get("workflow")
        if not isinstance(graph, dict) or not graph:
            words = f"{self.name} runs workflows of ComfyUI: use a ComfyUI workflow node"
            raise PermanentError("node.provider_rejected_input", words, field="provider")
        job_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"sakuga:{idempotency_key}"))
        job: Json = {"id": job_id, "model": model.id, "cost": model.price, "seed": request.seed, "missed": 0}
        seconds = self._connection.settings.poll_seconds
        if await self._place(job_id) is not None or await self._history(job_id):
            return Pending(job, seconds, "in work")
        await self._upload(graph, request.options.get("pictures"))
        body = {"prompt": graph, "prompt_id": job_id, "client_id": job_id}
        answer = await self._wire.post(
            self._wire.url("prompt"), json.dumps(body).encode(), "application/json"
        )
        if answer.status == 400:
            raise PermanentError("node.provider_rejected_input", self._refusal(answer), field="workflow")
        said = await self._read(answer)
        # an older server gives the job an id of its own
        return Pending({**job, "id": str(said.get("prompt_id") or job_id)}, seconds, "submitted")

    async def poll(self, job: Json) -> Done | Pending:
        """How a job is doing; its pictures when it is done.

        Raises:
            JobEndedError: It ended without a result, or the server forgot it.
            NodeError: The question was not answered; the job goes on.
        """
        job_id, seconds = str(job["id"]), self._connection.settings.poll_seconds
        found = await self._history(job_id)
        if found is None:
            place = await self._place(job_id)
            if place is not None:
                return Pending({**job, "missed": 0}, seconds, place)
            # it may have ended between the two questions
            found = await self._history(job_id)
        if found is not None:
            return await self._result(job, found)
        missed = int(str(job.get("missed") or 0)) + 1
        if missed >= _MISSED:
            words = f"{self.name} does not know the job any more: it was removed, or the server began anew"
            raise JobEndedError(TransientError("node.provider_unavailable", words))
        return Pending({**job, "missed": missed}, seconds, "not seen yet")

    async def cancel(self, job: Json) -> bool:
        """Take a waiting job out of the queue, or interrupt it; False when it was done already."""
        job_id = str(job["id"])
        place = await self._place(job_id)
        if place is None:
            return False
        path, body = (
            ("interrupt", {"prompt_id": job_id}) if place == "in work" else ("queue", {"delete": [job_id]})
        )
        answer = await self._wire.post(self._wire.url(path), json.dumps(body).encode(), "application/json")
        return 200 <= answer.status < 300

    async def probe(self) -> str:
        """Ask for the server's version; what came of it, in words."""
        found = await self._wire.ask("GET", self._wire.url("system_stats"))
        system = found.get("system")
        version = system.get("comfyui_version") if isinstance(system, dict) else None
        return f"ComfyUI {cleaned(str(version), '')} answers." if version else "It answers."

    async def _history(self, job_id: str) -> Json | None:
        found = await self._wire.ask("GET", self._wire.url(f"history/{job_id}"))
        entry = found.get(job_id)
        return entry if isinstance(entry, dict) else None

    async def _place(self, job_id: str) -> str | None:
        """Where a job stands, in words; None when it is neither waiting nor in work."""
        found = await self._wire.ask("GET", self._wire.url("queue"))
        if job_id in _ids(found.get("queue_running")):
            return "in work"
        waiting = _ids(found.get("queue_pending"))
        return f"place {waiting.index(job_id) + 1} in the queue" if job_id in waiting else None

    async def _upload(self, graph: Mapping[str, Any], pictures: Any) -> None:
        for each in pictures if isinstance(pictures, list) else ():
            if self._load is None:
                raise PermanentError("node.input_missing", f"{self.name} cannot be given pictures here")
            sha256, form = str(each["sha256"]), str(each["format"])
            picture = Upload(f"sakuga-{sha256[:32]}.{form}", form, await self._load(sha256, form))
            body, kind = form_of({"type": "input", "overwrite": "true"}, "image", picture)
            answer = await self._wire.post(self._wire.url("upload/image"), body, kind)
            said = await self._read(answer)
            place = "/".join(str(said[name]) for name in ("subfolder", "name") if said.get(name))
            graph[each["node"]]["inputs"][each["input"]] = place

    async def _result(self, job: Json, found: Json) -> Done:
        status = found.get("status")
        if isinstance(status, dict) and status.get("status_str") == "error":
            raise JobEndedError(self._failure(status.get("messages")))
        urls = [self._wire.url(f"view?{urlencode(each)}") for each in _files(found.get("outputs"))]
        if not urls:
            words = f"{self.name} finished the workflow without a picture; it needs a node that saves one"
            raise JobEndedError(PermanentError("node.provider_bad_output", words))
        seed = int(str(job.get("seed") or 0))
        made = [Rendered(await self._wire.picture(url), seed, texts=False) for url in urls[:_MOST_PICTURES]]
        return Done(tuple(made), str(job["model"]), float(str(job["cost"])))

    def _failure(self, messages: Any) -> NodeError:
        """What a job that ended badly means; an interrupted one is told apart by its last message only."""
        last = messages[-1] if isinstance(messages, list) and messages else None
        event, body = last if isinstance(last, list) and len(last) == 2 else ("", {})
        if event == "execution_interrupted":
            return TransientError("node.provider_unavailable", f"{self.name}: the job was interrupted there")
        told = body if isinstance(body, dict) else {}
        where = f"{told.get('node_type', 'a node')} ({told.get('node_id', '?')})"
        said = f"{where}: {told.get('exception_message', 'failed')}"
        words = f"{self.name} ended the job at {cleaned(said, self._connection.credential)}"
        kind = f"{told.get('exception_type', '')} {said}".lower()
        if any(each in kind for each in _NO_MEMORY):
            return TransientError("node.provider_unavailable", words)
        return PermanentError("node.provider_rejected_input", words)

    def _refusal(self, answer: Answer) -> str:
        """Every node that the server would not take, in words."""
        try:
            found = json.loads(answer.body)
            parts = [str(found["error"]["message"])]
            for node, wrong in found.get("node_errors", {}).items():
                said = "; ".join(f"{each['message']}: {each['details']}" for each in wrong["errors"])
                parts.append(f"{wrong.get('class_type', 'node')} ({node}): {said}")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            parts = ["it refused the workflow"]
        return f"{self.name}: {cleaned('. '.join(reversed(parts)), self._connection.credential)}"

    async def _read(self, answer: Answer) -> Json:
        if not 200 <= answer.status < 300:
            raise self._wire.refusal(answer)
        try:
            return await read_object(answer)
        except ValueError as error:
            raise TransientError("node.provider_unavailable", f"{self.name} gave {error}") from None


def _ids(entries: Any) -> list[str]:
    """Ids in a queue; an entry is [number, id, …]."""
    found = entries if isinstance(entries, list) else []
    return [str(each[1]) for each in found if isinstance(each, list) and len(each) > 1]


def _files(outputs: Any) -> list[dict[str, str]]:
    """The saved pictures of a job in the order of its nodes; previews only when nothing was saved."""
    found = [
        {name: str(each.get(name, "")) for name in ("filename", "subfolder", "type")}
        for body in (outputs.values() if isinstance(outputs, dict) else ())
        for each in (body.get("images") or () if isinstance(body, dict) else ())
        if isinstance(each, dict) and each.get("filename")
    ]
    return [each for each in found if each["type"] == "output"] or found
