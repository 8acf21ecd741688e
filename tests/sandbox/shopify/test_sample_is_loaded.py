"""The documents of the sample store say what its CSV exports say."""

import polars as pl
import pytest
from loaded_store import QUIET_DOMAIN, SAMPLE_DOMAIN, UNTIL, LoadedStore

from sandbox.sample_store import write_exports
from sandbox.shopify.load_sample import load_sample
from sandbox.shopify.state import State


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    store = LoadedStore(tmp_path_factory.mktemp("loaded"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def exports(loaded, tmp_path_factory):
    paths = write_exports(loaded.store, tmp_path_factory.mktemp("exports"))
    return [pl.read_csv(path, infer_schema=False) for path in paths]


def cents(text):
    return round(float(text) * 100)


def test_orders_have_the_numbers_names_times_and_sums_of_the_export(loaded, exports):
    heads = exports[0].filter(pl.col("Financial Status").is_not_null())
    orders = {order["id"]: order for order in loaded.each("order")}
    assert len(orders) == heads.height
    for row in heads.filter(pl.col("Currency") == "USD").iter_rows(named=True):
        order = orders[int(row["Id"])]
        assert order["name"] == row["Name"]
        assert order["totalPrice"] == cents(row["Total"])
        assert order["totalDiscounts"] == cents(row["Discount Amount"])
        assert order["financialStatus"] == row["Financial Status"]
        assert sum(one["amount"] for one in order["refunds"]) == cents(row["Refunded Amount"])
        assert (order["cancelledAt"] is not None) == (row["Cancelled at"] is not None)


def test_customers_are_those_of_the_export_and_spent_as_much(loaded, exports):
    customers = {customer["id"]: customer for customer in loaded.each("customer")}
    assert len(customers) == exports[1].height
    query = "query Q($id: ID!) { customer(id: $id) { numberOfOrders amountSpent { amount } tags } }"
    for row in exports[1].head(60).iter_rows(named=True):
        number = int(row["Customer ID"].strip("'"))
        found = loaded.data(query, id=f"gid://shopify/Customer/{number}")["customer"]
        assert found["numberOfOrders"] == row["Total Orders"]
        assert float(found["amountSpent"]["amount"]) == float(row["Total Spent"])
        assert customers[number]["email"] == row["Email"]


def test_the_discounts_of_the_lines_add_up_to_that_of_the_order(loaded):
    for order in loaded.each("order"):
        if order["presentmentCurrencyCode"] == "USD":
            assert sum(line["totalDiscount"] for line in order["lines"]) == order["totalDiscounts"]
            lines = sum(line["price"] * line["quantity"] for line in order["lines"])
            assert lines - order["totalDiscounts"] == order["subtotal"]
            assert order["subtotal"] + order["totalTax"] + order["totalShipping"] == order["totalPrice"]


def test_refunds_come_later_than_their_orders_and_before_the_store_ends(loaded):
    refunded = [order for order in loaded.each("order") if order["refunds"]]
    assert refunded
    for order in refunded:
        (refund,) = order["refunds"]
        assert order["createdAt"] < refund["createdAt"] <= order["updatedAt"]
        assert order["updatedAt"] < f"{UNTIL.year}-11-01T04:00:00Z"
        pieces = {line["id"]: line["quantity"] - line["currentQuantity"] for line in order["lines"]}
        if not order["cancelledAt"]:
            assert sum(pieces.values()) == sum(line["quantity"] for line in refund["lines"])


def test_every_line_names_a_variant_of_its_product(loaded):
    variants = {one["id"]: one for one in loaded.each("variant")}
    for order in loaded.each("order"):
        for line in order["lines"]:
            assert variants[line["variantId"]]["productId"] == line["productId"]
            assert (variants[line["variantId"]]["sku"] or None) == line["sku"]


def test_the_same_store_is_loaded_the_same_way_twice(loaded, tmp_path):
    state = State(tmp_path / "again.sqlite")
    load_sample(state, customers=200, until=UNTIL)
    for kind in ("order", "customer", "product", "variant", "collection"):
        assert list(state.each(SAMPLE_DOMAIN, kind)) == loaded.each(kind)
    state.close()


def test_the_quiet_store_shares_no_number_with_the_first(loaded):
    for kind in ("order", "customer", "product", "variant", "collection"):
        first, second = (
            {one["id"] for one in loaded.each(kind, shop)} for shop in (SAMPLE_DOMAIN, QUIET_DOMAIN)
        )
        assert second
        assert not first & second
