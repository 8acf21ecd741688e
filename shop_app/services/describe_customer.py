"""All there is to tell of one customer: who, which segment and why, and every order with its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.customer_moves import MovedBy, customer_moves
from shop_app.services.customer_story import ChangeStory, CustomerStory, IdentityStory
from shop_app.services.live_models import LiveModels, find_edges, read_models
from shop_app.services.measure_people import judge, measure_people, rules_of
from shop_app.services.order_stories import loose_refund_stories, order_stories
from shop_app.services.refresh_customers import score
from shop_app.services.segment_reasons import find_group, mark_stories, reason, segment_names, why_words
from shop_app.storage import (
    customer_scores,
    membership_changes,
    order_history,
    own_segments,
    people,
    segment_runs,
    shop_settings,
)
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.ledger_facts import read_ledger_facts
from shop_app.storage.people import CustomerRow
from shop_app.storage.shop_settings import ShopSettings

_FIGURES = (
    "as_of", "segment", "rfm_group", "is_outlier", "order_count", "total_spent", "average_order_value",
    "first_order_at", "last_order_at", "recency_days", "interval_median_days", "discount_share_ratio",
    "refund_rate_ratio", "items_per_order", "top_category", "signup_source",
    *customer_scores.PREDICTION_COLUMNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Person:
    shop: ShopSettings
    rows: list[CustomerRow]
    models: LiveModels
    scores: Mapping[str, Any]


def describe_customer(shop_id: int, customer_id: int, *, as_of: datetime) -> CustomerStory:
    """Tell everything of the person that this row belongs to.

    Figures are the stored ones, true for their own ``as_of``; of somebody who came since the last refresh
    they are worked out for the one that is given.

    Raises
    ------
    NotFoundError
        There is no such customer.
    RefusedError
        The shop has not been refreshed yet, so there are no edges to mark anybody against.
    """
    with transaction(shop_id) as connection:
        person = _read_person(connection, shop_id, customer_id, as_of=as_of)
        row_ids = [row.customer_id for row in person.rows]
        facts = read_ledger_facts(shop_id, [person.rows[0].person_id], rules_of(person.shop))
        judged = judge(facts, rules_of(person.shop), as_of=person.scores["as_of"])
        orders = order_stories(connection, row_ids, judged)
        names = segment_names(person.shop, person.models)
        moved = MovedBy(facts, judged, person.scores, person.shop, person.models, names)
        own = {each.slug: each.name for each in own_segments.list_live(connection)}
        return CustomerStory(
            **_details(person.rows),
            **{name: person.scores[name] for name in _FIGURES},
            currency=person.shop.currency,
            timezone=person.shop.timezone,
            segment_name=find_group(person.scores["segment"], person.shop, person.models).name,
            segment_since=person.scores.get("segment_since"),
            rfm_group_name=find_group(person.scores["rfm_group"], person.shop, person.models).name,
            own_segments=tuple(own[slug] for slug in person.scores["own_segments"] or () if slug in own),
            reason=reason(person.scores, person.models, person.shop, order_total=judged.height),
            why=why_words(person.scores, person.models, person.shop),
            moves=customer_moves(moved, usual_value=_usual_value(connection)).words,
            marks=mark_stories(person.scores, person.models.edges, person.shop.currency),
            orders=orders,
            older_order_count=judged.height - len(orders),
            loose_refunds=loose_refund_stories(connection, row_ids),
            identities=_identities(connection, person.rows),
            changes=_changes(connection, person),
        )


def _details(rows: Sequence[CustomerRow]) -> dict[str, Any]:
    """Return who it is: name, address and phone from any row, the rest from the person's own."""
    own, contact = rows[0], people.contact_of(rows)
    told = ("shopify_id", "email_consent", "sms_consent", "data_sale_opt_out", "tags", "country", "created_at")
    return {
        "customer_id": own.person_id,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        **{name: getattr(own, name) for name in told},
    }


def _read_person(connection: Connection, shop_id: int, customer_id: int, *, as_of: datetime) -> _Person:
    shop = shop_settings.read(connection)
    person_ids = people.list_people_of(connection, [customer_id])
    rows = people.list_rows(connection, shop_id, person_ids)
    if not rows:
        raise NotFoundError(f"There is no customer {customer_id} in this shop.")
    edges = find_edges(connection)
    if edges is None:
        raise RefusedError("This shop has no segments yet; `kindred refresh` works them out.")
    models = read_models(connection, edges)
    scores = customer_scores.find(connection, person_ids[0])
    return _Person(shop, rows, models, scores or _worked_out(shop_id, person_ids[0], shop, models, as_of))


def _worked_out(
    shop_id: int, person_id: int, shop: ShopSettings, models: LiveModels, as_of: datetime
) -> dict[str, Any]:
    features = measure_people(shop_id, [person_id], shop, as_of=as_of).features
    scores = score(shop_id, [person_id], features, shop, models, as_of=as_of).row(0, named=True)
    own = scores["own_segments"]
    return {**scores, "own_segments": own.strip("{}").split(",") if own else None}


def _usual_value(connection: Connection) -> int:
    """Return what an order of this shop usually brings, as far as its overview knows."""
    newest = segment_runs.read_newest(connection)
    return round((newest or {}).get("average_order_value") or 0)


def _identities(connection: Connection, rows: Sequence[CustomerRow]) -> tuple[IdentityStory, ...]:
    counts = order_history.count_by_row(connection, [row.customer_id for row in rows])
    return tuple(
        IdentityStory(
            customer_id=row.customer_id,
            shopify_id=row.shopify_id,
            source=row.source,
            source_key=row.source_key,
            name=row.name,
            email=row.email,
            phone=row.phone,
            order_count=counts.get(row.customer_id, 0),
            kept_apart=row.kept_apart,
            why=_why_one(row, [other for other in rows if other is not row]),
        )
        for row in rows
    )


def _why_one(row: CustomerRow, others: Sequence[CustomerRow]) -> str:
    """Say by what a row is tied to the person's others."""
    ids = {other.customer_id for other in others}
    if row.merged_into_id in ids or any(other.merged_into_id == row.customer_id for other in others):
        return "merged in Shopify"
    if row.email_hash and any(other.email_hash == row.email_hash for other in others):
        return "same e-mail address"
    if row.phone_hash and any(other.phone_hash == row.phone_hash for other in others):
        return "same phone"
    return ""


def _changes(connection: Connection, person: _Person) -> tuple[ChangeStory, ...]:
    def name(slug: str | None) -> str | None:
        return find_group(slug, person.shop, person.models).name if slug else None

    moves = membership_changes.list_of_customer(connection, person.rows[0].person_id)
    return tuple(ChangeStory(move.changed_at, name(move.from_segment), name(move.to_segment)) for move in moves)
