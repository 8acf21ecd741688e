from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segment_frames import law

from shop_app.segments.money import exchanged, minor_digits, minor_rate, share

RATES = {
    "EUR": Fraction(1),
    "JPY": minor_rate("0.0061", "JPY", "EUR"),
    "KWD": minor_rate("3", "KWD", "EUR"),
    "USD": minor_rate("0.5", "USD", "EUR"),
}


def exchange(amount, currency):
    frame = pl.DataFrame(
        {"amount": [amount], "currency": [currency]}, {"amount": pl.Int64, "currency": pl.String}
    )
    return frame.select(exchanged(pl.col("amount"), pl.col("currency"), RATES)).item()


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("eur", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("RSD", 2), ("XXX", 2)],
)
def test_a_currency_has_its_own_number_of_digits(currency, digits):
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "currency", "cents"),
    [
        (1_234, "EUR", 1_234),
        (1_000, "JPY", 610),  # 1,000 yen at 0.0061 are 6.10 euro
        (1_000, "KWD", 300),  # 1.000 dinar at 3 are 3.00 euro
        (1, "KWD", 0),  # 0.3 cents
        (5, "KWD", 2),  # 1.5 cents are rounded up
        (3, "USD", 2),  # 1.5 cents again
        (100, "CHF", None),
        (None, "EUR", None),
    ],
)
def test_an_amount_is_exchanged_to_the_cent(amount, currency, cents):
    assert exchange(amount, currency) == cents


@law
@given(st.integers(0, 10**15), st.integers(0, 10**15), st.integers(1, 10**15))
def test_a_share_is_exact_and_rounded_half_up(amount, part, whole):
    part = min(part, whole)
    frame = pl.DataFrame({"amount": [amount], "part": [part], "whole": [whole]})
    got = frame.select(share(pl.col("amount"), pl.col("part"), pl.col("whole"))).item()
    assert got == (2 * amount * part + whole) // (2 * whole)


def test_a_share_of_nothing_is_unknown():
    frame = pl.DataFrame({"amount": [5], "part": [1], "whole": [0]})
    assert frame.select(share(pl.col("amount"), pl.col("part"), pl.col("whole"))).item() is None


@pytest.mark.parametrize("rate", ["", "abc", "0", "-1", "NaN", "Infinity", "1e30", "0.1234567890123456789"])
def test_a_rate_that_cannot_be_used_is_refused_with_its_currency(rate):
    with pytest.raises(ValueError, match="USD"):
        minor_rate(rate, "USD", "EUR")
