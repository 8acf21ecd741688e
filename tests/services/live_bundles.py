"""Offers that are live and orders beside them, as they lie in the database: tea and a cup."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from stored_rows import a_product, an_order

from shop_app.services.measure_bundles import measure_bundles
from shop_app.storage import bundles
from shop_app.storage.engine import transaction

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BEGAN = NOW - timedelta(days=50)
TEA_COST, CUP_COST = 400, 300


def variant(shop_id, number, price, cost):
    """A variant with its cost, as an order's line speaks of it."""
    product = a_product(shop_id, title=f"Item {number}", source_key=f"variant:{number}", source="shopify")
    with transaction(shop_id) as connection:
        connection.execute(
            text(
                "INSERT INTO catalogue_variants (shop_id, shopify_id, product_shopify_id, price, cost, "
                "currency) VALUES (:shop, :number, :number, :price, :cost, 'EUR')"
            ),
            {"shop": shop_id, "number": number, "price": price, "cost": cost},
        )
    return product


def bought(shop_id, who, at, *lines, code=None):
    """An order of (item, list price, paid) with one piece each."""
    order = an_order(
        shop_id,
        who,
        at=at,
        total=sum(paid for _, _, paid in lines),
        lines=[(item, paid) for item, _, paid in lines],
        discount_codes=[code] if code else None,
    )
    with transaction(shop_id) as connection:
        for number, (_, price, paid) in enumerate(lines, start=1):
            connection.execute(
                text(
                    "UPDATE line_items SET unit_price = :price, discount = :less "
                    "WHERE order_id = :order AND line_no = :number"
                ),
                {"price": price, "less": price - paid, "order": order, "number": number},
            )
    return order


def a_live_bundle(shop_id, terms, arms=(), live_from=BEGAN):
    with transaction(shop_id) as connection:
        made = bundles.add_draft(connection, "Tea and cup", terms, {}, who="Ann", at=BEGAN)
        connection.execute(
            text("UPDATE bundles SET state = 'live', live_from = :at WHERE id = :id"),
            {"id": made.id, "at": live_from},
        )
        for customer, arm in arms:
            connection.execute(
                text(
                    "INSERT INTO bundle_arms (shop_id, bundle_id, customer_id, arm, assigned_at, predicted) "
                    "VALUES (:shop, :bundle, :customer, :arm, :at, 1000)"
                ),
                {"shop": shop_id, "bundle": made.id, "customer": customer, "arm": arm, "at": BEGAN},
            )
    return made.id


def result(shop_id, bundle_id):
    measure_bundles(shop_id, as_of=NOW, at=NOW)
    with transaction(shop_id) as connection:
        return bundles.find(connection, bundle_id).result


@pytest.fixture
def tea(shop_id):
    return variant(shop_id, shop_id * 10 + 1, 1000, TEA_COST)


@pytest.fixture
def cup(shop_id):
    return variant(shop_id, shop_id * 10 + 2, 800, CUP_COST)
