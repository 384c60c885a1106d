"""The test inbox: a receiver of our own, to look at callbacks without writing one."""

import json
import re
from collections.abc import Mapping
from typing import Any

from nicegui import ui

from app.store import inbox as rows
from app.store.inbox import InboxRow
from app.ui.lang.say import n, said, t
from app.ui.live import Changed
from app.ui.parts.base import anchor, attrs, box, button, link_button, text
from app.ui.parts.show import Code, CopyId, Table, When, card, empty, status
from app.ui.rows import pretty_json
from app.ui.shell import frame, head
from app.ui.views.callbacks import sections
from app.ui.views.nothing import not_found
from app.ui.visitor import Visitor
from app.ui.words import Look

_PAGE = 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_PICTURE_PATH = re.compile(r"/a/[0-9a-f]{64}\.(?:png|jpeg|webp)\?exp=\d+&sig=[0-9a-f]+")
_COLUMNS = (
    {"name": "inbox", "label": said("Inbox"), "kind": "main"},
    {"name": "messages", "label": said("Messages"), "end": True},
    {"name": "last", "label": said("Last message"), "kind": "when"},
)
VERIFIED = {
    True: Look("o_verified", "Signature verified", "good"),
    False: Look("o_gpp_bad", "Signature wrong", "bad"),
    None: Look("o_gpp_maybe", "Not signed"),
}


async def index(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Every inbox that ever received something."""
    await visitor.require("inbox.read")
    known = await visitor.read(rows.names, visitor.identity.org_id)
    with frame(visitor, "callbacks", t("Test inbox")):
        with head(t("Callbacks"), t("A receiver of our own: use its address as callback_url.")):
            pass
        sections("inbox")
        _address(visitor, "default")
        if known:
            with card(flush=True):
                Table(_COLUMNS, [_row(*each) for each in known])
        else:
            with (
                card(),
                empty("o_inbox", t("No messages yet"), t("Messages appear here the moment they arrive.")),
            ):
                link_button(t("Open the workflows"), "/workflows")


async def show(visitor: Visitor, name: str, _: Mapping[str, str]) -> None:
    """The messages of one inbox, newest first, live."""
    await visitor.require("inbox.read")
    if not _NAME.fullmatch(name):
        detail = t("Names have letters, digits, dots and dashes.")
        not_found(visitor, "callbacks", t("No such inbox"), detail, (t("All inboxes"), "/inbox"))
        return
    with frame(visitor, "callbacks", t("Inbox {name}", name=name)):
        with head(t("Inbox {name}", name=name), back=(t("Test inbox"), "/inbox")):
            if visitor.may("inbox.clear"):
                button(t("Clear"), lambda: _clear(visitor, name), icon="o_delete_sweep", kind="ghost")
        _address(visitor, name)
        page = _Messages(visitor, name)
        await page.update(None)
    visitor.follow(page.update)


class _Messages:
    def __init__(self, visitor: Visitor, name: str) -> None:
        self._visitor, self._name = visitor, name
        self._place = box("sk-stack")
        self._shown: tuple[InboxRow, ...] | None = None

    async def update(self, _: Changed) -> None:
        page = await self._visitor.read(
            rows.list_page, self._visitor.identity.org_id, self._name, None, _PAGE
        )
        if page.items == self._shown:
            return
        self._shown = page.items
        self._place.clear()
        with self._place:
            for index, message in enumerate(page.items):
                _message(message, opened=index == 0)
            if not page.items:
                with (
                    card(),
                    empty("o_inbox", t("Waiting for the first message"), t("This page updates by itself.")),
                ):
                    pass


def _row(name: str, count: int, last: float) -> dict[str, Any]:
    return {"key": name, "href": f"/inbox/{name}", "inbox": name, "messages": count, "last": last}


def _address(visitor: Visitor, name: str) -> None:
    with box("sk-stack sk-stack--tight"):
        text(t("Its address, for callback_url:"), "sk-small sk-muted")
        Code(f"{visitor.house.system.public_url}/v1/inbox/{name}")


def _message(message: InboxRow, *, opened: bool) -> None:
    body = _object(message.body)
    with card():
        with box("sk-row sk-row--wrap"):
            text(str(body.get("event") or t("Message")), "sk-strong")
            status(VERIFIED[message.verified])
            if message.message_id:
                CopyId(message.message_id, short=message.message_id[-14:], label="webhook-id")
            with box("sk-grow"):
                pass
            if isinstance(body.get("job_id"), str):
                anchor(t("Run"), f"/runs/{body['job_id']}")
            When(message.received_at)
        _pictures(body)
        with attrs(box(tag="details"), **({"open": "open"} if opened else {})):
            text(t("Body"), "sk-small sk-muted", tag="summary")
            Code(pretty_json(message.body), wrap=True)
        with box(tag="details"):
            text(t("Headers"), "sk-small sk-muted", tag="summary")
            Code(pretty_json(message.headers), wrap=True)


def _pictures(body: Mapping[str, Any]) -> None:
    outputs = body.get("outputs")
    found = [each for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    paths = [(own_picture(each.get("asset_url")), str(each.get("alt_text") or t("Output"))) for each in found]
    known = [(path, alt) for path, alt in paths if path]
    if not known:
        return
    with box("sk-pictures"):
        for path, alt in known:
            with attrs(
                box("sk-picture__frame", "a"), href=path, target="_blank", rel="noopener", aria_label=alt
            ):
                attrs(box(tag="img"), src=path, alt=alt, loading="lazy")


def own_picture(url: Any) -> str:
    """The path of one of our own signed pictures in an address; empty for any other address."""
    match = _PICTURE_PATH.search(url) if isinstance(url, str) else None
    return match[0] if match else ""


def _object(body: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def _clear(visitor: Visitor, name: str) -> None:
    await visitor.require("inbox.clear")

    def work() -> int:
        with visitor.house.db.write() as connection:
            return rows.clear(connection, visitor.identity.org_id, name)

    ui.notify(n("Removed {count} message.", "Removed {count} messages.", await visitor.call(work)))
