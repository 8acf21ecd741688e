"""A shop that sells tea, cups, honey and a jumper, ready for offers to be made of them in its stand-in."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from tellings import one, rows

from sandbox.shopify import documents, installs
from shop_app.bundles.terms import Form, Part, Terms
from shop_app.services.decide_bundles import DUE, approve_bundle
from shop_app.services.draft_bundles import draft_bundle
from shop_app.services.keep_bundles import keep_bundles_due
from shop_app.services.read_changes import read_changes_since
from shop_app.storage import bundles, due_work
from shop_app.storage.engine import shopless, transaction

SCOPES = ["write_products", "write_discounts", "write_publications"]
"""What offers need besides what every shop has granted."""
NOW = datetime.now(tz=UTC).replace(microsecond=0)
"""The stand-in goes by the real clock."""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TEA, CUP, HONEY, JUMPER = 7, 8, 9, 11
PRICES = {TEA: 1000, CUP: 800, HONEY: 600, JUMPER: 4000}
SEGMENT_NUMBER = 771


@pytest.fixture
def offers(store):
    """The id of a shop whose things can be offered together, with every scope that takes."""
    return an_offer_shop(store)


def an_offer_shop(store, *, stock=100, scopes=SCOPES):
    """Connect the store and read what it sells: each thing costs the shop 30 % of its price."""
    store.scopes = [*store.scopes, *scopes]
    installs.grant(store.world, store.domain, list(scopes))
    found = store.connect(NOW - timedelta(days=30))
    for number, price in PRICES.items():
        product = documents.make_product(number, f"Thing {number}", "2026-06-01T10:00:00Z")
        if number == JUMPER:
            product["options"] = [
                {"id": 1101, "name": "Size", "position": 1, "values": ["M", "L"]},
                {"id": 1102, "name": "Colour", "position": 2, "values": ["Red", "Blue"]},
            ]
        store.put("product", product)
        variant = documents.make_variant(
            number * 10, number, price=price, cost=price * 3 // 10, inventoryQuantity=stock, sku=f"S{number}"
        )
        if number == JUMPER:
            chosen = [{"name": "Size", "value": "L"}, {"name": "Colour", "value": "Red"}]
            variant |= {"title": "L / Red", "selectedOptions": chosen}
        store.put("variant", variant, parent=number)
    read_changes_since(found, LONG_AGO, NOW)
    return found


def item(shop_id, number):
    """Our number of the only variant of a product."""
    return one(shop_id, f"SELECT id FROM products WHERE source_key = 'variant:{number * 10}'")["id"]


def change_variants(shop_id, store, changes):
    """Change variants in Shopify, by their product, and have it told here."""
    for number, fields in changes.items():
        store.put("variant", store.find("variant", number * 10) | fields, parent=number)
        store.put("product", documents.touch(store.find("product", number)))
    read_changes_since(shop_id, LONG_AGO, NOW)


def a_native_segment(shop_id, store, slug="champions"):
    """A segment in Shopify that stands for one of ours, as the labels that were sent have left it."""
    query = f"customer_tags CONTAINS 'kindred:{slug}'"
    store.put("segment", {"id": SEGMENT_NUMBER, "name": f"Kindred: {slug}", "query": query})
    with transaction(shop_id) as connection:
        connection.execute(
            text("""
                INSERT INTO remote_groups (shop_id, destination, role, slug, remote_id, name, made_at)
                VALUES (:shop, 'shopify', 'segment', :slug, :gid, :name, now())"""),
            {
                "shop": shop_id,
                "slug": slug,
                "gid": f"gid://shopify/Segment/{SEGMENT_NUMBER}",
                "name": f"Kindred: {slug}",
            },
        )


def buy_get(shop_id, **changes):
    """With the tea, the cup is 15 % cheaper."""
    given = {"buys": (item(shop_id, TEA),), "gets": (item(shop_id, CUP),), "discount_percent": 15}
    return Terms(Form.BUY_GET, **(given | changes))


def fixed(shop_id, *, parts=((TEA, 1), (CUP, 2)), price=2300, **changes):
    """Tea with two cups at one price."""
    made = tuple(Part(item(shop_id, number), quantity) for number, quantity in parts)
    return Terms(Form.FIXED, parts=made, price=price, **changes)


def approved(shop_id, terms, *, title="Tea for two", at=NOW):
    """Draft an offer and approve it as it was shown; return its number."""
    draft = draft_bundle(shop_id, terms, title=title, facts={}, who="Ann", at=at)
    approve_bundle(shop_id, draft.id, who="Ann", at=at, fingerprint=draft.fingerprint)
    return draft.id


def kept(shop_id, now=NOW, rounds=12):
    """Do what is due, as often as a worker would within half a minute; return the moment of the last."""
    for _ in range(rounds):
        keep_bundles_due(shop_id, now=now)
        with shopless() as connection:
            due = due_work.list_of_shop(connection, shop_id).get(DUE)
        if due is None or due - now > timedelta(seconds=30):
            break
        now = max(now, due)
    return now


def bundle(shop_id, bundle_id):
    with transaction(shop_id) as connection:
        return bundles.find(connection, bundle_id)


def steps(shop_id, bundle_id):
    return [
        (row["deed"], row["state"])
        for row in rows(shop_id, f"SELECT * FROM bundle_steps WHERE bundle_id = {bundle_id} ORDER BY no")
    ]


def discounts(store):
    return list(store.world.state.each(store.domain, "discount"))


def made_products(store):
    """The products that an app has put together."""
    return [each for each in store.world.state.each(store.domain, "product") if each.get("madeByClient")]


def count_made(store):
    """How many discounts and bundles there are."""
    return len(discounts(store)) + len(made_products(store))


def kinds(shop_id):
    """One offer of each kind of thing that is made."""
    return {"fixed": fixed(shop_id), "buy-get": buy_get(shop_id), "code": buy_get(shop_id, code="TEA-15")}


def notes(store):
    """What each product says of offers, by its number."""
    return {
        each["ownerId"]: each["value"]
        for each in store.world.state.each(store.domain, "metafield")
        if each["ownerKind"] == "product"
    }


_KINDS = (
    *("product", "variant", "discount", "metafield", "metafield_definition", "customer", "order", "segment"),
    *("collection", "shop"),
)


def everything(store):
    """All that stands in the store, but for when a thing was changed last."""
    return {
        kind: {
            each["id"]: {name: value for name, value in each.items() if name != "updatedAt"}
            for each in store.world.state.each(store.domain, kind)
        }
        for kind in _KINDS
    }
