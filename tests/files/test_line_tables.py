from datetime import UTC, datetime

import pytest
from order_files import TABLE, read, table, written

from shop_app.errors import InvalidInputError


@pytest.fixture
def from_rows(tmp_path):
    def read_rows(*rows, header="order_id,customer_id,time,product,quantity,unit_price", **options):
        return read(written(tmp_path, table(*rows, header=header)), **options)

    return read_rows


def test_a_table_becomes_orders_lines_and_customers(tmp_path):
    found = read(written(tmp_path, TABLE))
    assert found.orders.select(
        "order_ref", "name", "row_no", "customer_ref", "processed_at", "currency"
    ).rows() == [
        ("1001", "1001", 2, "anna", datetime(2025, 3, 1, 10, 0, tzinfo=UTC), "EUR"),
        ("1002", "1002", 4, "bert", datetime(2025, 3, 2, 11, 30, tzinfo=UTC), "EUR"),
        ("1003", "1003", 5, "anna", datetime(2025, 4, 5, 9, 15, tzinfo=UTC), "EUR"),
    ]
    assert found.orders["total"].to_list() == [None, None, None]
    assert found.lines.select(
        "order_ref", "row_no", "product_ref", "quantity", "unit_price", "total"
    ).rows() == [
        ("1001", 2, "Green tea", 2.0, 450, 900),
        ("1001", 3, "Cup", 1.0, 1200, 1200),
        ("1002", 4, "Green tea", 1.0, 450, 450),
        ("1003", 5, "Pot", 1.0, 3025, 3025),
    ]
    assert found.customers.select("customer_ref", "source_key").rows() == [("anna", "anna"), ("bert", "bert")]
    assert (found.rows_read, found.rejects) == (4, [])


def test_negative_quantities_and_credit_notes_are_returns(from_rows):
    found = from_rows("100,a,2025-01-01,T,2,5.00", "100,a,2025-01-02,T,-1,5.00", "C101,a,2025-01-03,T,1,2.50")
    assert found.lines["total"].to_list() == [1000]
    assert found.refunds.select("credit_ref", "order_ref", "customer_ref", "quantity", "amount").rows() == [
        ("100", None, "a", 1.0, 500),
        ("C101", None, "a", 1.0, 250),
    ]
    assert found.refunds["refunded_at"][1] == datetime(2025, 1, 3, tzinfo=UTC)


def test_a_letter_before_the_number_is_no_credit_note_where_all_orders_have_one(from_rows):
    found = from_rows("C100,a,2025-01-01,T,1,5.00", "C101,a,2025-01-02,T,1,5.00")
    assert (found.orders.height, found.refunds.height) == (2, 0)


def test_a_negative_line_total_is_a_return(from_rows):
    found = from_rows(
        "1,a,2025-01-01,T,1,5.00",
        "2,a,2025-01-02,T,1,-2.00",
        header="order_id,customer_id,time,product,qty,total",
    )
    assert found.refunds["amount"].to_list() == [200]


def test_a_negative_price_is_rejected_with_its_reason(from_rows):
    found = from_rows("1,a,2025-01-01,T,1,5.00", "2,a,2025-01-02,Adjust bad debt,1,-11062.06")
    assert found.reasons() == [
        (3, "unit_price", "is negative: a price below zero is neither a sale nor a return")
    ]
    assert found.rejects[0].value == "-11062.06"


def test_without_order_numbers_equal_times_of_a_customer_make_an_order(from_rows):
    found = from_rows(
        *("a,2025-01-01,T,5.00", "a,2025-01-01,U,6.00", "b,2025-01-01,T,5.00", "a,2025-01-02,T,5.00"),
        header="customer_id,time,product,unit_price",
    )
    assert found.lines["order_ref"].to_list() == [
        "a 2025-01-01",
        "a 2025-01-01",
        "b 2025-01-01",
        "a 2025-01-02",
    ]
    assert any("no order number" in sentence for sentence in found.file_format.sentences)


def test_without_order_number_and_customer_each_row_stands_alone(from_rows):
    rows = ("a,2025-01-01,5.00", ",2025-01-01,6.00", ",2025-01-01,6.00")
    found = from_rows(*rows, header="customer_id,time,unit_price")
    assert found.orders["order_ref"].to_list() == ["a 2025-01-01", "row 3", "row 4"]
    assert found.orders["customer_ref"].to_list() == ["a", None, None]


def test_an_order_is_never_named_by_an_address(from_rows):
    found = from_rows(
        "Anna@Example.com,2025-01-01,5.00", "x@example.com,2025-01-02,5", header="email,time,price"
    )
    assert found.customers.select("customer_ref", "source_key", "email").row(0) == (
        "email:anna@example.com", None, "anna@example.com",
    )  # fmt: skip
    assert "@" not in found.orders["order_ref"].str.join("").item()
    assert found.orders["order_ref"][0].startswith("guest-")


def test_addresses_in_the_column_of_ids_are_taken_as_addresses(from_rows):
    found = from_rows("1,anna@example.com,2025-01-01,T,1,5", "2,bert@example.com,2025-01-01,T,1,5")
    assert found.customers["source_key"].to_list() == [None, None]
    assert found.customers["email"].to_list() == ["anna@example.com", "bert@example.com"]


def test_a_single_address_among_ids_is_not_kept_as_an_id_either(from_rows):
    rows = [f"{n},c{n},2025-01-01,T,1,5" for n in range(9)]
    found = from_rows(*rows, "9,Anna@Example.com,2025-01-01,T,1,5")
    person = found.customers.row(9, named=True)
    assert (person["customer_ref"], person["source_key"], person["email"]) == (
        "email:anna@example.com",
        None,
        "anna@example.com",
    )


def test_names_in_the_column_of_ids_are_kept_as_digests_only(from_rows):
    found = from_rows(
        "1,Anna Lee,2025-01-01,T,1,5", "2,Bert Ley,2025-01-01,T,1,5", "3,anna lee,2025-01-02,T,1,5"
    )
    keys = found.orders["customer_ref"].to_list()
    assert keys[0] == keys[2] != keys[1]
    assert all(key.startswith("name-") for key in keys)
    assert any("holds names" in sentence for sentence in found.file_format.sentences)


def test_ids_lose_what_data_frames_and_spreadsheets_put_around_them(from_rows):
    found = from_rows(
        "536365.0,17850.0,2025-01-01,T,1,5", '"=""00012""",nan,2025-01-01,T,1,5', "'99,NULL,2025-01-01,T,1,5"
    )
    assert found.orders.select("order_ref", "customer_ref").rows() == [
        ("536365", "17850"),
        ("00012", None),
        ("99", None),
    ]


@pytest.mark.parametrize(
    ("quantity", "price", "total"),
    [("3", "0.335", 101), ("2", "1.005", 201), ("1.5", "2.33", 350), ("1", "0.125", 13), ("7", "1.115", 781)],
)
def test_amounts_are_rounded_once_and_half_away_from_zero(from_rows, quantity, price, total):
    found = from_rows(f"1,a,2025-01-01,T,{quantity},{price}", "2,a,2025-01-01,T,1,5.00")
    assert found.lines["total"][0] == total


def test_each_row_has_its_own_currency_where_there_is_a_column(from_rows):
    header = "order_id,customer_id,time,quantity,unit_price,currency"
    found = from_rows(
        *(
            "1,a,2025-01-01,2,100.00,jpy",
            "2,a,2025-01-01,1,1.234,KWD",
            "3,a,2025-01-01,1,9.99,",
            "4,a,2025-01-01,1,1,XXZ",
        ),
        header=header,
    )
    assert found.orders.select("order_ref", "currency").rows() == [("1", "JPY"), ("2", "KWD"), ("3", "EUR")]
    assert found.lines["total"].to_list() == [200, 1234, 999]
    assert found.reasons() == [(5, "currency", "is no currency code")]


def test_discounts_are_amounts_or_shares_by_what_they_look_like(from_rows):
    header = "order_id,customer_id,time,quantity,price,discount"
    amounts = from_rows("1,a,2025-01-01,2,10.00,1.50", "2,a,2025-01-01,1,10.00,", header=header)
    assert amounts.lines.select("discount", "total").rows() == [(150, 1850), (0, 1000)]
    shares = from_rows("1,a,2025-01-01,2,10.00,0.15", "2,a,2025-01-01,1,10.00,0", header=header)
    assert shares.lines.select("discount", "total").rows() == [(300, 1700), (0, 1000)]
    percent = from_rows("1,a,2025-01-01,2,10.00,15%", "2,a,2025-01-01,1,10.00,0%", header=header)
    assert percent.lines.equals(shares.lines)
    too_much = from_rows("1,a,2025-01-01,1,10.00,11.00", "2,a,2025-01-01,1,10.00,2", header=header)
    assert too_much.reasons() == [(2, "discount", "is below zero or more than the line's amount")]


def test_a_total_that_quantity_and_price_do_not_make_is_left_aside_and_said(from_rows):
    header = "order_id,customer_id,time,quantity,price,total"
    agreeing = from_rows("1,a,2025-01-01,2,10.00,20.00", "2,a,2025-01-01,1,5.00,5.00", header=header)
    assert agreeing.file_format.rules.amount == "total"
    apart = from_rows("1,a,2025-01-01,2,10.00,23.80", "2,a,2025-01-01,1,5.00,5.95", header=header)
    assert apart.lines["total"].to_list() == [2000, 500]
    assert any('"total" is not what' in sentence for sentence in apart.file_format.sentences)
    wanted = from_rows("1,a,2025-01-01,2,10.00,23.80", header=header, mapping={"total": "total"})
    assert wanted.lines["total"].to_list() == [2380]


def test_an_orders_total_repeated_on_its_lines_is_refused(from_rows):
    rows = [f"{n // 2},a,2025-01-01,T{n},{10 + n // 2}.00" for n in range(60)]
    with pytest.raises(InvalidInputError, match="count it several times") as refusal:
        from_rows(*rows, header="order_id,customer_id,time,product,order_total")
    assert refusal.value.field == "total"


def test_words_for_cancelled_and_unpaid_orders_are_understood(from_rows):
    rows = [
        f"{n},a,2025-01-0{n + 1},5.00,{word}"
        for n, word in enumerate(("Cancelled", "unpaid", "Returned", "Shipped"))
    ]
    found = from_rows(*rows, header="order_id,customer_id,time,price,order_status")
    assert found.orders["financial_status"].to_list() == [None, "pending", "refunded", None]
    assert found.orders["cancelled_at"].is_not_null().to_list() == [True, False, False, False]


def test_a_broken_address_is_left_out_and_its_row_kept(from_rows):
    found = from_rows(
        "1,a,2025-01-01,5,not an address",
        "2,b,2025-01-01,5,b@example.com",
        header="order_id,customer_id,time,price,email",
    )
    assert found.orders.height == 2
    assert found.customers["email"].to_list() == [None, "b@example.com"]
    assert found.rejects[0].reason == "is no e-mail address; row kept without it"


def test_date_and_time_of_day_in_two_columns_are_one_moment(from_rows):
    found = from_rows("1,a,1/31/2025,18:05,5.00", header="order_id,customer_id,Date,Time,price")
    assert found.orders["processed_at"][0] == datetime(2025, 1, 31, 18, 5, tzinfo=UTC)


def test_countries_are_known_by_code_and_by_name(from_rows):
    rows = [
        f"{n},c{n},2025-01-01,5,{name}"
        for n, name in enumerate(("United Kingdom", "EIRE", "de", "Atlantis", "USA"))
    ]
    found = from_rows(*rows, header="order_id,customer_id,time,price,country")
    assert found.orders["country"].to_list() == ["GB", "IE", "DE", None, "US"]
    assert found.customers["country"].to_list() == ["GB", "IE", "DE", None, "US"]
