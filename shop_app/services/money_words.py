"""Amounts as people read them, in English for now."""

from decimal import Decimal

from babel.numbers import format_currency, format_decimal, get_currency_symbol

from shop_app.segments.money import minor_digits
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY

_LOCALE = "en"


def money_words(amount: float, currency: str) -> str:
    """Return minor units as €1,234.50, or as a plain number where nobody has said which currency it is."""
    digits = minor_digits(currency)
    units = Decimal(round(amount)).scaleb(-digits)
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    if currency == UNKNOWN_CURRENCY:
        return format_decimal(units, pattern, locale=_LOCALE)
    sign = get_currency_symbol(currency, locale=_LOCALE)
    apart = "\u00a0" if sign[-1].isalpha() else ""
    return format_currency(units, currency, f"¤{apart}{pattern}", locale=_LOCALE, currency_digits=False)
