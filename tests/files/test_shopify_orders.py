from datetime import UTC, datetime

import pytest
from order_files import SHOPIFY_HEADER, head, line, read, shopify_orders, written

from shop_app.errors import InvalidInputError


@pytest.fixture
def export(tmp_path):
    return lambda *rows, **options: read(written(tmp_path, shopify_orders(*rows)), **options)


def test_the_export_has_the_columns_that_shopify_writes():
    assert len(SHOPIFY_HEADER) == 79


def test_an_order_takes_its_own_columns_from_its_first_row(export):
    found = export(head(), line(), head("#1002", Email="bert@example.com"))
    assert found.orders.select("order_ref", "name", "row_no", "shopify_id").rows() == [
        ("#1001", "#1001", 2, 694000001001),
        ("#1002", "#1002", 4, 694000001002),
    ]
    assert found.orders.select("total", "tax", "shipping", "discount", "outstanding", "currency").row(0) == (
        1561, 171, 490, 0, 0, "EUR",
    )  # fmt: skip
    assert found.orders["processed_at"][0] == datetime(2026, 1, 3, 15, 22, 11, tzinfo=UTC)
    assert found.lines.select("order_ref", "product_ref", "quantity", "unit_price", "total").rows() == [
        ("#1001", "TEA-1", 2.0, 450, 900),
        ("#1001", "Cup", 1.0, 1200, 1200),
        ("#1002", "TEA-1", 2.0, 450, 900),
    ]
    assert found.file_format.kind == "shopify_orders"
    assert "test flag" in found.file_format.missing


def test_order_columns_repeated_on_each_row_count_once(export):
    repeated = head() | {"Lineitem name": "Cup", "Lineitem sku": ""}
    found = export(head(Refunded_Amount="5.00"), repeated | {"Refunded Amount": "5.00"})
    assert found.orders["total"].to_list() == [1561]
    assert found.refunds["amount"].to_list() == [500]
    assert found.lines.height == 2


def test_a_refunded_amount_is_one_refund_without_a_date(export):
    found = export(head(Financial_Status="partially_refunded", Refunded_Amount="3.10"))
    assert found.refunds.rows(named=True) == [
        {
            "credit_ref": "#1001",
            "row_no": 2,
            "order_ref": "#1001",
            "customer_ref": "email:anna@example.com",
            "product_ref": None,
            "quantity": None,
            "amount": 310,
            "refunded_at": None,
            "currency": "EUR",
        }
    ]


def test_a_cancelled_order_keeps_when_it_was_cancelled(export):
    found = export(head(Cancelled_at="2026-01-04 08:00:00 -0500", Financial_Status="voided"))
    assert found.orders["cancelled_at"][0] == datetime(2026, 1, 4, 13, 0, tzinfo=UTC)
    assert found.orders["financial_status"][0] == "voided"


@pytest.mark.parametrize("method", ["bogus", "(for testing) Bogus Gateway"])
def test_the_bogus_gateway_makes_a_test_order_and_nothing_else_says_so(export, method):
    found = export(head(Payment_Method=method), head("#1002"))
    assert found.orders["test"].to_list() == [True, None]


@pytest.mark.parametrize(
    ("columns", "customer"),
    [
        ({"Email": " Anna@Example.com "}, "email:anna@example.com"),
        ({"Email": "", "Phone": "030 1234567"}, "phone:+49301234567"),
        ({"Email": "", "Billing Phone": "'+49 30 1234567"}, "phone:+49301234567"),
        ({"Email": "", "Phone": "12"}, None),
        ({"Email": ""}, None),
    ],
)
def test_a_customer_is_known_by_address_else_by_phone(export, columns, customer):
    found = export(head() | columns)
    assert found.orders["customer_ref"].to_list() == [customer]
    assert found.customers["customer_ref"].to_list() == ([customer] if customer else [])


def test_a_customer_has_the_details_of_his_newest_order(export):
    found = export(
        head(Accepts_Marketing="no", Created_at="2026-02-01 10:00:00 +0000", Billing_Name="Anna Mey"),
        head("#1002", Accepts_Marketing="yes"),
    )
    person = found.customers.row(0, named=True)
    assert found.customers.height == 1
    assert (person["first_name"], person["last_name"]) == ("Anna", "Mey")
    assert (person["email_consent"], person["country"]) == ("not_subscribed", "DE")


def test_a_name_is_parted_at_its_last_blank_and_falls_back_to_the_parcel(export):
    found = export(head(), head("#1002", Email="bert@example.com", Billing_Name="", Shipping_Name="Bert"))
    assert found.customers.select("first_name", "last_name").rows() == [("Anna van", "Lee"), ("Bert", None)]


def test_gift_cards_are_known_by_name_and_the_box_around_one_is_none(export):
    found = export(
        head(Lineitem_name="Gift Card - €50", Lineitem_sku=""),
        line(title="Gift card holder"),
        line(title="Tea"),
    )
    assert found.lines["is_gift_card"].to_list() == [True, False, False]


def test_each_currency_has_its_own_decimal_places(export):
    found = export(
        head(Currency="JPY", Total="1200", Subtotal="1200", Lineitem_price="600"),
        head("#1002", Currency="KWD", Total="1.234", Lineitem_price="0.617"),
        head("#1003", Currency="", Total="7.5"),
    )
    assert found.orders.select("currency", "total").rows() == [("JPY", 1200), ("KWD", 1234), ("EUR", 750)]
    assert found.lines["total"].to_list() == [1200, 1234, 900]


def test_a_line_is_worth_quantity_times_price_less_its_discount(export):
    found = export(head(Lineitem_quantity="3", Lineitem_price="3.335", Lineitem_discount="1.00"))
    assert found.lines.select("unit_price", "discount", "total").row(0) == (334, 100, 901)


@pytest.mark.parametrize(("total", "included"), [("15.61", False), ("13.90", True), ("14.00", None)])
def test_the_sum_tells_whether_tax_is_in_the_prices(export, total, included):
    assert export(head(Total=total)).orders["tax_included"].to_list() == [included]


def test_tags_codes_and_channel_come_in_one_form(export):
    found = export(head(Tags="vip, blog ,summer", Discount_Code="A1, B2", Source="580111"))
    assert found.orders.select("tags", "discount_codes", "channel").row(0) == (
        "vip\nblog\nsummer",
        "A1\nB2",
        "web",
    )


def test_ids_that_a_spreadsheet_rounded_are_told_of_and_the_order_is_kept(export):
    found = export(head(Id="6.94E+12"))
    assert found.orders["shopify_id"].to_list() == [None]
    assert [(reject.field, reject.row_kept) for reject in found.rejects] == [("Id", True)]


def test_an_order_without_lines_left_is_kept(export):
    empty = dict.fromkeys(("Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku"), "")
    found = export(head() | empty)
    assert (found.orders.height, found.lines.height, found.rejects) == (1, 0, [])


def test_an_unreadable_order_takes_its_lines_with_it(export):
    found = export(head(Created_at="soon"), line(), head("#1002"), head("#1003"))
    assert found.orders["name"].to_list() == ["#1002", "#1003"]
    assert found.lines["order_ref"].to_list() == ["#1002", "#1003"]
    assert [(reject.line_number, reject.field) for reject in found.rejects] == [
        (2, "Created at"),
        (3, "Name"),
    ]


def test_a_bad_line_leaves_the_order_standing(export):
    found = export(head(), line(price="=1+1"), line(quantity="-1"), line())
    assert found.orders["total"].to_list() == [1561]
    assert found.lines.height == 2
    assert found.reasons() == [
        (3, "Lineitem price", "is no number"),
        (4, "Lineitem quantity", "is negative"),
    ]


@pytest.mark.parametrize("chunk_rows", [1, 2, 100])
def test_an_order_that_comes_again_further_down_is_not_counted_twice(export, chunk_rows):
    rows = (head(), line(), head("#1002"), head(), line())
    found = export(*rows, chunk_rows=chunk_rows, block_bytes=300)
    assert found.orders["name"].to_list() == ["#1001", "#1002"]
    assert found.lines.height == 3
    assert [reject.line_number for reject in found.rejects] == [5, 6]


def test_two_orders_of_one_name_are_told_apart_by_their_ids(export):
    found = export(head(), head(Id="'77"), line(), head("#1002"), head(Id="'78"))
    assert found.orders["order_ref"].to_list() == ["#1001", "#1001 (77)", "#1002", "#1001 (78)"]
    assert found.orders["name"].to_list() == ["#1001", "#1001", "#1002", "#1001"]


def test_orders_sorted_by_something_else_keep_their_first_row(export):
    found = export(line(), head())
    assert found.orders.select("total", "row_no").row(0) == (1561, 3)
    assert found.lines.height == 2


@pytest.mark.parametrize("chunk_rows", [1, 3])
def test_no_order_is_cut_in_two(tmp_path, chunk_rows):
    rows = [row for n in range(30) for row in (head(f"#{n}"), *(line(f"#{n}") for _ in range(n % 5)))]
    whole = read(written(tmp_path, shopify_orders(*rows)))
    parts = read(written(tmp_path, shopify_orders(*rows)), chunk_rows=chunk_rows, block_bytes=700)
    assert parts.orders.equals(whole.orders)
    assert parts.lines.equals(whole.lines)
    assert parts.rejects == whole.rejects == []


def test_columns_may_stand_in_any_order_be_missing_or_be_more(tmp_path):
    text = (
        "Lineitem price,Extra,Created at,Lineitem name,Name,Lineitem quantity\n"
        "4.50,x,2026-01-03 10:22:11 -0500,Tea,#1,2\n"
    )
    found = read(written(tmp_path, text))
    assert found.orders.select("name", "total", "currency", "shopify_id").row(0) == ("#1", None, "EUR", None)
    assert found.lines["total"].to_list() == [900]
    assert {"order total", "Shopify's order id", "payment status"} <= set(found.file_format.missing)


def test_an_export_without_the_time_of_its_orders_is_refused(tmp_path):
    path = written(tmp_path, "Name,Lineitem quantity,Lineitem name,Lineitem price\n#1,1,Tea,4.50\n")
    with pytest.raises(InvalidInputError, match="without the column Created at"):
        read(path)


def test_an_export_saved_again_in_a_german_spreadsheet_is_read(tmp_path):
    text = (
        "Name;Total;Created at;Lineitem quantity;Lineitem name;Lineitem price\n"
        "#1;1.234,50;31.12.2025 10:22;2;Tee;617,25\n"
    )
    found = read(written(tmp_path, text), timezone="Europe/Berlin")
    assert found.orders["total"].to_list() == [123450]
    assert found.orders["processed_at"][0] == datetime(2025, 12, 31, 9, 22, tzinfo=UTC)
