from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_files import read, table, written

from shop_app.errors import InvalidInputError
from shop_app.files.money import with_currency
from shop_app.files.numbers import find_decimal, parse_numbers
from shop_app.segments.minor_units import product_to_minor, to_minor


def parsed(decimal, *texts):
    return parse_numbers(pl.Series("x", texts, dtype=pl.String), decimal).to_list()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.5", 12.5),
        ("1,234.50", 1234.5),
        ("1 234.50", 1234.5),
        ("1'234.50", 1234.5),
        ("12,34,567.5", 1234567.5),
        ("$12.00", 12.0),
        ("US$ 1,000", 1000.0),
        ("R$ 5", 5.0),
        ("EUR 12.50", 12.5),
        ("12.50 EUR", 12.5),
        ("12 kr", 12.0),
        ("-3.00", -3.0),
        ("3.00-", -3.0),
        ("(3.00)", -3.0),
        ("($3.00)", -3.0),
        ("-$3.00", -3.0),
        ("$-3.00", -3.0),
        ("\u22123.00", -3.0),
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1.234,56", None),
        ("12,5", None),
        ("--3", None),
        ("3-4", None),
        ("1.2.3", None),
        ("abc", None),
        ("=1+1", None),
        ("5 %", None),
        ("0x10", None),
        ("1_000", None),
        ("\u0967\u0968", None),
        ("2010-12-01", None),
        ("-", None),
    ],
)
def test_numbers_with_a_decimal_point(text, number):
    assert parsed(".", text) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,5", 12.5),
        ("1.234,50", 1234.5),
        ("1 234,50", 1234.5),
        ("1.234.567", 1234567.0),
        ("1.234", 1234.0),
        ("€ 3,00", 3.0),
        ("(3,00)", -3.0),
        ("3,00-", -3.0),
        ("12", 12.0),
        (",5", 0.5),
        ("12.5", None),
        ("1,234.50", None),
        ("1,2,3", None),
        ("1.23,4", None),
    ],
)
def test_numbers_with_a_decimal_comma(text, number):
    assert parsed(",", text) == [number]


@pytest.mark.parametrize(
    ("texts", "exponent", "decimal"),
    [
        (["12.5"], 2, "."),
        (["12,50"], 2, ","),
        (["1.234,5"], 2, ","),
        (["1,234.5"], 2, "."),
        (["1,234,567"], 2, "."),
        (["1.234.567"], 2, ","),
        (["12,50", "1.234"], 2, ","),
        (["1234.500"], 2, "."),
        (["0.125"], 2, "."),
        (["15.299999999"], 2, "."),
        (["5", "70"], 2, "."),
        ([], 2, "."),
        (["1.234"], 3, "."),
        (["1,234"], 3, ","),
        (["1.234"], 0, ","),
        (["1,234"], 0, "."),
    ],
)
def test_the_decimal_sign_is_seen_from_what_can_be_read_in_one_way_only(texts, exponent, decimal):
    assert find_decimal([pl.Series(texts, dtype=pl.String)], None, exponent) == decimal


@pytest.mark.parametrize("texts", [["1.234"], ["1,234"], ["12.5", "12,5"]])
def test_the_decimal_sign_is_asked_for_where_nothing_or_everything_tells(texts):
    with pytest.raises(InvalidInputError, match="--decimal") as refusal:
        find_decimal([pl.Series(texts)], None, 2)
    assert refusal.value.field == "decimal"
    assert find_decimal([pl.Series(texts)], ",", 2) == ","


def test_the_sign_that_the_user_names_decides(tmp_path):
    path = written(tmp_path, table("1,a,2025-01-01,T,1,1.234", "2,a,2025-01-01,T,1,2.500"))
    assert read(path, decimal=".").lines["total"].to_list() == [123, 250]
    assert read(path, decimal=",").lines["total"].to_list() == [123400, 250000]


prices = st.decimals(min_value=0, max_value=999_999, places=3)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5_000), prices), min_size=1, max_size=20),
    st.sampled_from(["JPY", "EUR", "KWD"]),
)
def test_amounts_are_exact_to_the_last_minor_unit(lines, currency):
    places = {"JPY": 0, "EUR": 2, "KWD": 3}[currency]
    frame = pl.DataFrame({"q": [float(q) for q, _ in lines], "p": [float(str(p)) for _, p in lines]})
    found = with_currency(frame, "none", currency).select(
        price=to_minor(pl.col("p")), total=product_to_minor(pl.col("q"), pl.col("p"))
    )
    unit = Decimal(10) ** places
    assert found["price"].to_list() == [int((p * unit).quantize(Decimal(1), ROUND_HALF_UP)) for _, p in lines]
    assert found["total"].to_list() == [
        int((q * p * unit).quantize(Decimal(1), ROUND_HALF_UP)) for q, p in lines
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=10))
def test_a_number_is_the_same_in_both_ways_of_writing_it(numbers):
    english = [f"{number:,}" for number in numbers]
    german = [text.replace(",", "_").replace(".", ",").replace("_", ".") for text in english]
    assert parsed(".", *english) == parsed(",", *german) == [float(number) for number in numbers]
