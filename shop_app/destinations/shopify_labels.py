"""Labels as a Shopify customer holds them: tags under our prefix, and metafields in the app's own namespace.

Source: Shopify's schema of version 2026-10, "Metafields" and "tagsAdd". Shop owners see all of it in the admin.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shop_app.destinations.base import Document, Labels, Row, Setting
from shop_app.destinations.documents import kept_values
from shop_app.errors import InvalidInputError

NAMESPACE = "$app"
TAGS_AT_MOST = 250
"""Tags of one customer; Shopify refuses more."""
TAG_LENGTH_AT_MOST = 255

SETTINGS = (
    Setting(
        name="tag_prefix",
        label="Tag prefix",
        kind="text",
        help=(
            "What every tag of Kindred's begins with, so that nobody mistakes it for one of yours: at most 40 "
            "small letters, digits and signs, no space, comma or quotation mark. After a change the old tags "
            "are taken away and the new ones written."
        ),
        default="kindred:",
        required=True,
    ),
    Setting(
        name="write_metafields",
        label="Write metafields",
        kind="yes_no",
        help="Segment, marks, risk, value and the reason, on each customer's page in Shopify's admin.",
        default=True,
    ),
    Setting(
        name="native_segments",
        label="Make Shopify segments",
        kind="yes_no",
        help='One such as "Kindred: At risk" for each segment, to pick in Shopify Email, Flow and discounts.',
        default=True,
    ),
)

_PREFIX = re.compile(r"\w[\w:./#+-]{0,39}")
_BANDS = {"churn_risk_90d": 0.1, "value_365d": -0.25}


@dataclass(frozen=True, slots=True)
class Metafield:
    """One of our metafields: its key and type never change; ``filters`` lets the admin's lists ask for it."""

    key: str
    name: str
    about: str
    type: str
    filters: bool = True


METAFIELDS = (
    Metafield("segment", "Segment", "The customer's segment in Kindred.", "single_line_text_field"),
    Metafield("rfm", "RFM group", "How recently, often and much they buy.", "single_line_text_field"),
    Metafield(
        "churn_risk_90d", "Risk of leaving", "Chance of no order within 90 days, from 0 to 1.", "number_decimal"
    ),
    Metafield("value_365d", "Value within a year", "What they may spend within 365 days.", "number_decimal"),
    Metafield("next_order_from", "Next order from", "First day on which the next order is likely.", "date"),
    Metafield("next_order_to", "Next order until", "Last day on which the next order is likely.", "date"),
    Metafield(
        "reason", "Why this segment", "The reason in plain words.", "single_line_text_field", filters=False
    ),
    Metafield("as_of", "As of", "The day whose facts this rests on.", "date", filters=False),
)
BY_KEY = {each.key: each for each in METAFIELDS}


def prefix_of(settings: Mapping[str, Any]) -> str:
    """Return the prefix of our tags, or raise :class:`InvalidInputError` with what is wrong with it."""
    prefix = str(settings.get("tag_prefix", "kindred:")).strip()
    if not _PREFIX.fullmatch(prefix) or prefix != prefix.lower():
        raise InvalidInputError(
            "Tag prefix: 1 to 40 small letters, digits or signs out of : . / # + - _, without spaces, commas "
            'or quotation marks. "kindred:" is the usual one.',
            field="tag_prefix",
        )
    return prefix


def is_on(settings: Mapping[str, Any], name: str) -> bool:
    """Return a yes-or-no setting, which is yes unless something else is said."""
    return bool(settings.get(name, True))


def tag_of(prefix: str, slug: str) -> str:
    """Return the tag of a label."""
    return f"{prefix}{slug.lower()}"


def document_of(
    labels: Labels, previous: Document | None, *, prefix: str, with_metafields: bool
) -> Document | None:
    """Return what a customer is to hold; numbers and reason stay as they were while label and bands hold.

    Tags are in order, values are texts as ``metafieldsSet`` takes them, and what is unknown is left out.
    """
    if labels.segment is None:
        return None if previous is None else {"tags": [], "metafields": {}}
    slugs = {labels.segment, *labels.others}
    document: Document = {"tags": sorted({tag_of(prefix, slug) for slug in slugs})}
    if with_metafields:
        held = (previous or {}).get("metafields") or None
        document["metafields"] = kept_values(_values(labels), held, bands=_BANDS)
    return document


def _values(labels: Labels) -> dict[str, str]:
    risk = labels.churn_risk_90d
    told = {
        "segment": labels.segment,
        "rfm": labels.rfm,
        "churn_risk_90d": None if risk is None else f"{risk:.2f}",
        "value_365d": labels.value_365d,
        "next_order_from": labels.next_order_from,
        "next_order_to": labels.next_order_to,
        "reason": labels.reason,
        "as_of": labels.as_of,
    }
    values = {key: " ".join(value.split()) for key, value in told.items() if value is not None}
    return {key: value for key, value in values.items() if value}  # Shopify takes no empty ones


def ours_of(row: Row, tags: Iterable[str], values: Mapping[str, str]) -> Document | None:
    """Return the part of a customer's tags and metafields that is ours, spelt as in the row's own documents.

    Ours are the tags that we own, or that the row is about; not those that were there without us, unless the
    row wants them. Shopify takes tags that differ in case only for the same, and writes numbers its own way.
    """
    held = named((*tags_in(row.before), *row.owned))
    ours = {folded: tag for folded, tag in held.items() if folded not in theirs(row)}
    spelt = ours | named(tags_in(row.after))
    there = {tag.casefold() for tag in tags}
    found: Document = {
        "tags": sorted(tag for folded, tag in spelt.items() if folded in there),
        "metafields": {key: _as_written(row, key, value) for key, value in values.items()},
    }
    known = row.after or {}
    document = {part: value for part, value in found.items() if value or part in known}
    return document if document or row.after is not None else None


def _as_written(row: Row, key: str, value: str) -> str:
    if BY_KEY[key].type != "number_decimal":
        return value
    for document in (row.after, row.before):
        written = ((document or {}).get("metafields") or {}).get(key)
        if written is not None and float(written) == float(value):
            return str(written)
    return value


def tags_in(document: Document | None) -> tuple[str, ...]:
    """Return the tags of a document."""
    return tuple((document or {}).get("tags") or ())


def named(tags: Iterable[str]) -> dict[str, str]:
    """Return tags by what Shopify compares them by."""
    return {tag.casefold(): tag for tag in tags}


def theirs(row: Row) -> frozenset[str]:
    """Return, as Shopify compares them, the tags that were there without us.

    A tag that differs from ours in case only is the merchant's: of two such Shopify keeps the first.
    """
    return frozenset(tag.casefold() for tag in row.foreign - row.owned)
