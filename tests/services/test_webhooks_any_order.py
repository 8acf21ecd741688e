"""In whatever order webhooks come, and however often: in the end there is the newest version of each thing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from deliveries import Sender, an_id, connect, hosted_app
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stored_rows import a_shop
from tellings import customers
from webhook_bodies import NOON, a_customer_body, a_line_body, a_product_body, an_order_body, minute, stamp

FEW = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller example is not worth minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ORDERS, PEOPLE, PRODUCTS = 2, 2, 1


@dataclass(frozen=True)
class Story:
    """What happened in a shop: which versions of each thing were told of, and what is gone."""

    orders: tuple[tuple[int, ...], ...]
    people: tuple[tuple[int, ...], ...]
    products: tuple[tuple[int, ...], ...]
    checkouts: tuple[int, ...]
    gone_orders: frozenset[int]
    gone_people: frozenset[int]
    merged: bool
    order_of_arrival: Any
    pauses: frozenset[int]


def some_versions(count):
    versions = st.sets(st.integers(1, 3), min_size=1).map(lambda found: tuple(sorted(found)))
    return st.tuples(*[versions for _ in range(count)])


@st.composite
def stories(draw):
    orders, people = draw(some_versions(ORDERS)), draw(some_versions(PEOPLE))
    products, (checkouts,) = draw(some_versions(PRODUCTS)), draw(some_versions(1))
    gone_orders = draw(st.frozensets(st.integers(0, ORDERS - 1), max_size=1))
    gone_people = draw(st.frozensets(st.integers(0, PEOPLE - 1), max_size=1))
    merged = draw(st.booleans())
    told = [
        *(("order", number, version) for number, found in enumerate(orders) for version in found),
        *(("person", number, version) for number, found in enumerate(people) for version in found),
        *(("consent", 0, version) for version in (1, 2)),
        *(("product", number, version) for number, found in enumerate(products) for version in found),
        *(("checkout", 0, version) for version in checkouts),
        *(("order gone", number, 0) for number in gone_orders),
        *(("person gone", number, 0) for number in gone_people),
        *((("merge", 0, 0),) if merged else ()),
    ]
    again = draw(st.lists(st.sampled_from(told), max_size=4))
    arrival = draw(st.permutations([*told, *again]))
    pauses = draw(st.frozensets(st.integers(0, len(arrival)), max_size=3))
    return Story(orders, people, products, checkouts, gone_orders, gone_people, merged, arrival, pauses)


class Numbers:
    """Shopify's numbers for one telling of a story: no two shops share any."""

    def __init__(self):
        self.orders = [an_id() for _ in range(ORDERS)]
        self.people = [an_id() for _ in range(PEOPLE)]
        self.products = [an_id() for _ in range(PRODUCTS)]
        self.checkout = an_id()


def delivery(numbers, kind, number, version):
    """Return topic and body of one delivery; it is triggered at its version's minute."""
    topic, make = TOPICS[kind]
    return topic, make(numbers, number, version)


def person_body(numbers, number, version):
    named = {"first_name": f"Ann {version}", "updated_at": minute(version), "phone": None}
    return a_customer_body(numbers.people[number], **named)


def consent_body(numbers, number, version):
    state = {"state": ["subscribed", "unsubscribed"][version - 1], "consent_updated_at": stamp(minute(version))}
    return {"customer_id": numbers.people[number], "email_marketing_consent": state}


def product_body(numbers, number, version):
    return a_product_body(numbers.products[number], title=f"Tea {version}", updated_at=minute(version))


def checkout_body(numbers, _number, version):
    return {
        "id": numbers.checkout,
        "token": f"t{numbers.checkout}",
        "currency": "EUR",
        "total_price": f"{version}.00",
        "created_at": stamp(NOON),
        "updated_at": stamp(minute(version)),
    }


def merge_body(numbers, _number, _version):
    kept, lost = (f"gid://shopify/Customer/{one}" for one in numbers.people)
    return {
        "admin_graphql_api_customer_kept_id": kept,
        "admin_graphql_api_customer_deleted_id": lost,
        "status": "completed",
    }


def order_body(numbers, number, version):
    refund = {"id": numbers.orders[number] + 5, "created_at": stamp(NOON)}
    paid = [{"kind": "refund", "status": "success", "amount": f"{version}.00"}]
    return an_order_body(
        numbers.orders[number],
        updated_at=minute(version),
        total=f"{10 * version}.00",
        customer=numbers.people[number],
        email=f"c{numbers.people[number]}@example.com",
        lines=[a_line_body(place, price=f"{version}.00") for place in range(1, version + 1)],
        refunds=[refund | {"transactions": paid}] if version > 1 else [],
        checkout_token=f"t{numbers.checkout}" if number == 0 else None,
    )


TOPICS = {
    "order": ("orders/updated", order_body),
    "person": ("customers/update", person_body),
    "consent": ("customers_email_marketing_consent/update", consent_body),
    "product": ("products/update", product_body),
    "checkout": ("checkouts/update", checkout_body),
    "merge": ("customers/merge", merge_body),
    "order gone": ("orders/delete", lambda numbers, number, _version: {"id": numbers.orders[number]}),
    "person gone": (
        "customers/delete",
        lambda numbers, number, _version: {"id": numbers.people[number], "addresses": []},
    ),
}


def tell(sender, numbers, story):
    for place, what in enumerate(story.order_of_arrival):
        if place in story.pauses:
            sender.drain()
        topic, body = delivery(numbers, *what)
        sender.send(topic, body, at=minute(what[2]), Webhook_Id=f"{numbers.checkout}-{what}")
    sender.drain()


def expected_orders(story):
    newest = [(number, max(versions)) for number, versions in enumerate(story.orders)]
    return [
        (number, 1000 * version, version, [100 * version] * version, [100 * version] if version > 1 else [])
        for number, version in newest
        if number not in story.gone_orders
    ]


def stored_orders(sender, numbers):
    found = []
    for row in sender.orders():
        of_it = {"id": row["id"]}
        lines = sender.rows("SELECT total FROM line_items WHERE order_id = :id ORDER BY line_no", **of_it)
        refunds = sender.rows("SELECT amount FROM refunds WHERE order_id = :id", **of_it)
        version = (row["fact_at"] - NOON) // timedelta(minutes=1)
        found.append(
            (
                numbers.orders.index(row["shopify_id"]),
                row["total"],
                version,
                [each["total"] for each in lines],
                [each["amount"] for each in refunds],
            )
        )
    return found


def expected_people(story):
    return [
        (
            None if number in story.gone_people else f"Ann {max(versions)}",
            "unsubscribed" if number == 0 and number not in story.gone_people else None,
            number in story.gone_people,
        )
        for number, versions in enumerate(story.people)
    ]


def stored_people(sender, numbers):
    rows = {row["shopify_id"]: row for row in customers(sender.shop_id)}
    assert sorted(rows) == sorted(numbers.people)
    return [
        (rows[number]["first_name"], rows[number]["email_consent"], rows[number]["deleted_at"] is not None)
        for number in numbers.people
    ]


@FEW
@given(story=stories())
def test_any_order_and_repetition_leaves_the_newest_version_of_each(settings, database, story):
    sender, numbers = Sender(hosted_app(settings), a_shop()), Numbers()
    connect(sender.shop_id)
    tell(sender, numbers, story)
    assert set(sender.states()) == {"done"}
    assert len(sender.inbox()) == len(set(story.order_of_arrival))
    assert stored_orders(sender, numbers) == expected_orders(story)
    assert stored_people(sender, numbers) == expected_people(story)
    ids = {
        row["shopify_id"]: row for row in sender.rows("SELECT id, shopify_id, merged_into_id FROM customers")
    }
    kept, lost = numbers.people
    assert ids[lost]["merged_into_id"] == (ids[kept]["id"] if story.merged else None)
    titles = sender.rows("SELECT title FROM catalogue_products")
    assert titles == [{"title": f"Tea {max(versions)}"} for versions in story.products]
    (checkout,) = sender.rows("SELECT value, recovered_at FROM checkouts WHERE kind = 'checkout'")
    assert checkout == {"value": 100 * max(story.checkouts), "recovered_at": NOON - timedelta(days=1)}
