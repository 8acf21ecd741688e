"""The catalogue: the newest telling is the truth, sets are replaced as sets, what was deleted stays away."""

from datetime import UTC, datetime, timedelta

import pytest
from bulk_shopify import a_collection, a_product, an_order
from sqlalchemy import text
from tellings import rows

from shop_app.services.take_facts import take_facts
from shop_app.shopify.nodes import collections_to_catalogue, orders_to_facts, products_to_catalogue
from shop_app.storage import catalogue
from shop_app.storage.engine import transaction

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def below(nodes, name):
    return [{**root, name: {"nodes": children}} for root, children in nodes]


def tell(shop_id, *products, at=NOW, knows_cost=True):
    told = products_to_catalogue(below(products, "variants"), "EUR", at)
    with transaction(shop_id) as connection:
        return catalogue.take_products(connection, told, at=at, currency="EUR", knows_cost=knows_cost)


def tell_collections(shop_id, *collections, at=NOW):
    with transaction(shop_id) as connection:
        return catalogue.take_collections(
            connection, collections_to_catalogue(below(collections, "products")), at=at
        )


def order(shop_id, number, **other):
    root, lines = an_order(number, **other)
    with transaction(shop_id) as connection:
        facts = orders_to_facts([{**root, "lineItems": {"nodes": lines}}], "EUR", NOW)
        take_facts(connection, shop_id, facts, at=NOW, currency="EUR")


def products(shop_id):
    return rows(
        shop_id, "SELECT shopify_id, title, status, tags, deleted_at FROM catalogue_products ORDER BY 1"
    )


def variants(shop_id):
    found = rows(shop_id, "SELECT shopify_id, price, cost, currency FROM catalogue_variants ORDER BY 1")
    return [tuple(row.values()) for row in found]


def test_a_product_comes_with_its_variants_their_prices_and_costs(shop_id):
    assert tell(shop_id, a_product(1, variants=2)) == 1
    assert products(shop_id) == [
        {
            "shopify_id": 1,
            "title": "Tea of the house 1",
            "status": "active",
            "tags": ["green", "loose"],
            "deleted_at": None,
        }
    ]
    assert variants(shop_id) == [(11, 1_000, 420, "EUR"), (1_011, 1_000, 420, "EUR")]


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_newest_telling_stays_and_its_variants_are_all_there_are(shop_id, newest_first):
    old = a_product(1, variants=3, at="2026-01-01T00:00:00Z", title="Old")
    new = a_product(1, variants=1, at="2026-02-01T00:00:00Z", title="New")
    for told in (new, old) if newest_first else (old, new):
        tell(shop_id, told)
    assert [row["title"] for row in products(shop_id)] == ["New"]
    assert len(variants(shop_id)) == 1


def test_of_one_second_the_later_telling_stays(shop_id):
    tell(shop_id, a_product(1, title="Later"), at=NOW)
    assert tell(shop_id, a_product(1, title="Earlier"), at=NOW - timedelta(minutes=1)) == 0
    assert [row["title"] for row in products(shop_id)] == ["Later"]


def test_a_telling_without_costs_leaves_the_known_one(shop_id):
    tell(shop_id, a_product(1))
    told = a_product(1, at="2026-03-01T00:00:00Z")
    told[1][0]["inventoryItem"] = None
    tell(shop_id, told, knows_cost=False)
    assert variants(shop_id) == [(11, 1_000, 420, "EUR")]
    tell(shop_id, told)
    assert variants(shop_id) == [(11, 1_000, None, "EUR")]


def test_a_deleted_product_stays_away_whoever_tells_of_it(shop_id):
    tell(shop_id, a_product(1), a_product(2))
    with transaction(shop_id) as connection:
        catalogue.delete_products(connection, [1, 3], at=NOW)
    tell(shop_id, a_product(1, at="2026-12-01T00:00:00Z"), a_product(3), at=NOW + timedelta(days=1))
    assert {row["shopify_id"]: row["deleted_at"] for row in products(shop_id)} == {1: NOW, 2: None}


@pytest.mark.parametrize("catalogue_first", [True, False])
def test_what_was_sold_has_the_catalogues_names_whichever_comes_first(shop_id, catalogue_first):
    if catalogue_first:
        tell(shop_id, a_product(1, variants=2))
        order(shop_id, 1)
    else:
        order(shop_id, 1)
        tell(shop_id, a_product(1, variants=2))
    (sold,) = rows(
        shop_id,
        "SELECT p.* FROM line_items l JOIN products p ON p.id = l.product_id",
    )
    assert (sold["source_key"], sold["title"]) == ("variant:11", "Tea of the house 1 - 0 g")
    assert (sold["sku"], sold["vendor"], sold["category"], sold["shopify_id"]) == (
        "TEA-1-0",
        "Ash & Co",
        "Tea",
        1,
    )


def test_a_new_name_reaches_what_was_sold_long_ago(shop_id):
    tell(shop_id, a_product(1))
    order(shop_id, 1)
    tell(shop_id, a_product(1, at="2026-05-01T00:00:00Z", title="Renamed", productType="Herbs"))
    (sold,) = rows(shop_id, "SELECT title, category FROM products WHERE source_key = 'variant:11'")
    assert (sold["title"], sold["category"]) == ("Renamed", "Herbs")


def test_a_collection_comes_with_all_its_products(shop_id):
    tell_collections(shop_id, a_collection(1, [1, 2, 2]), a_collection(2, []))
    tell_collections(shop_id, a_collection(1, [2, 3], at="2026-02-01T00:00:00Z"))
    tell_collections(shop_id, a_collection(1, [9], at="2025-02-01T00:00:00Z"))
    members = rows(
        shop_id, "SELECT collection_shopify_id AS c, product_shopify_id AS p FROM collection_products"
    )
    assert sorted((row["c"], row["p"]) for row in members) == [(1, 2), (1, 3)]
    assert len(rows(shop_id, "SELECT * FROM catalogue_collections")) == 2


def test_what_a_whole_telling_does_not_hold_is_gone(shop_id):
    tell(shop_id, a_product(1), a_product(2))
    tell_collections(shop_id, a_collection(1, [1]), a_collection(2, [2]))
    later = NOW + timedelta(days=1)
    tell(shop_id, a_product(2), at=later)
    tell_collections(shop_id, a_collection(2, [2]), at=later)
    with transaction(shop_id) as connection:
        for resource in ("products", "collections"):
            catalogue.forget_untold(connection, resource, told_since=later, at=later)
    assert {row["shopify_id"]: row["deleted_at"] for row in products(shop_id)} == {1: later, 2: None}
    assert [row["shopify_id"] for row in rows(shop_id, "SELECT shopify_id FROM catalogue_collections")] == [2]
    assert len(rows(shop_id, "SELECT * FROM collection_products")) == 1
    tell(shop_id, a_product(1, at="2026-06-01T00:00:00Z"), at=later)  # it was no deletion after all
    assert products(shop_id)[0]["deleted_at"] is None


def test_products_may_come_in_the_transaction_of_orders(shop_id):
    root, lines = an_order(1)
    facts = orders_to_facts([{**root, "lineItems": {"nodes": lines}}], "EUR", NOW)
    told = products_to_catalogue(below([a_product(1)], "variants"), "EUR", NOW)
    with transaction(shop_id) as connection:
        take_facts(connection, shop_id, facts, at=NOW, currency="EUR")
        for _ in range(2):
            catalogue.take_products(connection, told, at=NOW, currency="EUR")
        assert connection.execute(text("SELECT count(*) FROM catalogue_products")).scalar_one() == 1
