"""How documents are shown: money, addresses, and the words that differ from what is stored."""

from sandbox.shopify.documents import PERCENT_OF_SHOP_CURRENCY, minor_digits
from sandbox.shopify.graph.registry import Answer, gid
from sandbox.shopify.state import Document

COUNTRIES = {
    "US": "United States",
    "CA": "Canada",
    "GB": "United Kingdom",
    "DE": "Germany",
    "FR": "France",
    "IE": "Ireland",
}


def decimal(minor: int, currency: str) -> str:
    """Return an amount as the ``Decimal`` scalar writes it: ``12.5``, ``40.0``."""
    digits = minor_digits(currency)
    sign, rest = ("-" if minor < 0 else ""), abs(minor)
    whole, part = divmod(rest, 10**digits)
    fraction = str(part).zfill(digits).rstrip("0") if digits else ""
    return f"{sign}{whole}.{fraction or '0'}"


def money(minor: int, currency: str) -> Answer:
    """Return a ``MoneyV2``."""
    return {"amount": decimal(minor, currency), "currencyCode": currency}


def price(minor: int | None, currency: str) -> str | None:
    """Return the old ``Money`` scalar: ``12.50``."""
    if minor is None:
        return None
    digits = minor_digits(currency)
    return f"{minor / 10**digits:.{digits}f}"


def bag(order: Document, minor: int) -> Answer:
    """Return a ``MoneyBag`` of an order: in the store's currency, and in the one the buyer paid in."""
    shop, own = order["currencyCode"], order.get("presentmentCurrencyCode") or order["currencyCode"]
    shown = money(minor, shop)
    return {"shopMoney": shown, "presentmentMoney": shown if own == shop else money(_in(own, minor), own)}


def _in(currency: str, minor: int) -> int:
    percent = PERCENT_OF_SHOP_CURRENCY.get(currency, 100)
    return (abs(minor) * 100 + percent // 2) // percent * (1 if minor >= 0 else -1)


def address(found: Document | None, owner: int) -> Answer | None:
    """Return a ``MailingAddress``."""
    if not found:
        return None
    name = found.get("name") or " ".join(filter(None, (found.get("firstName"), found.get("lastName"))))
    country, province = found.get("countryCode"), found.get("provinceCode")
    area = " ".join(filter(None, (found.get("city"), province)))
    country_name = COUNTRIES.get(country or "", country)
    return found | {
        "id": gid("MailingAddress", str(owner)),
        "name": name or None,
        "country": country_name,
        "countryCodeV2": country,
        "province": province,
        "formattedArea": ", ".join(filter(None, (area, country_name))) or None,
        "formatted": [part for part in (name, found.get("address1"), area, country_name) if part],
    }


def discounted(line: Document, quantity: int) -> int:
    """Return what some pieces of a line cost after its discounts."""
    return int(line["price"] * quantity - share_of(line["totalDiscount"], line, quantity))


def share_of(amount: int, line: Document, quantity: int) -> int:
    """Return what part of a line's amount falls to some of its pieces."""
    return int((2 * amount * quantity + line["quantity"]) // (2 * line["quantity"])) if line["quantity"] else 0
