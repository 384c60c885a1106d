"""Who was told about a run: its deliveries with every attempt and answer."""

from nicegui import ui

from app.store.deliveries import DeliveryAttemptRow, DeliveryRow
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import Code, CopyId, When, card, status
from app.ui.rows import REPLAYABLE, pretty_json
from app.ui.views.run_story import Story
from app.ui.visitor import Visitor
from app.ui.words import DELIVERY, advice, duration, look


def callback_card(visitor: Visitor, story: Story) -> None:
    """The deliveries of a run, or what would have been sent."""
    with attrs(box(tag="div"), id="callback"), card(t("Callback")) as top:
        with top:
            status(look(DELIVERY, story.run.callback_status))
        if not story.deliveries:
            asked = story.run.callback_url
            text(
                t("It is sent when the run ends.")
                if asked
                else t("The trigger named no callback_url, so nobody was told."),
                "sk-muted",
            )
        for delivery in story.deliveries:
            _delivery(visitor, delivery, story.delivery_attempts.get(delivery.id, []))
        if story.payloads.result:
            with box(tag="details"):
                text(t("What the callback says"), "sk-small sk-muted", tag="summary")
                Code(pretty_json(story.payloads.result), wrap=True)


async def replay(visitor: Visitor, delivery_id: str) -> None:
    """Send an ended delivery again: same webhook-id, same bytes."""
    identity = await visitor.require("deliveries.replay")
    done = await visitor.house.system.engine.replay(identity.org_id, delivery_id, identity.actor)
    ui.notify(t("The callback is on its way again.") if done else t("It is under way already."))


def _delivery(visitor: Visitor, delivery: DeliveryRow, attempts: list[DeliveryAttemptRow]) -> None:
    with box("sk-stack"):
        with box("sk-row sk-row--wrap sk-row--between"):
            with box("sk-stack sk-stack--tight sk-grow"):
                CopyId(delivery.url, label=t("receiver"))
                with box("sk-row sk-small sk-muted"):
                    text(delivery.event)
                    text("·")
                    CopyId(delivery.message_id, short=delivery.message_id[-12:], label="webhook-id")
            if visitor.may("deliveries.replay") and delivery.status in REPLAYABLE:
                button(t("Replay callback"), lambda: replay(visitor, delivery.id), icon="replay", small=True)
        with box("sk-attempts"):
            for attempt in attempts:
                _attempt(attempt)
        if delivery.error_code and delivery.status != "delivered":
            text(advice(delivery.error_code), "sk-hint")


def _attempt(attempt: DeliveryAttemptRow) -> None:
    with box("sk-attempt"):
        text(t("Attempt {number}", number=attempt.number), "sk-strong")
        if attempt.status_code is not None:
            text(f"HTTP {attempt.status_code}", "sk-tag")
        if attempt.error_code:
            text(attempt.error_code, "sk-mono")
        text(duration(attempt.duration), "sk-muted sk-num")
        When(attempt.started_at)
        if attempt.next_at:
            text(t("next try"), "sk-muted")
            When(attempt.next_at)
        if attempt.reason:
            text(heard(attempt.reason), "sk-muted sk-wrap")
        if attempt.response:
            Code(attempt.response[:4000], wrap=True)
