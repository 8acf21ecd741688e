"""What customers do besides ordering, as it was known at a moment: checkouts they began, a tag of members."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from shop_app.storage.engine import read_frame
from shop_app.storage.ledger_facts import literal

_ABANDONED_AFTER = "interval '1 hour'"
"""Who is still typing has not left; Shopify counts a checkout as abandoned a while after it was begun, too."""


def read_signals(
    shop_id: int, person_ids: Sequence[int] | None, *, as_of: datetime, currency: str, member_tag: str
) -> pl.DataFrame:
    """Return what is known of these people (of everybody for ``None``) besides their orders.

    A column is there only where the shop can know: checkouts once it has any, ``is_member`` once a tag is set.
    Who then has no checkout has begun none. Tags carry no date: a member of today counts as one always.

    Returns
    -------
    polars.DataFrame
        ``customer_id`` and some of ``checkouts_abandoned_90d``, ``abandoned_value_90d`` (minor units of the
        shop's currency; checkouts in another are left out of it), ``last_checkout_days``, ``is_member``,
        ``email_clicks_30d``, ``last_click_days`` (null for whom Klaviyo does not know).
    """
    whom = _whom(person_ids)
    people = f"SELECT DISTINCT c.person_id AS customer_id FROM customers c WHERE {whom}"
    frames = read_frame(
        shop_id,
        f"SELECT EXISTS (SELECT FROM checkouts WHERE kind = 'checkout' AND started_at <= {_moment(as_of)}) "
        "AS known",
        f"{people} ORDER BY 1",
        _checkouts(whom, as_of, currency),
        _members(whom, member_tag),
        f"SELECT EXISTS (SELECT FROM email_engagement WHERE day <= {_moment(as_of)}) AS known",
        _clicks(whom, as_of),
    )
    has_checkouts, everybody, checkouts, members, has_clicks, clicks = frames
    if has_checkouts["known"].item():
        everybody = everybody.join(checkouts, on="customer_id", how="left", maintain_order="left")
        everybody = everybody.with_columns(
            pl.col("checkouts_abandoned_90d", "abandoned_value_90d").fill_null(0).cast(pl.Int64)
        )
    if member_tag:
        are = pl.col("customer_id").is_in(members["customer_id"].implode())
        everybody = everybody.with_columns(is_member=are)
    if has_clicks["known"].item():
        everybody = everybody.join(clicks, on="customer_id", how="left", maintain_order="left")
    return everybody


def _checkouts(whom: str, as_of: datetime, currency: str) -> str:
    moment = _moment(as_of)
    left = (
        f"k.started_at > {moment} - interval '90 days' AND k.started_at <= {moment} - {_ABANDONED_AFTER} "
        f"AND coalesce(k.completed_at > {moment}, true) AND coalesce(k.recovered_at > {moment}, true)"
    )
    return f"""
        SELECT c.person_id AS customer_id, count(*) FILTER (WHERE {left}) AS checkouts_abandoned_90d,
               coalesce(sum(k.value) FILTER (WHERE {left} AND k.currency = {literal(currency)}), 0)::bigint
                   AS abandoned_value_90d,
               (extract(epoch FROM {moment} - max(k.started_at)) / 86400)::double precision
                   AS last_checkout_days
        FROM checkouts k JOIN customers c ON c.shop_id = k.shop_id AND c.id = k.customer_id
        WHERE k.kind = 'checkout' AND k.started_at <= {moment} AND k.deleted_at IS NULL AND {whom}
        GROUP BY c.person_id ORDER BY 1"""


def _clicks(whom: str, as_of: datetime) -> str:
    """Count clicks in e-mails of those whom Klaviyo knows: of anybody else nothing is known."""
    moment = _moment(as_of)
    return f"""
        SELECT c.person_id AS customer_id,
               COALESCE(sum(e.clicked) FILTER (WHERE e.day > ({moment} - interval '30 days')::date), 0)::bigint
                   AS email_clicks_30d,
               (extract(epoch FROM {moment} - max(e.last_click_at)) / 86400)::double precision
                   AS last_click_days
        FROM customers c JOIN push_states s ON s.shop_id = c.shop_id AND s.customer_id = c.id
        LEFT JOIN email_engagement e ON e.shop_id = c.shop_id AND e.customer_id = c.id
          AND e.day <= {moment}::date AND COALESCE(e.last_click_at <= {moment}, true)
        WHERE s.destination = 'klaviyo' AND s.remote_id IS NOT NULL AND {whom}
        GROUP BY c.person_id ORDER BY 1"""


def _members(whom: str, member_tag: str) -> str:
    tag = literal(member_tag.strip().lower())
    return (
        f"SELECT DISTINCT c.person_id AS customer_id FROM customers c WHERE {whom} AND "
        f"{'true' if member_tag else 'false'} AND EXISTS (SELECT FROM unnest(c.tags) AS tag "
        f"WHERE lower(btrim(tag)) = {tag}) ORDER BY 1"
    )


def _whom(person_ids: Sequence[int] | None) -> str:
    if person_ids is None:
        return "true"
    ids = ",".join(str(int(person_id)) for person_id in person_ids)
    return f"c.person_id = ANY('{{{ids}}}'::bigint[])"


def _moment(as_of: datetime) -> str:
    return f"'{as_of.astimezone(UTC).isoformat()}'::timestamptz"
