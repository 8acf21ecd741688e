"""What a play is made of: steps, whom it spares, what it is judged by, and how it is stored."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Self

NEVER_DISCOUNTED = frozenset({"champions", "vip", "best-customers"})
# They buy at full price already: a discount costs margin and teaches them to wait for the next one.

OFFERS = {
    "never": "No discount.",
    "by-risk": "The higher the risk of losing them, the deeper the offer.",
    "standing": "There is always an offer, and it grows with the risk of losing them.",
}
STEP_KINDS = ("message", "offer", "stop")
CHANNELS = {
    "email": "e-mail",
    "sms": "text message",
    "chat": "chat",
    "push": "push message",
    "personal": "a personal note or call",
    "onsite": "the shop's own pages",
}

EXCLUSIONS = {
    "no-consent": "has not agreed to be written to on this channel",
    "left-alone": "has asked to be left alone",
    "holdout": "belongs to the control group",
    "recent-refund": "had a refund in the last {days} days",
    "recent-complaint": "has written to support in the last {days} days",
    "bad-experience": "had an order cancelled, late or returned in the last {days} days",
    "over-mailed": "has had three messages or more in the last {days} days",
    "just-ordered": "has ordered in the last {days} days",
    "pays-full-price": "usually buys without a discount (spared only from offers)",
}
NEVER_LIFTED = ("no-consent", "left-alone", "holdout")
# The law, the customer's own word, and the only way to know whether a play works.

KPIS = {
    "kept-90d": "the share who order again within 90 days",
    "recommended-90d": "new buyers they bring within 90 days, and the share who order again",
    "second-order-60d": "the share who order a second time within 60 days",
    "next-order-60d": "the share who order again within 60 days",
    "won-back-45d": "the share who order within 45 days of the first message",
    "first-order-30d": "the share who place a first order within 30 days",
    "finished-7d": "the share who finish the order within 7 days",
    "order-value-60d": "the average order value within 60 days",
    "margin-60d": "margin per customer within 60 days, after discounts",
    "joined-60d": "the share who join the loyalty programme within 60 days",
    "understood-30d": "how many of them have been looked at and sorted by hand within 30 days",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: so many days after a customer comes into the group, unless they ordered meanwhile.

    ``kind`` is ``message``, ``offer`` (a message with a discount that ends) or ``stop`` (no more mailings).
    """

    after_days: int
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Whom a play spares: a key of :data:`EXCLUSIONS`, and for how many days where it wears off."""

    slug: str
    days: int | None = None

    @property
    def words(self) -> str:
        """Say it after "Leave out whoever"."""
        return EXCLUSIONS[self.slug].format(days=self.days)


@dataclass(frozen=True, slots=True)
class PlayEdit:
    """That the merchant has changed a field, when, and when the change is to be looked at again."""

    field: str
    edited_at: date
    review_at: date


@dataclass(frozen=True, slots=True)
class Play:
    """What to do with the customers of one group.

    Attributes
    ----------
    slug, name
        Of the group's archetype.
    purpose, message
        What the play is for, and what to write, one or two sentences each.
    steps
        In the order of their days, the first on day 0.
    offer
        A key of :data:`OFFERS`.
    max_depth_ratio
        The deepest discount, 0 to 0.5 of the price; 0 where ``offer`` is ``never``. What a customer is offered
        is worked out by :func:`~shop_app.segments.offer_depth.offer_depth`.
    offer_ends_days
        How long an offer holds; ``None`` without one.
    channels
        Keys of :data:`CHANNELS`, the first tried first.
    pause_days, most_messages_30d
        The least days between two messages, and the most messages in 30 days.
    kpi
        A key of :data:`KPIS`; always against the control group and net of refunds.
    exclusions
        Whom to leave out; those of :data:`NEVER_LIFTED` are always among them.
    not_to_do
        What would do harm, one sentence each.
    edits
        The merchant's changes, one for each changed field.
    """

    slug: str
    name: str
    purpose: str
    message: str
    steps: tuple[Step, ...]
    offer: str
    max_depth_ratio: float
    offer_ends_days: int | None
    channels: tuple[str, ...]
    pause_days: int
    most_messages_30d: int
    kpi: str
    exclusions: tuple[Exclusion, ...]
    not_to_do: tuple[str, ...]
    edits: tuple[PlayEdit, ...] = field(default=())

    @property
    def review_at(self) -> date | None:
        """The first day on which one of the merchant's changes is to be looked at again."""
        return min((edit.review_at for edit in self.edits), default=None)

    def to_json(self) -> dict[str, Any]:
        """Give plain values that :meth:`from_json` reads back as an equal object."""
        return {
            **{name: getattr(self, name) for name in _PLAIN},
            "steps": [asdict(step) for step in self.steps],
            "channels": list(self.channels),
            "exclusions": [asdict(exclusion) for exclusion in self.exclusions],
            "not_to_do": list(self.not_to_do),
            "edits": [
                {
                    "field": edit.field,
                    "edited_at": edit.edited_at.isoformat(),
                    "review_at": edit.review_at.isoformat(),
                }
                for edit in self.edits
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` gave."""
        return cls(
            **{name: stored[name] for name in _PLAIN},
            steps=tuple(Step(**step) for step in stored["steps"]),
            channels=tuple(stored["channels"]),
            exclusions=tuple(Exclusion(**exclusion) for exclusion in stored["exclusions"]),
            not_to_do=tuple(stored["not_to_do"]),
            edits=tuple(
                PlayEdit(
                    edit["field"],
                    date.fromisoformat(edit["edited_at"]),
                    date.fromisoformat(edit["review_at"]),
                )
                for edit in stored["edits"]
            ),
        )


_PLAIN = (
    *("slug", "name", "purpose", "message", "offer", "max_depth_ratio", "offer_ends_days"),
    *("pause_days", "most_messages_30d", "kpi"),
)
