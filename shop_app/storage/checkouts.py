"""Carts and checkouts: who, when, what and for how much, and whether an order came of it.

They are known by the keyed hash of their token: whoever knows the token itself can open them. An order tells
which cart and which checkout it came from, often before they do: its mark waits for them in a bare row, which
was told of never (``told_at`` is the beginning of time).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage import gone
from shop_app.storage.encryption import match_hash

_SHOP = "current_setting('app.shop_id')::bigint"
_NEVER = "to_timestamp(0)"
_VALUES = ("started_at", "completed_at", "currency", "value", "item_count", "product_shopify_ids")

_WRITE = f"""
    INSERT INTO checkouts AS kept (shop_id, kind, token_hash, shopify_id, customer_shopify_id, fact_at, told_at,
        cart_token_hash, {", ".join(_VALUES)})
    VALUES ({_SHOP}, :kind, :token_hash, :shopify_id, :customer_shopify_id, :fact_at, :told_at,
        :cart_token_hash, {", ".join(f":{name}" for name in _VALUES)})
    ON CONFLICT (shop_id, kind, token_hash) DO UPDATE SET
        {", ".join(f"{name} = EXCLUDED.{name}" for name in _VALUES)},
        shopify_id = EXCLUDED.shopify_id, cart_token_hash = EXCLUDED.cart_token_hash,
        fact_at = EXCLUDED.fact_at, told_at = EXCLUDED.told_at,
        customer_shopify_id = CASE WHEN kept.recovered_at IS NOT NULL AND kept.customer_shopify_id IS NOT NULL
            THEN kept.customer_shopify_id ELSE EXCLUDED.customer_shopify_id END
    WHERE (EXCLUDED.fact_at, EXCLUDED.told_at) >= (kept.fact_at, kept.told_at)"""

_MARK_ORDERED = f"""
    INSERT INTO checkouts AS kept (shop_id, kind, token_hash, customer_shopify_id, started_at, fact_at, told_at,
        recovered_at)
    VALUES ({_SHOP}, :kind, :token_hash, :customer_shopify_id, :ordered_at, {_NEVER}, {_NEVER}, :ordered_at)
    ON CONFLICT (shop_id, kind, token_hash) DO UPDATE SET
        recovered_at = LEAST(kept.recovered_at, EXCLUDED.recovered_at),
        customer_shopify_id = COALESCE(EXCLUDED.customer_shopify_id, kept.customer_shopify_id)"""

_MARK_GONE = f"""
    INSERT INTO checkouts AS kept (shop_id, kind, token_hash, started_at, fact_at, told_at, deleted_at)
    VALUES ({_SHOP}, 'checkout', :token_hash, :at, {_NEVER}, {_NEVER}, :at)
    ON CONFLICT (shop_id, kind, token_hash) DO UPDATE SET
        deleted_at = LEAST(kept.deleted_at, EXCLUDED.deleted_at)"""

_SETTLE_GONE = """
    UPDATE checkouts c SET deleted_at = LEAST(c.deleted_at, mark.deleted_at)
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:hashes AS bytea[])) AS told (number, hash)
    JOIN checkouts mark ON mark.kind = 'checkout' AND mark.token_hash = told.hash
    WHERE c.kind = 'checkout' AND c.shopify_id = told.number"""

_TIE_CUSTOMERS = """
    UPDATE checkouts c SET customer_id = k.id FROM customers k
    WHERE c.customer_shopify_id = ANY(CAST(:numbers AS bigint[])) AND k.shopify_id = c.customer_shopify_id
      AND c.customer_id IS DISTINCT FROM k.id"""


@dataclass(frozen=True, slots=True)
class Basket:
    """One version of a cart or a checkout; ``value`` is minor units of ``currency``."""

    kind: str
    token: str = field(repr=False)
    cart_token: str | None = field(repr=False)
    shopify_id: int | None
    customer_shopify_id: int | None
    fact_at: datetime
    told_at: datetime
    started_at: datetime
    completed_at: datetime | None
    currency: str
    value: int | None
    item_count: float
    product_shopify_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """That an order came of a cart or a checkout, by whom and when."""

    kind: str
    token: str = field(repr=False)
    customer_shopify_id: int | None
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class BasketCounts:
    """What became of the checkouts that were begun in a stretch of time, or of the carts."""

    kind: str
    begun: int
    ordered: int
    value_left: int


def take(connection: Connection, shop_id: int, baskets: Sequence[Basket]) -> None:
    """Write each where it is newer than what is kept."""
    if not baskets:
        return
    erased = _erased(connection, shop_id, [each.customer_shopify_id for each in baskets])
    rows = [
        {
            "kind": each.kind,
            "token_hash": _token_hash(each.kind, each.token, shop_id),
            "cart_token_hash": None
            if each.cart_token is None
            else _token_hash("cart", each.cart_token, shop_id),
            "shopify_id": each.shopify_id,
            "customer_shopify_id": None if each.customer_shopify_id in erased else each.customer_shopify_id,
            "fact_at": each.fact_at,
            "told_at": each.told_at,
            "product_shopify_ids": list(each.product_shopify_ids),
            **{name: getattr(each, name) for name in _VALUES if name != "product_shopify_ids"},
        }
        for each in sorted(
            baskets, key=lambda basket: (basket.kind, basket.token, basket.fact_at, basket.told_at)
        )
    ]
    connection.execute(text(_WRITE), rows)
    numbers = sorted({each.shopify_id for each in baskets if each.shopify_id is not None})
    hashes = [_gone_hash(number, shop_id) for number in numbers]
    connection.execute(text(_SETTLE_GONE), {"numbers": numbers, "hashes": hashes})


def mark_ordered(connection: Connection, shop_id: int, ordered: Sequence[Ordered]) -> None:
    """Say of which carts and checkouts an order came."""
    if not ordered:
        return
    erased = _erased(connection, shop_id, [each.customer_shopify_id for each in ordered])
    rows = [
        {
            "kind": each.kind,
            "token_hash": _token_hash(each.kind, each.token, shop_id),
            "customer_shopify_id": None if each.customer_shopify_id in erased else each.customer_shopify_id,
            "ordered_at": each.ordered_at,
        }
        for each in sorted(ordered, key=lambda mark: (mark.kind, mark.token, mark.ordered_at))
    ]
    connection.execute(text(_MARK_ORDERED), rows)


def mark_gone(connection: Connection, shop_id: int, shopify_ids: Sequence[int], *, at: datetime) -> None:
    """Say that checkouts were deleted, which may be told before they are."""
    numbers = sorted(set(shopify_ids))
    if not numbers:
        return
    hashes = [_gone_hash(number, shop_id) for number in numbers]
    connection.execute(text(_MARK_GONE), [{"token_hash": found, "at": at} for found in hashes])
    connection.execute(text(_SETTLE_GONE), {"numbers": numbers, "hashes": hashes})


def tie_customers(connection: Connection, shopify_ids: Sequence[int]) -> None:
    """Point carts and checkouts to the customers' own rows, once both are here."""
    connection.execute(text(_TIE_CUSTOMERS), {"numbers": sorted(set(shopify_ids))})


def count_since(
    connection: Connection, since: datetime, *, currency: str, quiet_before: datetime
) -> list[BasketCounts]:
    """Count what was begun since then, and what is left in those that nobody has touched for a while.

    ``value_left`` is minor units of ``currency``; what is in other money is not in it.
    """
    rows = connection.execute(
        text(f"""
            SELECT kind, count(*) AS begun,
                count(*) FILTER (WHERE completed_at IS NOT NULL OR recovered_at IS NOT NULL) AS ordered,
                COALESCE(sum(value) FILTER (WHERE completed_at IS NULL AND recovered_at IS NULL
                    AND currency = :currency AND fact_at < :quiet), 0) AS value_left
            FROM checkouts WHERE started_at >= :since AND told_at > {_NEVER} GROUP BY kind ORDER BY kind"""),
        {"since": since, "currency": currency, "quiet": quiet_before},
    )
    return [BasketCounts(row.kind, row.begun, row.ordered, int(row.value_left)) for row in rows]


def _erased(connection: Connection, shop_id: int, numbers: Sequence[int | None]) -> set[int]:
    known = sorted({number for number in numbers if number is not None})
    return gone.list_erased_numbers(connection, shop_id, known) if known else set()


def _token_hash(kind: str, token: str, shop_id: int) -> bytes:
    return match_hash(token, kind=f"{kind} token", shop_id=shop_id)


def _gone_hash(shopify_id: int, shop_id: int) -> bytes:
    return match_hash(str(shopify_id), kind="deleted checkout", shop_id=shop_id)
