"""What has come of a bundle: the statement to the cent, and an effect only where one can be told."""

from datetime import UTC, datetime, timedelta

from live_bundles import BEGAN, CUP_COST, NOW, TEA_COST, a_live_bundle, bought, result
from sqlalchemy import text
from stored_rows import a_customer, an_order, together

from shop_app.bundles.terms import Form, Part, Terms
from shop_app.services.measure_bundles import DUE, measure_bundles_due
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage import bundles, due_work, shop_settings
from shop_app.storage.engine import shopless, transaction

_MANY_BUYERS = (
    """INSERT INTO customers (shop_id, id, source, person_id, fact_at)
       SELECT :shop, 5000000 + n, 'test', 5000000 + n, :at FROM generate_series(1, :count) AS n""",
    """INSERT INTO orders (shop_id, source, name, customer_id, processed_at, financial_status, currency, total,
           goods_total, item_count, fact_at)
       SELECT :shop, 'test', 'many-' || n, 5000000 + n, :bought, 'paid', 'EUR', 1000 + 2000 * (n % 2), 1000, 1,
           :at
       FROM generate_series(1, :count) AS n WHERE n % 4 < 3""",
    """INSERT INTO bundle_arms (shop_id, bundle_id, customer_id, arm, assigned_at, predicted)
       SELECT :shop, :bundle, 5000000 + n, CASE n % 2 WHEN 1 THEN 'treatment' ELSE 'control' END, :at, 1000
       FROM generate_series(1, :count) AS n""",
)


def many_buyers(shop_id, bundle_id, count):
    """Every other one could use it and pays more; one in four of either does not buy."""
    values = {"shop": shop_id, "bundle": bundle_id, "count": count, "at": BEGAN}
    with transaction(shop_id) as connection:
        for statement in _MANY_BUYERS:
            connection.execute(text(statement), values | {"bought": BEGAN + timedelta(days=9)})


def test_the_statement_is_the_sum_of_the_orders_that_used_it_to_the_cent(shop_id, tea, cup):
    ann, bob = a_customer(shop_id), a_customer(shop_id)
    bundle = a_live_bundle(shop_id, Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10))
    for days, who in ((1, ann), (3, bob)):
        bought(shop_id, who, BEGAN + timedelta(days=days), (tea, 1000, 1000), (cup, 800, 720))
    back = bought(shop_id, ann, BEGAN + timedelta(days=5), (tea, 1000, 1000), (cup, 800, 720))
    with transaction(shop_id) as connection:
        connection.execute(
            text("UPDATE line_items SET kept_quantity = 0 WHERE order_id = :o AND line_no = 2"), {"o": back}
        )
    bought(shop_id, bob, BEGAN + timedelta(days=7), (tea, 1000, 1000), (cup, 800, 800))  # at the full price
    bought(shop_id, bob, BEGAN - timedelta(days=7), (tea, 1000, 1000), (cup, 800, 720))  # before it began
    found = result(shop_id, bundle)
    account = found["account"]
    assert (found["orders"], account["customer_count"]) == (3, 2)
    assert (account["list_price"], account["discount"], account["paid"]) == (5400, 240, 5160)
    assert (account["refunded"], account["net_revenue"]) == (720, 4440)
    assert account["cost"] == 3 * TEA_COST + 2 * CUP_COST
    assert account["margin"] == 4440 - 1800
    assert (found["attach_ratio"], found["attach_eligible"]) == (0.75, 4)


def test_a_code_counts_where_it_was_typed_in_and_nowhere_else(shop_id, tea, cup):
    terms = Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10, code="TEA10")
    bundle = a_live_bundle(shop_id, terms)
    lines = (tea, 1000, 1000), (cup, 800, 720)
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), *lines, code="tea10")
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), *lines, code="OTHER")
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), *lines)
    assert result(shop_id, bundle)["orders"] == 1


def test_without_a_control_group_the_own_past_is_told_with_its_caveat(shop_id, tea, cup):
    with together(shop_id):
        people = [a_customer(shop_id) for _ in range(40)]
        for number, who in enumerate(people):
            an_order(shop_id, who, at=BEGAN - timedelta(days=9), total=1000 + 100 * number)
            an_order(shop_id, who, at=BEGAN + timedelta(days=9), total=1000 + 90 * number)
    refresh_customers(shop_id, None, as_of=NOW)
    bundle = a_live_bundle(shop_id, Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10))
    found = result(shop_id, bundle)
    assert (found["method"], found["extra"] < 0) == ("before", True)
    assert found["extra_low"] < found["extra"] < found["extra_high"]
    assert any("control group" in reason["words"] for reason in found["reasons"])
    assert found["verdict"] != "scale"


def test_who_came_after_it_began_is_no_gain_over_the_past(shop_id, tea, cup):
    with together(shop_id):
        for number in range(80):
            an_order(shop_id, who := a_customer(shop_id), at=BEGAN - timedelta(days=100), total=1000)
            an_order(shop_id, who, at=BEGAN + timedelta(days=9 if number % 2 else -9), total=2000)
            an_order(shop_id, a_customer(shop_id), at=BEGAN + timedelta(days=9), total=3000)
    refresh_customers(shop_id, None, as_of=NOW)
    bundle = a_live_bundle(shop_id, Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10))
    found = result(shop_id, bundle)
    assert found["arms"]["since"]["customers"] == 80
    assert found["extra"] == 0
    assert "cannot be told" in found["reasons"][1]["words"]


def test_what_is_free_with_the_offer_is_a_use_of_it(shop_id, tea, cup):
    bundle = a_live_bundle(shop_id, Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=100))
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), (tea, 1000, 1000), (cup, 800, 0))
    found = result(shop_id, bundle)
    assert (found["orders"], found["account"]["discount"]) == (1, 800)
    assert found["account"]["cost"] == TEA_COST + CUP_COST


def test_the_attach_rate_is_of_those_who_could_use_it(shop_id, tea, cup):
    ann, bob, guest = (a_customer(shop_id) for _ in range(3))
    terms = Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10, segment="champions")
    bundle = a_live_bundle(shop_id, terms, [(ann, "treatment"), (bob, "control")])
    bought(shop_id, ann, BEGAN + timedelta(days=1), (tea, 1000, 1000), (cup, 800, 720))
    for who in (ann, bob, guest, None):
        bought(shop_id, who, BEGAN + timedelta(days=2), (tea, 1000, 1000))
    found = result(shop_id, bundle)
    assert (found["attach_ratio"], found["attach_eligible"]) == (0.5, 2)


def test_in_its_first_two_weeks_an_offer_is_compared_with_no_past(shop_id, tea, cup):
    with together(shop_id):
        for number in range(40):
            who = a_customer(shop_id)
            an_order(shop_id, who, at=NOW - timedelta(days=9), total=1000 + 100 * number)
            an_order(shop_id, who, at=NOW - timedelta(days=2), total=1000 + 90 * number)
    refresh_customers(shop_id, None, as_of=NOW)
    terms = Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10)
    found = result(shop_id, a_live_bundle(shop_id, terms, live_from=NOW - timedelta(days=5)))
    assert (found["method"], found["extra"], found["table"]) == ("none", None, [])


def test_an_order_that_used_a_discount_of_ours_bought_no_fixed_bundle_at_the_same_price(shop_id, tea, cup):
    cheaper = Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10)
    whole = Terms(Form.FIXED, parts=(Part(tea), Part(cup)), discount_percent=4, price=1720)
    first, second = a_live_bundle(shop_id, cheaper), a_live_bundle(shop_id, whole)
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), (tea, 1000, 1000), (cup, 800, 720))
    bought(shop_id, a_customer(shop_id), BEGAN + timedelta(days=1), (tea, 956, 956), (cup, 764, 764))
    assert result(shop_id, first)["orders"] == 1
    with transaction(shop_id) as connection:
        account = bundles.find(connection, second).result["account"]
    assert (account["order_count"], account["list_price"], account["discount"]) == (1, 1800, 80)


def test_a_control_group_that_is_too_small_gives_no_figure(shop_id, tea, cup):
    with together(shop_id):
        people = [a_customer(shop_id) for _ in range(40)]
        for number, who in enumerate(people):
            an_order(shop_id, who, at=BEGAN + timedelta(days=9), total=1000 + 500 * (number % 2))
    arms = [(who, "treatment" if number % 2 else "control") for number, who in enumerate(people)]
    with transaction(shop_id) as connection:
        shop_settings.write_activation(connection, {"holdouts": {"champions": 50}})
    terms = Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10, segment="champions")
    found = result(shop_id, a_live_bundle(shop_id, terms, arms))
    assert (found["method"], found["effect"]["verdict"]) == ("holdout", "cannot-be-measured")
    assert (found["extra"], found["arms"]["control"]["customers"]) == (None, 20)
    assert found["words"].startswith("Cannot be measured")


def test_those_who_were_left_out_count_though_the_treated_did_not_buy_what_was_offered(shop_id, tea, cup):
    """What is compared is everybody who was to get it, whether or not they took it."""
    with transaction(shop_id) as connection:
        shop_settings.write_activation(connection, {"holdouts": {"champions": 50}})
    terms = Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10, segment="champions")
    bundle = a_live_bundle(shop_id, terms)
    many_buyers(shop_id, bundle, 2_400)
    found = result(shop_id, bundle)
    assert (found["orders"], found["effect"]["verdict"]) == (0, "better")
    assert found["extra_low"] > 0


def test_it_is_measured_each_night_while_something_is_live(shop_id, tea, cup):
    measure_bundles_due(shop_id, now=NOW)
    with shopless() as connection:
        assert DUE not in due_work.list_of_shop(connection, shop_id)
    a_live_bundle(shop_id, Terms(Form.BUY_GET, buys=(tea,), gets=(cup,), discount_percent=10))
    measure_bundles_due(shop_id, now=NOW)
    with shopless() as connection:
        assert due_work.list_of_shop(connection, shop_id)[DUE] == datetime(2026, 6, 16, tzinfo=UTC)
