"""What may be said of a customer elsewhere: segment and figures, after every reason to hold back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shop_app.destinations.base import Group, Labels
from shop_app.segments.guards import (
    CONTROL,
    TREATMENT,
    Guard,
    GuardFacts,
    consent_guard,
    control_guard,
    data_sale_guard,
    is_control,
    suppressions,
)
from shop_app.segments.money import minor_digits
from shop_app.segments.playbook import play_for
from shop_app.services.live_models import LiveModels
from shop_app.services.push_choices import PushChoices
from shop_app.services.segment_reasons import reason, segment_names
from shop_app.storage.push_subjects import SubjectRow, Trouble
from shop_app.storage.shop_settings import ShopSettings

NO_DISCOUNTS = "no-discounts"
NO_DISCOUNTS_NAME = "No discounts"
UNLABELLED = ("prospects",)
"""Segments that are no label: people without an order that counts."""

_PAYS_FULL_PRICE = 0.2
"""Below this price sensitivity (0 to 1) a customer buys without being given anything."""
_ORDERS_THAT_SHOW_IT = 3


@dataclass(frozen=True, slots=True)
class LabelMaker:
    """All that is asked for each customer, read once."""

    shop: ShopSettings
    models: LiveModels
    choices: PushChoices
    names: Mapping[str, str]
    own_names: Mapping[str, str]
    undiscounted: frozenset[str]

    @classmethod
    def of(
        cls, shop: ShopSettings, models: LiveModels, choices: PushChoices, own_names: Mapping[str, str]
    ) -> "LabelMaker":
        """Prepare for a shop as it is now."""
        return cls(shop, models, choices, segment_names(shop, models), own_names, _undiscounted(models))

    def groups(self) -> list[Group]:
        """Return every label that a destination may show as a group of its own."""
        published = self.models.segmentation.published if self.models.segmentation else None
        slugs = [group.slug for group in published] if published is not None else list(self.names)
        groups = [Group(slug, self.names.get(slug, slug)) for slug in slugs if slug not in UNLABELLED]
        groups += [Group(slug, name) for slug, name in sorted(self.own_names.items())]
        return [*groups, Group(NO_DISCOUNTS, NO_DISCOUNTS_NAME)] if self.choices.no_discounts else groups

    def guards(
        self, row: SubjectRow, segment: str | None, trouble: Trouble, arm: str | None, *, at: datetime
    ) -> list[Guard]:
        """Return every reason to hold something of this customer back; ``arm`` as of :meth:`arm`."""
        facts = GuardFacts(
            tags=row.tags,
            consent=row.consent,
            data_sale_opt_out=row.data_sale_opt_out,
            refunded_at=trouble.refunded_at,
            cancelled_at=trouble.cancelled_at,
            received_at=trouble.received_at,
        )
        found = list(suppressions(facts, self.choices.guard_rules, at=at))
        if segment and arm == CONTROL:
            found.append(control_guard(self.names.get(segment, segment), self.choices.holdouts[segment]))
        found += [guard for guard in (consent_guard(row.consent), data_sale_guard(facts)) if guard]
        return found

    def arm(self, person_id: int, segment: str | None, kept: Mapping[tuple[str, int], str]) -> str | None:
        """Return which arm of their segment a person is in, ``None`` where it has no control group.

        Whoever has been in one arm stays in it, however the share changes.
        """
        percent = self.choices.holdouts.get(segment or "", 0)
        if not percent or segment is None:
            return None
        drawn = CONTROL if is_control(person_id, segment, percent) else TREATMENT
        return kept.get((segment, person_id), drawn)

    def labels(self, scores: Mapping[str, Any] | None, guards: Sequence[Guard]) -> Labels:
        """Return what a destination may be told; :attr:`Labels.reason` is left to :meth:`with_reason`."""
        is_held_back = any(guard.holds_back == "labels" for guard in guards)
        if scores is None or scores["segment"] in UNLABELLED or is_held_back:
            return Labels(segment=None)
        segment = scores["segment"]
        own = tuple(slug for slug in scores["own_segments"] or () if slug in self.own_names)
        spared = self.choices.no_discounts and self._is_spared(scores)
        return Labels(
            segment=segment,
            segment_name=self.names.get(segment, segment),
            others=(*own, NO_DISCOUNTS) if spared else own,
            may_mail=not any(guard.holds_back == "lists" for guard in guards),
            rfm=scores["rfm_group"],
            churn_risk_90d=_rounded(scores["churn_probability_90d"]),
            value_365d=self._money(scores["predicted_clv_365d"]),
            next_order_from=_day(scores["next_order_from"]),
            next_order_to=_day(scores["next_order_to"]),
            as_of=scores["as_of"].astimezone(UTC).date().isoformat(),
        )

    def with_reason(self, labels: Labels, scores: Mapping[str, Any]) -> Labels:
        """Add why the customer is in the segment, in one sentence; it takes longer than all the rest."""
        return replace(labels, reason=reason(scores, self.models, self.shop))

    def trouble_since(self, at: datetime) -> datetime:
        """Return from when on refunds, cancellations and e-mails have to be looked at."""
        rules = self.choices.guard_rules
        return at - timedelta(days=max(rules.refund_days, rules.cancel_days, rules.over_mailed_days) + 1)

    def _is_spared(self, scores: Mapping[str, Any]) -> bool:
        """Tell whether a discount would be given away: the play says so, or they buy at full price anyway."""
        if scores["segment"] in self.undiscounted:
            return True
        index = scores["price_sensitivity_index"]
        return index is not None and index < _PAYS_FULL_PRICE and scores["order_count"] >= _ORDERS_THAT_SHOW_IT

    def _money(self, amount: float | None) -> str | None:
        if amount is None:
            return None
        digits = minor_digits(self.shop.currency)
        return str(Decimal(round(amount)).scaleb(-digits))


def _undiscounted(models: LiveModels) -> frozenset[str]:
    """Return the segments whose play gives nothing away."""
    if models.segmentation is None:
        return frozenset()
    groups = models.segmentation.grouping.groups
    named = (group for group in groups if group.archetype)
    return frozenset(group.slug for group in named if play_for(group.archetype).offer == "never")


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 2)


def _day(day: Any) -> str | None:  # noqa: ANN401 (a date, or nothing)
    return None if day is None else str(day)
