from datetime import timedelta
from types import SimpleNamespace

import pytest
from stored_rows import a_customer, a_product, a_refund, a_shop, an_order, together

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.choose_vocabulary import choose_vocabulary
from shop_app.services.describe_customer import describe_customer
from shop_app.services.fit_models import fit_models
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.resolve_people import resolve_people


@pytest.fixture
def ann(shop_id, as_of):
    """Ann with two rows: one order that counts, one test, one in a foreign currency, and loose money back."""
    with together(shop_id):
        first = a_customer(
            shop_id, email="ann@example.com", first_name="Ann", last_name="Ace", tags=["vip"], shopify_id=501
        )
        second = a_customer(shop_id, email="ann@example.com", phone="+493012345678")
        tea = a_product(shop_id, title="Green tea", category="Tea")
        good = an_order(
            shop_id,
            first,
            at=as_of - timedelta(days=12, hours=1),
            total=5000,
            lines=[(tea, 4000), (None, 1000)],
            discount=500,
            discount_codes=["SPRING"],
            channel="web",
        )
        a_refund(shop_id, order_id=good, amount=1200, at=as_of - timedelta(days=5))
        an_order(shop_id, second, at=as_of - timedelta(days=2), total=900, test=True)
        an_order(shop_id, second, at=as_of - timedelta(days=30), total=900, currency="USD")
        a_refund(shop_id, customer_id=second, amount=300, at=as_of - timedelta(days=1))
        nobody = a_customer(shop_id, email="new@example.com")
    resolve_people(shop_id)
    fit_models(shop_id, as_of=as_of)
    refresh_customers(shop_id, None, as_of=as_of)
    return SimpleNamespace(shop_id=shop_id, first=first, second=second, nobody=nobody)


def test_the_story_is_the_persons_whichever_row_is_asked_for(ann, as_of):
    one = describe_customer(ann.shop_id, ann.first, as_of=as_of)
    assert one == describe_customer(ann.shop_id, ann.second, as_of=as_of)
    assert (one.customer_id, one.shopify_id, one.name) == (ann.first, 501, "Ann Ace")
    assert (one.email, one.phone, one.tags) == ("ann@example.com", "+493012345678", ("vip",))


def test_figures_and_reason_say_the_same(ann, as_of):
    story = describe_customer(ann.shop_id, ann.first, as_of=as_of)
    assert (story.order_count, story.total_spent, story.top_category) == (1, 3500, "Tea")
    assert story.reason == (
        "Recent customers: last order 12 days ago (recency 5 of 5), 1 order (frequency 1 of 5), "
        "€35.00 spent (monetary 2 of 5)."
    )
    assert [mark.words for mark in story.marks] == [
        "Last order 12 days ago: mark 5 of 5 (less than 30 days ago).",
        "1 order: mark 1 of 5.",
        "€35.00 spent: mark 2 of 5 (€26.25 to below €52.50).",
    ]


def test_every_order_is_told_with_its_verdict(ann, as_of):
    orders = describe_customer(ann.shop_id, ann.first, as_of=as_of).orders
    assert [(order.verdict, order.paid, order.refunded, order.net_revenue) for order in orders] == [
        ("test", 900, 0, 900),
        ("counts", 5000, 1200, 3800),
        ("foreign_currency", None, None, None),
    ]
    good = orders[1]
    assert good.words == ""
    assert orders[0].words == "A test order, not a sale."
    assert [(line.title, line.total) for line in good.lines] == [("Green tea", 4000), ("", 1000)]
    assert (good.discount, good.discount_codes, good.channel) == (500, ("SPRING",), "web")
    assert [(refund.amount, refund.order_found_by) for refund in good.refunds] == [(1200, "stated")]


def test_money_given_back_without_an_order_stands_apart(ann, as_of):
    (loose,) = describe_customer(ann.shop_id, ann.first, as_of=as_of).loose_refunds
    assert (loose.amount, loose.order_found_by) == (300, "none")


def test_the_rows_say_why_they_are_one(ann, as_of):
    identities = describe_customer(ann.shop_id, ann.first, as_of=as_of).identities
    assert [(row.customer_id, row.order_count, row.why) for row in identities] == [
        (ann.first, 1, "same e-mail address"),
        (ann.second, 2, "same e-mail address"),
    ]


def test_moves_are_told_by_name(ann, as_of):
    choose_vocabulary(ann.shop_id, "klaviyo", as_of=as_of)
    story = describe_customer(ann.shop_id, ann.first, as_of=as_of)
    assert [(change.from_name, change.to_name) for change in story.changes] == [(None, "Recent customers")]
    assert "recency 3 of 3" in story.reason


def test_a_prospect_is_told_why(ann, as_of):
    story = describe_customer(ann.shop_id, ann.nobody, as_of=as_of)
    assert (story.segment, story.marks, story.orders) == ("prospects", (), ())
    assert story.reason == "Prospects: no order so far."


def test_somebody_who_came_since_the_last_refresh_is_worked_out(ann, as_of):
    late = a_customer(ann.shop_id, email="late@example.com")
    an_order(ann.shop_id, late, at=as_of - timedelta(hours=2), total=100)
    story = describe_customer(ann.shop_id, late, as_of=as_of)
    assert (story.segment, story.segment_since, story.as_of) == ("recent-customers", None, as_of)
    assert "last order today" in story.reason


def test_nobody_and_a_shop_without_segments_are_refused(ann, as_of):
    with pytest.raises(NotFoundError):
        describe_customer(ann.shop_id, 10**12, as_of=as_of)
    fresh = a_shop()
    with pytest.raises(RefusedError, match="kindred refresh"):
        describe_customer(fresh, a_customer(fresh), as_of=as_of)
