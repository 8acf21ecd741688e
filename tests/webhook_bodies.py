"""Bodies of webhooks as Shopify writes them today, put together by hand."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def minute(number):
    return NOON + timedelta(minutes=number)


def stamp(moment):
    return moment.isoformat().replace("+00:00", "Z")


def money(amount, currency="EUR"):
    one = {"amount": amount, "currency_code": currency}
    return {"shop_money": one, "presentment_money": one}


def an_order_body(number, *, updated_at=NOON, total="12.50", lines=None, customer=None, **more):
    """An order as of 2026-10."""
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Order/{number}",
        "name": f"#{number % 10_000}",
        "order_number": number % 10_000,
        "created_at": stamp(NOON - timedelta(days=1)),
        "processed_at": stamp(NOON - timedelta(days=1)),
        "updated_at": stamp(updated_at),
        "cancelled_at": None,
        "financial_status": "paid",
        "test": False,
        "currency": "EUR",
        "total_price": total,
        "total_price_set": money(total),
        "total_tax": "1.00",
        "total_discounts": "0.00",
        "total_outstanding": "0.00",
        "total_shipping_price_set": money("2.50"),
        "taxes_included": True,
        "discount_codes": [],
        "tags": "",
        "source_name": "web",
        "email": "ann@example.com",
        "phone": None,
        "customer": None if customer is None else {"id": customer, "email": "ann@example.com"},
        "line_items": [a_line_body(number + 1)] if lines is None else lines,
        "refunds": [],
    } | more


def a_line_body(number, *, price="10.00", quantity=1, **more):
    return {
        "id": number,
        "product_id": number + 10,
        "variant_id": number + 20,
        "sku": f"SKU-{number % 100}",
        "title": "Tea",
        "vendor": "Acme",
        "quantity": quantity,
        "price": price,
        "total_discount": "0.00",
        "gift_card": False,
    } | more


def a_customer_body(number, *, updated_at=NOON, **more):
    """A customer as of 2026-10: without tags and consent."""
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Customer/{number}",
        "email": f"c{number}@example.com",
        "first_name": "Ann",
        "last_name": "Archer",
        "verified_email": True,
        "tax_exemptions": [],
        "phone": "+441632960001",
        "created_at": stamp(NOON - timedelta(days=100)),
        "updated_at": stamp(updated_at),
        "default_address": {"country_code": "GB", "country": "United Kingdom"},
    } | more


def a_product_body(number, *, updated_at=NOON, **more):
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Product/{number}",
        "title": "Assam",
        "handle": "assam",
        "vendor": "Acme",
        "product_type": "Tea",
        "status": "active",
        "tags": "black, loose",
        "created_at": stamp(NOON - timedelta(days=100)),
        "updated_at": stamp(updated_at),
        "published_at": stamp(NOON - timedelta(days=100)),
        "variants": [
            {"id": number + 1, "title": "Default Title", "sku": "A1", "price": "9.00", "inventory_quantity": 3}
        ],
    } | more
