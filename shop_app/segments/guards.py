"""Who is to be left alone, why, and until when: asked before anything is said of a customer elsewhere."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

CONTROL, TREATMENT = "control", "treatment"
NO_CONSENT = "no-consent"
DATA_SALE = "data-sale-opt-out"


@dataclass(frozen=True, slots=True)
class GuardRules:
    """How long trouble is remembered, and what counts as trouble.

    ``refund_days``, ``cancel_days``: days after a refund or a cancelled order; 0 switches that guard off.
    ``complaint_tags``: tags of customers who are to be left alone as long as they carry one.
    ``over_mailed_most`` e-mails within ``over_mailed_days`` are as many as may be; 0 switches it off.
    """

    refund_days: int = 14
    cancel_days: int = 14
    complaint_tags: tuple[str, ...] = ()
    over_mailed_most: int = 0
    over_mailed_days: int = 7


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """What is known of one customer; ``None`` is unknown.

    ``received_at`` are the moments of the e-mails of the last days, the newest first.
    """

    tags: Collection[str] = ()
    consent: str | None = None
    data_sale_opt_out: bool | None = None
    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None
    received_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """One reason to hold back: ``until`` is when it ends by itself, ``None`` for when somebody changes it.

    ``holds_back`` is ``labels`` (nothing is said of the customer) or ``lists`` (lists for mailing are shut).
    """

    kind: str
    words: str
    until: datetime | None = None
    holds_back: str = "labels"

    def to_json(self) -> dict[str, str | None]:
        """Return it as it is stored and shown."""
        until = None if self.until is None else self.until.isoformat()
        return {"kind": self.kind, "words": self.words, "until": until, "holds_back": self.holds_back}


def suppressions(facts: GuardFacts, rules: GuardRules, *, at: datetime) -> tuple[Guard, ...]:
    """Return what keeps a customer from being addressed at a moment.

    A guard with an end holds up to that instant and not at it: at ``until`` the customer is free again.

    Parameters
    ----------
    facts
        What is known of the customer. Facts later than ``at`` are not held against them.
    rules
        The merchant's; see :class:`GuardRules`.
    at
        The moment looked from, with its time zone.
    """
    found = [
        *_after(facts.refunded_at, rules.refund_days, "refund", "had a refund", at),
        *_after(facts.cancelled_at, rules.cancel_days, "cancelled", "had an order cancelled", at),
        *_complaint(facts.tags, rules),
        *_over_mailed(facts.received_at, rules, at),
    ]
    return tuple(found)


def consent_guard(consent: str | None) -> Guard | None:
    """Return what shuts lists for mailing: anything but a given consent, the unknown among it."""
    if consent == "subscribed":
        return None
    words = {
        None: "It is not known whether they agreed to e-mail.",
        "unsubscribed": "They have unsubscribed from e-mail.",
    }.get(consent, "They have not agreed to e-mail.")
    return Guard(NO_CONSENT, words, holds_back="lists")


def data_sale_guard(facts: GuardFacts) -> Guard | None:
    """Return what keeps a customer's labels inside the shop: their objection to the sale of their data."""
    if not facts.data_sale_opt_out:
        return None
    return Guard(DATA_SALE, "They objected to the sale of their data: nothing of them goes to other services.")


def control_guard(segment_name: str, percent: int) -> Guard:
    """Return what keeps a member of a control group from being treated."""
    words = f"Control group of {segment_name} ({percent} %): left out so that the effect can be measured."
    return Guard(CONTROL, words)


def is_control(customer_id: int, segment: str, percent: int) -> bool:
    """Tell whether a customer belongs to the control group of a segment of so many percent (0 to 100).

    The same customer always does, whoever asks and however many others there are; a larger share keeps all
    of a smaller one. Each segment draws its own lot.
    """
    drawn = hashlib.sha256(f"{segment}|{customer_id}".encode()).digest()[:8]
    return int.from_bytes(drawn) / 2**64 < percent / 100


def _after(moment: datetime | None, days: int, kind: str, what: str, at: datetime) -> list[Guard]:
    if moment is None or days <= 0 or moment > at:
        return []
    until = moment + timedelta(days=days)
    return [Guard(kind, f"They {what} within {days} days.", until)] if at < until else []


def _complaint(tags: Collection[str], rules: GuardRules) -> list[Guard]:
    wanted = {tag.strip().lower() for tag in rules.complaint_tags}
    found = next((tag for tag in tags if tag.strip().lower() in wanted), None)
    return [Guard("complaint", f"They carry the tag “{found}”.")] if found is not None else []


def _over_mailed(received_at: tuple[datetime, ...], rules: GuardRules, at: datetime) -> list[Guard]:
    most, days = rules.over_mailed_most, rules.over_mailed_days
    if most <= 0:
        return []
    within = sorted((each for each in received_at if at - timedelta(days=days) < each <= at), reverse=True)
    if len(within) < most:
        return []
    # The e-mail that has to grow old before there are fewer than that again.
    until = within[most - 1] + timedelta(days=days)
    return [Guard("over-mailed", f"They were sent {len(within)} e-mails in {days} days.", until)]
