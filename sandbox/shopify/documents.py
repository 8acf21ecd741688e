"""How the stand-in's documents are made: every kind with all its fields, and what is reckoned from them.

Makers take what differs and fill in the rest, so that a reader never has to ask whether a field is there.
Money is integer minor units of the store's currency, times are texts like ``2026-11-01T10:00:00Z``.
"""

from datetime import datetime
from typing import Any

from sandbox.shopify.state import Document, State
from sandbox.shopify.world import now, stamp

_NO_MINOR_UNITS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "XAF")
)
_THREE_DIGITS = frozenset(("BHD", "IQD", "JOD", "KWD", "OMR", "TND"))
PERCENT_OF_SHOP_CURRENCY = {"EUR": 108}  # what a hundred of a buyer's own units are in the store's currency
FIRST_NUMBERS = {
    "order": 6_900_000_000_000,
    "customer": 9_100_000_000_000,
    "product": 9_500_000_000_000,
    "variant": 49_500_000_000_000,
    "line": 16_900_000_000_000,
    "refund": 1_060_000_000_000,
    "bulk_operation": 7_930_000_000_000,
    "webhook_subscription": 1_930_000_000_000,
}


def new_number(state: State, kind: str) -> int:
    """Return the next number for something made at run time, above all those of the sample stores."""
    return state.next_number(kind, start=FIRST_NUMBERS.get(kind, 5_500_000_000_000))


def minor_digits(currency: str) -> int:
    """Return how many digits a currency's minor unit has."""
    if currency in _NO_MINOR_UNITS:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def make_shop(number: int, domain: str, name: str, **fields: Any) -> Document:  # noqa: ANN401 (any JSON)
    """Return a store's own document; our app is not installed yet."""
    return {
        "id": number,
        "name": name,
        "myshopifyDomain": domain,
        "email": f"owner@{domain.partition('.')[0]}.example.com",
        "shopOwner": "Marit Alderfield",
        "currencyCode": "USD",
        "presentmentCurrencies": ["USD", "EUR"],
        "ianaTimezone": "America/New_York",
        "countryCode": "US",
        "planName": "Basic",
        "shopifyPlus": False,
        "partnerDevelopment": False,
        "state": "absent",
        "frozen": False,
        "bulkEnabled": True,
        "apiAllowed": True,
        "grantedScopes": [],
        "installedAt": None,
        "protectedDataApproved": True,
        "restoreRate": 100,
        "bucketSize": 2000,
        "bundlesEligible": True,
        "createdAt": "2024-01-01T00:00:00Z",
        "updatedAt": "2024-01-01T00:00:00Z",
        **fields,
    }


def make_consent(state: str = "NOT_SUBSCRIBED", at: str | None = None) -> Document:
    """Return a marketing consent."""
    level = "SINGLE_OPT_IN" if state in ("SUBSCRIBED", "UNSUBSCRIBED", "PENDING") else None
    return {"state": state, "optInLevel": level, "updatedAt": at}


def make_customer(number: int, at: str | None = None, **fields: Any) -> Document:  # noqa: ANN401
    """Return a customer created at a moment, now by default."""
    at = at or stamp(now())
    return {
        "id": number,
        "firstName": None,
        "lastName": None,
        "email": None,
        "phone": None,
        "createdAt": at,
        "updatedAt": at,
        "state": "DISABLED",
        "locale": "en",
        "note": None,
        "tags": [],
        "emailMarketing": make_consent(),
        "smsMarketing": make_consent(),
        "dataSaleOptOut": False,
        "defaultAddress": None,
        "taxExempt": False,
        "verifiedEmail": True,
        **fields,
    }


def make_address(**fields: Any) -> Document:  # noqa: ANN401
    """Return an address; what is not given is unknown."""
    names = "name firstName lastName company address1 address2 city provinceCode countryCode zip phone"
    return dict.fromkeys(names.split()) | fields


def make_line(number: int, *, price: int, quantity: int = 1, **fields: Any) -> Document:  # noqa: ANN401
    """Return a line of an order.

    ``discounts`` are ``{kind, title, code, amount}``; ``group`` is the bundle whose part it is, ``{id, title,
    productId, variantId, variantSku, quantity}``.
    """
    return {
        "id": number,
        "productId": None,
        "variantId": None,
        "title": "Custom item",
        "variantTitle": None,
        "sku": None,
        "vendor": None,
        "quantity": quantity,
        "currentQuantity": quantity,
        "price": price,
        "totalDiscount": 0,
        "discounts": [],
        "group": None,
        "isGiftCard": False,
        "requiresShipping": True,
        "taxable": True,
        **fields,
    }


def make_order(number: int, order_number: int, lines: list[Document], **fields: Any) -> Document:  # noqa: ANN401
    """Return an order; what its lines say is reckoned unless it is given.

    ``totalTax`` and ``totalShipping`` count towards the total; the order's own ``totalDiscounts`` is the sum
    of its lines' discounts.
    """
    at = fields.get("createdAt") or stamp(now())
    discounts = sum(line["totalDiscount"] for line in lines)
    subtotal = sum(line["price"] * line["quantity"] for line in lines) - discounts
    total = subtotal + fields.get("totalTax", 0) + fields.get("totalShipping", 0)
    order: Document = {
        "id": number,
        "name": f"#{order_number}",
        "number": order_number,
        "createdAt": at,
        "processedAt": at,
        "updatedAt": at,
        "cancelledAt": None,
        "cancelReason": None,
        "closedAt": None,
        "test": False,
        "currencyCode": "USD",
        "presentmentCurrencyCode": fields.get("currencyCode", "USD"),
        "financialStatus": "paid",
        "fulfillmentStatus": None,
        "sourceName": "web",
        "tags": [],
        "note": None,
        "discountCodes": [],
        "email": None,
        "phone": None,
        "customerId": None,
        "taxesIncluded": False,
        "landingSite": None,
        "cartToken": None,
        "checkoutToken": None,
        "shippingAddress": None,
        "billingAddress": None,
        "subtotal": subtotal,
        "totalPrice": total,
        "currentTotalPrice": total,
        "totalTax": 0,
        "totalShipping": 0,
        "totalDiscounts": discounts,
        "outstanding": 0,
        "lines": lines,
        "refunds": [],
        "paymentGatewayNames": ["shopify_payments"],
        "customerLocale": "en",
        "edits": 0,
    }
    return order | fields


def make_refund(number: int, *, at: str, amount: int, lines: list[Document], **fields: Any) -> Document:  # noqa: ANN401
    """Return a refund of an order; its lines are ``{id, lineItemId, quantity, restockType, subtotal, tax}``."""
    base = {"id": number, "createdAt": at, "processedAt": at, "note": None, "amount": amount, "lines": lines}
    return base | fields


def make_product(number: int, title: str, at: str | None = None, **fields: Any) -> Document:  # noqa: ANN401
    """Return a product with the one option that every product has."""
    at = at or stamp(now())
    option = {"id": number + 1, "name": "Title", "position": 1, "values": ["Default Title"]}
    return {
        "id": number,
        "title": title,
        "handle": handle_of(title),
        "status": "ACTIVE",
        "vendor": "",
        "productType": "",
        "tags": [],
        "createdAt": at,
        "updatedAt": at,
        "publishedAt": at,
        "options": [option],
        "isGiftCard": False,
        "hasVariantsThatRequiresComponents": False,
        **fields,
    }


def make_variant(number: int, product_id: int, *, price: int, at: str | None = None, **fields: Any) -> Document:  # noqa: ANN401
    """Return a variant of a product; put it with the product as its parent."""
    at = at or stamp(now())
    return {
        "id": number,
        "productId": product_id,
        "title": "Default Title",
        "sku": None,
        "price": price,
        "compareAtPrice": None,
        "position": 1,
        "inventoryItemId": number + 2_000_000_000_000,
        "inventoryQuantity": 0,
        "tracked": True,
        "inventoryPolicy": "DENY",
        "cost": None,
        "selectedOptions": [{"name": "Title", "value": "Default Title"}],
        "createdAt": at,
        "updatedAt": at,
        **fields,
    }


def make_collection(number: int, title: str, product_ids: list[int], at: str | None = None) -> Document:
    """Return a collection with its products in their order."""
    body = {"id": number, "title": title, "handle": handle_of(title), "productIds": product_ids}
    return body | {"updatedAt": at or stamp(now())}


def handle_of(title: str) -> str:
    """Return the part of an address made of a title."""
    letters = "".join(letter if letter.isalnum() else " " for letter in title.lower().replace("'", ""))
    return "-".join(letters.split())


def touch(document: Document, at: datetime | None = None) -> Document:
    """Give a document a later ``updatedAt``: this second, or one past the last where that is not later."""
    moment = stamp(at or now())
    if moment <= document["updatedAt"]:
        last = datetime.fromisoformat(document["updatedAt"])
        moment = stamp(datetime.fromtimestamp(last.timestamp() + 1, tz=last.tzinfo))
    document["updatedAt"] = moment
    return document
