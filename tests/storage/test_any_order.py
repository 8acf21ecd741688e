"""Whatever order files come in, and however often, the same facts are there in the end."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tellings import (
    SHOPIFY,
    TABLE,
    a_customer,
    a_line,
    a_refund,
    an_order,
    another_shop,
    customers,
    day,
    frames,
    rows,
    tell,
)

from shop_app.storage.known_fields import Authority

FEW = settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller example is not worth minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PRODUCTS = ("TEA", "CUP")


@dataclass(frozen=True)
class Telling:
    """One file: its rows, and how they count."""

    number: int
    rows: Any = field(repr=False)
    kind: Any = field(repr=False)
    authority: Authority = Authority.GLEANED

    def tell(self, shop_id):
        at = day(self.number, month=3)
        tell(shop_id, frames(*self.rows), at=at, authority=self.authority, **self.kind)


def subsets(count):
    return st.sets(st.integers(0, count - 1), min_size=1, max_size=count).map(sorted)


names = st.sampled_from(["Ann", "Anne", None])
countries = st.sampled_from(["GB", "FR", None])
amounts = st.integers(1, 3).map(lambda number: number * 100)


@st.composite
def lines_of(draw, order):
    return [
        a_line(order, draw(st.sampled_from(PRODUCTS)), float(draw(st.integers(1, 3))), draw(amounts))
        for _ in range(draw(st.integers(0, 3)))
    ]


@st.composite
def orders_export(draw, number, world):
    """A part of the shop's orders as they stand at this export; an order's buyer never changes."""
    with_ids = draw(st.booleans())
    people, heads, lines, refunds = [], [], [], []
    for order in draw(subsets(len(world))):
        buyer, first_name, country = world[order]
        email = f"p{buyer}@example.com"
        people.append(a_customer(f"{order}", email=email, first_name=first_name, country=country))
        heads.append(
            an_order(
                f"#{order}",
                shopify_id=500 + order if with_ids else None,
                customer_ref=f"{order}",
                processed_at=day(1 + order),
                financial_status=draw(st.sampled_from(["paid", "pending"])),
                total=draw(amounts),
            )
        )
        lines += draw(lines_of(f"#{order}"))
        if draw(st.booleans()):
            refunds.append(a_refund(f"#{order}", draw(amounts), order_ref=f"#{order}", customer_ref=f"{order}"))
    return Telling(number, (people, heads, lines, refunds), SHOPIFY)


@st.composite
def customers_export(draw, number):
    people = [
        a_customer(
            f"c{person}",
            shopify_id=100 + person,
            email=f"p{person}@example.com",
            first_name=draw(names),
            country=draw(countries),
            tags=draw(st.sampled_from(["", "vip", None])),
        )
        for person in draw(subsets(3))
    ]
    return Telling(number, (people,), SHOPIFY, Authority.LISTED)


@st.composite
def table(draw, number, world):
    """A part of a till's orders and credit notes; which order a credit belongs to has to be found."""
    heads, lines, credits_ = [], [], []
    for order in draw(subsets(len(world))):
        heads.append(an_order(f"{order}", customer_ref=f"K{world[order][0]}", processed_at=day(1 + order)))
        lines += draw(lines_of(f"{order}"))
    for credit in draw(subsets(3)):
        credits_ += [
            a_refund(
                f"C{credit}",
                draw(amounts),
                order_ref=draw(st.sampled_from([None, None, "1"])),
                customer_ref=f"K{draw(st.integers(0, 2))}",
                product_ref=draw(st.sampled_from([*PRODUCTS, None])),
                quantity=float(draw(st.integers(1, 3))),
                refunded_at=day(draw(st.integers(1, 6))),
            )
            for _ in range(draw(st.integers(1, 2)))
        ]
    people = [a_customer(f"K{person}", source_key=f"K{person}") for person in range(3)]
    return Telling(number, (people, heads, lines, credits_), TABLE)


@st.composite
def files(draw):
    buyers = st.tuples(st.integers(0, 2), names, countries)
    world = draw(st.lists(buyers, min_size=3, max_size=4))
    kinds = draw(st.lists(st.sampled_from(["orders", "customers", "table"]), min_size=2, max_size=4))
    makers = {
        "orders": lambda number: orders_export(number, world),
        "customers": customers_export,
        "table": lambda number: table(number, world),
    }
    told = [draw(makers[kind](number)) for number, kind in enumerate(kinds, start=1)]
    return told, draw(st.permutations(told)), draw(st.sampled_from(told))


def facts(shop_id):
    """All facts, with names of things instead of their ids, and hashes that two shops share."""
    people = {row["id"]: row["source_key"] or row["email"] for row in customers(shop_id)}
    known = ("shopify_id", "source_key", "email", "first_name", "country", "tags")
    queries = {
        "orders": """
            SELECT source, name, shopify_id, customer_id, processed_at, financial_status, total, goods_total,
                item_count, fact_at FROM orders""",
        "lines": """
            SELECT o.name, o.source, l.line_no, p.source_key, l.quantity, l.total FROM line_items l
            JOIN orders o ON o.id = l.order_id JOIN products p ON p.id = l.product_id""",
        "refunds": """
            SELECT r.source, r.ordinal,
                CASE WHEN r.order_name IS NULL THEN 'its order' ELSE r.source_key END AS source_key,
                o.name, r.order_found_by, r.customer_id, r.amount, r.fact_at
            FROM refunds r LEFT JOIN orders o ON o.id = r.order_id""",
        "products": "SELECT source, source_key FROM products",
    }
    found = {"customers": sorted(str({name: row[name] for name in known}) for row in customers(shop_id))}
    for name, query in queries.items():
        found[name] = sorted(
            str(row | ({"customer_id": people.get(row["customer_id"])} if "customer_id" in row else {}))
            for row in rows(shop_id, query)
        )
    return found


@FEW
@given(told=files())
def test_any_order_of_files_gives_the_same_facts(database, told):
    in_time, shuffled, again = told
    one, other = another_shop(), another_shop()
    for telling in in_time:
        telling.tell(one)
    for telling in shuffled:
        telling.tell(other)
    expected = facts(one)
    assert facts(other) == expected
    again.tell(other)
    assert facts(other) == expected


def pieces(telling):
    """The same file, cut so that each row of it comes in a part of its own, people first."""
    people, heads, lines, credits_ = [*telling.rows, [], [], []][:4]
    whole = frames(people, heads, lines, credits_)
    parts = [tuple(frame.clear() for frame in whole)]
    for place, frame in enumerate(whole):
        parts += [
            tuple(row if other == place else whole[other].clear() for other in range(4))
            for row in frame.iter_slices(1)
        ]
    return parts


@FEW
@given(told=st.data())
def test_where_a_table_is_cut_into_parts_makes_no_difference(database, told):
    telling = told.draw(table(1, [(0, None, None), (1, None, None), (2, None, None)]))
    one, other = another_shop(), another_shop()
    telling.tell(one)
    tell(other, *pieces(telling), at=day(1, month=3), **TABLE)
    assert facts(other) == facts(one)
