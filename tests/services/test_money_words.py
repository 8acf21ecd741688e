import pytest

from shop_app.services.money_words import money_words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (123450, "EUR", "€1,234.50"),
        (-5, "USD", "-$0.05"),
        (1234, "JPY", "¥1,234"),
        (123450, "CHF", "CHF\u00a01,234.50"),
        (1234, "KWD", "KWD\u00a01.234"),
        (123450, "XXX", "1,234.50"),
        (99.5, "EUR", "€1.00"),
    ],
)
def test_money_is_written_in_the_digits_of_its_currency(amount, currency, words):
    assert money_words(amount, currency) == words
