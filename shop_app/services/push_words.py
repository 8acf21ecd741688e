"""What is said beside pushes: why somebody is left out, and that a label permits nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from shop_app.destinations import registry
from shop_app.segments.guards import CONTROL, DATA_SALE, NO_CONSENT

LABELS_PERMIT_NOTHING = (
    "Labels describe existing customers, whether or not they agreed to e-mail; they give nobody permission to "
    "mail them."
)
_LIST_MEMBERS = "list_members"
"""The setting of a destination that says whom its lists for mailing hold."""
_WHO = {
    "refund": "had a refund a short while ago",
    "cancelled": "had an order cancelled a short while ago",
    "complaint": "carry a tag of customers to leave alone",
    "over-mailed": "were sent enough e-mails lately",
    CONTROL: "are in a control group",
    NO_CONSENT: "are not known to have agreed to e-mail",
    DATA_SALE: "objected to the sale of their data",
}
_WHAT_FOLLOWS = {
    CONTROL: "nothing is said of them, so that the effect can be measured",
    NO_CONSENT: "kept out of lists for mailing",
    DATA_SALE: "nothing of them goes there",
}


def left_out_words(kinds: Iterable[str]) -> dict[str, str]:
    """Say for each kind of guard what it keeps from whom; after a number it reads as a sentence."""
    return {kind: f"{who_words(kind)}: {_WHAT_FOLLOWS.get(kind, 'nothing is said of them')}" for kind in kinds}


def who_words(kind: str) -> str:
    """Say whom a kind of guard is about; after a number it reads as a sentence."""
    return _WHO.get(kind, f"are kept back ({kind.replace('-', ' ')})")


def consent_words(kind: str, settings: Mapping[str, Any]) -> str:
    """Say what labels do not permit, and whom a destination's lists hold where it has any."""
    found = registry.KINDS.get(kind)
    setting = next((each for each in found.schema if each.name == _LIST_MEMBERS), None) if found else None
    if setting is None:
        return LABELS_PERMIT_NOTHING
    chosen = dict(setting.choices).get(settings.get(setting.name, setting.default), "")
    return f"{LABELS_PERMIT_NOTHING} {setting.label}: {chosen[:1].lower()}{chosen[1:]}."
