"""What states of pushes and of their rows are called on the screens."""

from shop_app.services.describe_pushes import PushCard
from shop_app.storage.pushes import TAKE_BACK
from shop_app.web.formats import count
from shop_app.web.pages import Notice

_STATES = {
    "open": ("Waits for you", "warning"),
    "running": ("Being sent", "info"),
    "done": ("Sent", "success"),
    "rejected": ("Turned down", "neutral"),
    "superseded": ("Overtaken", "neutral"),
}
_BACK_STATES = {"running": ("Being taken back", "info"), "done": ("Taken back", "success")}
_UNDONE = ("Undone", "neutral")
_SENTENCES = {
    "open": "Nothing of it is sent before you approve it.",
    "running": "It is being sent.",
    "done": "It has been sent.",
    "rejected": "It was turned down; nothing of it was sent.",
    "superseded": "A newer plan has taken its place; nothing of it was sent.",
}
ROW_STATES = {
    "planned": "Planned",
    "ready": "To be sent",
    "sending": "Being sent",
    "sent": "Confirmed",
    "rejected": "Refused there",
    "absent": "Not known there",
    "changed": "Changed since",
    "left out": "Left out",
}
"""States of rows in the order of their life."""
ROW_NOTES = {
    "planned": "wait for you",
    "ready": "next",
    "sending": "not confirmed yet",
    "sent": "by the destination",
    "rejected": "their pages say why",
    "absent": "looked for again tomorrow",
    "changed": "planned again",
    "left out": "not approved, or stopped",
}
ON_THE_WAY = ("ready", "sending")


def push_badge(card: PushCard) -> Notice:
    """Return a push's state; one that was sent and cannot be undone any more has been undone."""
    if card.kind in TAKE_BACK and card.state in _BACK_STATES:
        words, tone = _BACK_STATES[card.state]
    else:
        words, tone = _UNDONE if is_undone(card) else _STATES[card.state]
    return Notice(tone, words, ())


def is_undone(card: PushCard) -> bool:
    """Tell whether what a push has sent was taken back since."""
    return card.kind not in TAKE_BACK and card.counts.get("sent", 0) > 0 and not card.can_undo


def push_sentence(card: PushCard) -> str:
    """Return a push's state as a sentence; of what is being sent, how far it is."""
    total = sum(card.counts.values())
    if is_undone(card):
        return "It was sent, and somebody has had it taken back."
    if card.kind in TAKE_BACK and card.state == "done":
        return "It has been taken back."
    if card.state != "running" or not total:
        return _SENTENCES[card.state]
    return f"{count(settled_of(card))} of {count(total)} customers are through."


def settled_of(card: PushCard) -> int:
    """Return how many rows of a push need nothing any more."""
    return sum(number for state, number in card.counts.items() if state not in ON_THE_WAY)
