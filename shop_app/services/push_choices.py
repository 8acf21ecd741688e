"""What the merchant has chosen for sending labels: limits, quiet hours, control groups, whom to leave alone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from shop_app.errors import InvalidInputError
from shop_app.segments.guards import GuardRules
from shop_app.storage import decisions, due_work, push_marks, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import transaction
from shop_app.storage.shop_settings import ShopSettings

_MOST_HOLDOUT_PERCENT = 50
_HOURS = 24


@dataclass(frozen=True, slots=True)
class PushChoices:
    """The merchant's choices, each with its default.

    ``approve_ratio`` (0 to 1) of the customers or ``approve_count`` of them, whichever is fewer, may change at
    a destination within 24 hours without a person. ``quiet_from`` and ``quiet_to`` are hours of the shop's
    clock between which nothing is sent; equal hours switch that off. ``holdouts`` are percents by segment.
    """

    approve_ratio: float = 0.05
    approve_count: int = 1_000
    quiet_from: int = 0
    quiet_to: int = 0
    holdouts: Mapping[str, int] = field(default_factory=dict)
    refund_days: int = 14
    cancel_days: int = 14
    complaint_tags: tuple[str, ...] = ()
    over_mailed_most: int = 0
    over_mailed_days: int = 7
    no_discounts: bool = True
    everything_stopped: bool = False

    @classmethod
    def of(cls, shop: ShopSettings) -> Self:
        """Read a shop's choices; what is not chosen has its default."""
        stored: dict[str, Any] = dict(shop.activation)
        if "complaint_tags" in stored:
            stored["complaint_tags"] = tuple(stored["complaint_tags"])
        return cls(**stored)

    @property
    def guard_rules(self) -> GuardRules:
        """Return whom to leave alone after what."""
        return GuardRules(
            self.refund_days,
            self.cancel_days,
            self.complaint_tags,
            self.over_mailed_most,
            self.over_mailed_days,
        )

    def most_unapproved(self, customer_count: int) -> int:
        """Return how many customers may change within 24 hours without a person."""
        return min(self.approve_count, int(self.approve_ratio * customer_count))

    def quiet_until(self, now: datetime, timezone: str) -> datetime | None:
        """Return when the quiet hours end that it is in, ``None`` where it is in none."""
        if self.quiet_from == self.quiet_to:
            return None
        local = now.astimezone(ZoneInfo(timezone))
        start, end = self.quiet_from, self.quiet_to
        is_quiet = start <= local.hour < end if start < end else local.hour >= start or local.hour < end
        if not is_quiet:
            return None
        until = local.replace(hour=end, minute=0, second=0, microsecond=0)
        if until <= local:
            until += timedelta(days=1)
        return until.astimezone(UTC)


def read_push_choices(shop_id: int) -> PushChoices:
    """Return a shop's choices."""
    with transaction(shop_id) as connection:
        return PushChoices.of(shop_settings.read(connection))


def change_push_choices(shop_id: int, changes: Mapping[str, Any], *, who: str, at: datetime) -> PushChoices:
    """Change some of the choices; everybody's documents are compared anew.

    Raises
    ------
    InvalidInputError
        A choice there is not, or a value that it cannot have; ``field`` names it.
    """
    with transaction(shop_id) as connection:
        before = PushChoices.of(shop_settings.read(connection))
        known = asdict(before)
        if unknown := sorted(set(changes) - set(known)):
            raise InvalidInputError(f"There is no setting {unknown[0]}.", field=unknown[0])
        chosen = PushChoices(**{**known, **_checked(changes)})
        shop_settings.write_activation(connection, asdict(chosen))
        if push_marks.mark(connection, None):
            due_work.ensure_due(connection, shop_id, "push", due_at=at)
        words = ", ".join(sorted(changes))
        decisions.record(connection, Decision(at, who, "sending", words, None, None, ""))
    return chosen


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values in their types, or say which one is wrong."""
    checks: dict[str, Any] = {
        "approve_ratio": lambda value: _number(value, 0, 1),
        "approve_count": lambda value: int(_number(value, 0, 10_000_000)),
        "quiet_from": lambda value: int(_number(value, 0, _HOURS - 1)),
        "quiet_to": lambda value: int(_number(value, 0, _HOURS - 1)),
        "holdouts": _holdouts,
        "refund_days": lambda value: int(_number(value, 0, 365)),
        "cancel_days": lambda value: int(_number(value, 0, 365)),
        "complaint_tags": _tags,
        "over_mailed_most": lambda value: int(_number(value, 0, 100)),
        "over_mailed_days": lambda value: int(_number(value, 1, 60)),
        "no_discounts": bool,
        "everything_stopped": bool,
    }
    found = {}
    for name, value in changes.items():
        try:
            found[name] = checks[name](value)
        except (TypeError, ValueError) as error:
            words = str(error) or "That is not a value that it can have."
            raise InvalidInputError(f"{_LABELS.get(name, name)}: {words}", field=name) from None
    return found


_LABELS = {
    "approve_ratio": "Share of customers that may change without you",
    "approve_count": "Number of customers that may change without you",
    "quiet_from": "Quiet from",
    "quiet_to": "Quiet until",
    "holdouts": "Control groups",
    "refund_days": "Days after a refund",
    "cancel_days": "Days after a cancelled order",
    "complaint_tags": "Tags of customers to leave alone",
    "over_mailed_most": "E-mails that are enough",
    "over_mailed_days": "Days in which they are counted",
}


def _number(value: object, least: float, most: float) -> float:
    number = float(str(value))
    if not least <= number <= most:
        raise ValueError(f"it must be from {least:g} to {most:g}, not {value}.")
    return number


def _holdouts(value: object) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise TypeError("name a percentage for each segment.")
    found = {str(slug): int(_number(percent, 0, _MOST_HOLDOUT_PERCENT)) for slug, percent in value.items()}
    return {slug: percent for slug, percent in found.items() if percent}


def _tags(value: object) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise TypeError("name tags, with a comma between two.")
    return tuple(dict.fromkeys(str(tag).strip() for tag in given if str(tag).strip()))
