"""The segment query language: what is read, and what is refused in which words."""

import pytest

from sandbox.shopify.segment_query import Clause, Group, SegmentQueryError, parse


def problems(query):
    with pytest.raises(SegmentQueryError) as refused:
        parse(query)
    return refused.value.problems


def shape(query):
    """A parsed query as nested tuples."""
    if isinstance(query, Group):
        return (query.word, *map(shape, query.parts))
    return query.name.value


def test_the_recorded_nonsense_is_refused_in_the_recorded_words():
    assert problems("not a valid segment query ???") == [
        "Line 1 Column 6: 'valid' is unexpected.",
        "Line 1 Column 4: 'a' filter cannot be found.",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "customer_tags CONTAINS 'seg:vip'",
        "customer_tags NOT CONTAINS 'seg:vip'",
        "customer_countries CONTAINS 'CA'",
        "amount_spent > 100.50",
        "amount_spent BETWEEN 100 AND 500",
        "number_of_orders >= 1 AND customer_countries CONTAINS 'CA'",
        "(number_of_orders >= 1) OR (number_of_orders = 0)",
        "companies IS NULL",
        "abandoned_checkout_date >= -30d",
        "last_order_date >= -30d",
        "first_order_date < 2026-01-01",
        "last_order_date IS NOT NULL",
        "last_order_date >= 30_days_ago",
        "last_order_date = today",
        "email_subscription_status = 'SUBSCRIBED'",
        "rfm_group = 'CHAMPIONS'",
        "products_purchased MATCHES (id = 123, date >= -90d)",
        "products_purchased NOT MATCHES (id IN (1, 2))",
        "orders_placed MATCHES (sum_amount > 100, count >= 2)",
        "storefront_event.product_viewed MATCHES (id = 123)",
        "shopify_email.opened MATCHES ()",
        "   number_of_orders = 0   ",
        "customer_tags\nCONTAINS\n'x'",
        "customer_tags contains 'x' and number_of_orders = 1",
    ],
)
def test_what_the_reference_shows_is_understood(query):
    assert isinstance(parse(query), (Clause, Group))


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("tags CONTAINS 'x'", "Line 1 Column 0: 'tags' filter cannot be found."),
        (
            "metafields.custom.tier = 'gold'",
            "Line 1 Column 0: 'metafields.custom.tier' filter cannot be found.",
        ),
        ("number_of_orders >= 1 xxx", "Line 1 Column 22: 'xxx' is unexpected."),
        ("number_of_orders >=", "Line 1 Column 19: '<EOF>' is unexpected."),
        ("number_of_orders = 'two'", "Line 1 Column 19: 'two' is unexpected."),
        ("number_of_orders = 1.5", "Line 1 Column 19: '1.5' is unexpected."),
        ("number_of_orders CONTAINS 'x'", "Line 1 Column 17: 'CONTAINS' is unexpected."),
        ("customer_tags = 'x'", "Line 1 Column 14: '=' is unexpected."),
        ("customer_tags CONTAINS x", "Line 1 Column 23: 'x' is unexpected."),
        ('customer_tags CONTAINS "x"', "Line 1 Column 23: '\"' is unexpected."),
        ("email_subscription_status = 'YES'", "Line 1 Column 28: 'YES' is unexpected."),
        ("last_order_date > '2026-01-01'", "Line 1 Column 18: '2026-01-01' is unexpected."),
        ("NOT customer_tags CONTAINS 'x'", "Line 1 Column 0: 'NOT' is unexpected."),
        ("(number_of_orders = 1", "Line 1 Column 21: '<EOF>' is unexpected."),
        ("products_purchased(id: 1) = true", "Line 1 Column 18: '(' is unexpected."),
        ("products_purchased MATCHES (colour = 'red')", "Line 1 Column 28: 'colour' is unexpected."),
        ("number_of_orders = 1 AND\ntags CONTAINS 'x'", "Line 2 Column 0: 'tags' filter cannot be found."),
    ],
)
def test_what_is_not_in_the_language_is_refused_where_it_stands(query, problem):
    assert problems(query) == [problem]


def test_and_binds_tighter_than_or():
    found = parse("number_of_orders = 1 OR amount_spent > 1 AND customer_tags CONTAINS 'x'")
    assert shape(found) == ("OR", "number_of_orders", ("AND", "amount_spent", "customer_tags"))


def test_brackets_bind_tighter_still():
    found = parse("(number_of_orders = 1 OR amount_spent > 1) AND customer_tags CONTAINS 'x'")
    assert shape(found) == ("AND", ("OR", "number_of_orders", "amount_spent"), "customer_tags")


def test_a_quote_within_a_text_is_escaped():
    assert parse(r"customer_tags CONTAINS 'it\'s'").values[0].value == "it's"


def test_ten_clauses_are_read_and_eleven_refused():
    ten = " OR ".join(["number_of_orders = 1"] * 10)
    assert len(parse(ten).parts) == 10
    assert problems(f"{ten} OR number_of_orders = 2") == ["has too many clauses (maximum is 10)"]


def test_five_hundred_ids_are_taken_in_one_list_and_no_more():
    numbers = ", ".join(map(str, range(500)))
    parse(f"products_purchased MATCHES (id IN ({numbers}))")
    assert problems(f"products_purchased MATCHES (id IN ({numbers}, 500))")
