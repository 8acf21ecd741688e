"""What a profile at Klaviyo holds of ours: custom properties with one type each for ever, and lists by slug.

Klaviyo takes the type of a property from its values, and a bulk import cannot clear one, so a value that was
said once and no longer holds is written as a *sentinel* of the same type: ``none`` for a text and for the list
of labels, ``-1`` for a number (no figure of ours is below 0, and 0 has a meaning), ``1970-01-01`` for a date,
``false`` for yes and no. What was never said is left out.
"""

from collections.abc import Mapping
from typing import Any

from shop_app.destinations.base import Document, Labels
from shop_app.destinations.documents import kept_values

SEGMENT = "kindred_segment"
SEGMENT_NAME = "kindred_segment_name"
LABELS = "kindred_labels"
NO_DISCOUNTS = "kindred_no_discounts"
AS_OF = "kindred_as_of"

SENTINELS: dict[str, Any] = {
    SEGMENT: "none",
    SEGMENT_NAME: "none",
    "kindred_rfm": "none",
    "kindred_churn_risk_90d": -1,
    "kindred_value_365d": -1,
    "kindred_next_order_from": "1970-01-01",
    "kindred_next_order_to": "1970-01-01",
    "kindred_reason": "none",
    AS_OF: "1970-01-01",
    NO_DISCOUNTS: False,
    LABELS: ["none"],
}
"""Every property of ours, and what it holds when there is nothing to say; no other is ever written."""

BANDS = {"churn_risk_90d": 0.1, "value_365d": -0.25}
"""Numbers are sent again when the risk has moved by a tenth, or the value by a quarter."""

_PREFIX = "kindred_"
_NO_DISCOUNTS_SLUG = "no-discounts"


def desired(labels: Labels, previous: Document | None, *, with_lists: bool, everybody: bool) -> Document | None:
    """Return the document for these labels: ``properties`` by name, and ``lists`` by slug.

    ``with_lists``: whether lists are kept at all; ``everybody``: whether they hold those, too, who may not be
    mailed. See :meth:`~shop_app.destinations.base.Destination.desired`.
    """
    before = dict((previous or {}).get("properties") or {})
    if labels.segment is None:
        if previous is None:
            return None
        return {"properties": {name: SENTINELS[name] for name in SENTINELS if name in before}, "lists": []}
    fresh = _properties(labels)
    fresh |= {name: SENTINELS[name] for name in SENTINELS if name in before and name not in fresh}
    held = _bare(before) if before else None
    kept = kept_values(_bare(fresh), held, bands=BANDS)
    listed = with_lists and (everybody or labels.may_mail)
    return {
        "properties": {_PREFIX + name: value for name, value in sorted(kept.items())},
        "lists": sorted({labels.segment, *_own(labels)}) if listed else [],
    }


def ours(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is ours among the properties of a profile; an empty one is none."""
    return {name: properties[name] for name in sorted(SENTINELS) if properties.get(name) is not None}


def is_listed(slug: str) -> bool:
    """Tell whether a label has a list: who gets no discounts is a property alone."""
    return slug != _NO_DISCOUNTS_SLUG


def _properties(labels: Labels) -> dict[str, Any]:
    told: dict[str, Any] = {
        SEGMENT: labels.segment,
        SEGMENT_NAME: labels.segment_name or None,
        "kindred_rfm": labels.rfm,
        "kindred_churn_risk_90d": _rounded(labels.churn_risk_90d),
        "kindred_value_365d": _rounded(labels.value_365d),
        "kindred_next_order_from": labels.next_order_from,
        "kindred_next_order_to": labels.next_order_to,
        "kindred_reason": labels.reason or None,
        AS_OF: labels.as_of or None,
        NO_DISCOUNTS: True if _NO_DISCOUNTS_SLUG in labels.others else None,
        LABELS: _own(labels) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _own(labels: Labels) -> list[str]:
    """Return the further labels that are groups; who gets no discounts is a property and no group."""
    return sorted(set(labels.others) - {_NO_DISCOUNTS_SLUG})


def _rounded(figure: float | str | None) -> float | None:
    return None if figure is None else round(float(figure), 2)


def _bare(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(_PREFIX): value for name, value in properties.items() if name in SENTINELS}
