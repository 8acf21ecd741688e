"""What a segment query can ask for: filters, their kinds, operators and values, as of API version 2026-10."""

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What a filter compares; it decides which operators and values are taken."""

    TEXT = "String"
    LIST = "List"
    INTEGER = "Integer"
    DECIMAL = "Float"
    DATE = "Date"
    FUNCTION = "Function"


COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_EXISTENCE = frozenset({"IS NULL", "IS NOT NULL"})
OPERATORS = {
    Kind.TEXT: frozenset({"=", "!="}) | _EXISTENCE,
    Kind.LIST: frozenset({"CONTAINS", "NOT CONTAINS"}) | _EXISTENCE,
    Kind.INTEGER: COMPARISONS | {"BETWEEN"},
    Kind.DECIMAL: COMPARISONS | {"BETWEEN"},
    Kind.DATE: COMPARISONS | {"BETWEEN"} | _EXISTENCE,
    Kind.FUNCTION: frozenset({"MATCHES", "NOT MATCHES"}) | _EXISTENCE,
}
VALUE_KINDS = {
    Kind.TEXT: frozenset({"text"}),
    Kind.LIST: frozenset({"text"}),
    Kind.INTEGER: frozenset({"number"}),
    Kind.DECIMAL: frozenset({"number"}),
    Kind.DATE: frozenset({"date", "offset", "named"}),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: its kind, and where they are limited, its values or a function's parameters."""

    name: str
    kind: Kind
    title: str
    values: frozenset[str] = frozenset()
    parameters: dict[str, Kind] = field(default_factory=dict)


_CONSENT = frozenset({"SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "REDACTED", "INVALID"})
_GROUPS = frozenset(
    [
        "CHAMPIONS",
        "LOYAL",
        "ACTIVE",
        "NEW",
        "PROMISING",
        "NEEDS_ATTENTION",
        "AT_RISK",
        "ALMOST_LOST",
        "PREVIOUSLY_LOYAL",
        "DORMANT",
        "PROSPECTS",
    ]
)
_SUBSCRIPTION = frozenset(
    {"ACTIVE", "CANCELLED", "EXPIRED", "FAILED", "NEVER_SUBSCRIBED", "PAUSED", "SUBSCRIBED"}
)
_BROWSING = {"id": Kind.INTEGER, "date": Kind.DATE, "count": Kind.INTEGER}
_MAILING = {"activity_id": Kind.INTEGER, "date": Kind.DATE, "count": Kind.INTEGER}
_ORDERS = {
    "date": Kind.DATE,
    "amount": Kind.DECIMAL,
    "sum_amount": Kind.DECIMAL,
    "count": Kind.INTEGER,
    "app_id": Kind.INTEGER,
    "location_id": Kind.INTEGER,
}
_PRODUCTS = {
    "id": Kind.INTEGER,
    "tag": Kind.TEXT,
    "date": Kind.DATE,
    "quantity": Kind.INTEGER,
    "sum_quantity": Kind.INTEGER,
    "count": Kind.INTEGER,
}

FILTERS = {
    one.name: one
    for one in (
        Filter("abandoned_checkout_date", Kind.DATE, "Abandoned checkout date"),
        Filter("amount_spent", Kind.DECIMAL, "Amount spent"),
        Filter("companies", Kind.LIST, "Companies"),
        Filter("created_by_app_id", Kind.INTEGER, "Created by app"),
        Filter(
            "customer_account_status",
            Kind.TEXT,
            "Account status",
            frozenset({"ENABLED", "DISABLED", "INVITED", "DECLINED"}),
        ),
        Filter("customer_added_date", Kind.DATE, "Customer added date"),
        Filter("customer_cities", Kind.LIST, "Cities"),
        Filter("customer_countries", Kind.LIST, "Countries"),
        Filter("customer_email_domain", Kind.TEXT, "Email domain"),
        Filter("customer_language", Kind.TEXT, "Language"),
        Filter("customer_regions", Kind.LIST, "Regions"),
        Filter("customer_tags", Kind.LIST, "Tags"),
        Filter("email_subscription_status", Kind.TEXT, "Email subscription status", _CONSENT),
        Filter("first_order_date", Kind.DATE, "First order date"),
        Filter("last_order_date", Kind.DATE, "Last order date"),
        Filter("number_of_orders", Kind.INTEGER, "Number of orders"),
        Filter("predicted_spend_tier", Kind.TEXT, "Predicted spend tier", frozenset({"HIGH", "MEDIUM", "LOW"})),
        Filter("product_subscription_status", Kind.TEXT, "Product subscription status", _SUBSCRIPTION),
        Filter("rfm_group", Kind.TEXT, "RFM group", _GROUPS),
        Filter("sms_subscription_status", Kind.TEXT, "SMS subscription status", _CONSENT),
        Filter("orders_placed", Kind.FUNCTION, "Orders placed", parameters=_ORDERS),
        Filter("products_purchased", Kind.FUNCTION, "Products purchased", parameters=_PRODUCTS),
        Filter("storefront_event.product_viewed", Kind.FUNCTION, "Product viewed", parameters=_BROWSING),
        Filter("storefront_event.collection_viewed", Kind.FUNCTION, "Collection viewed", parameters=_BROWSING),
        *(
            Filter(f"shopify_email.{deed}", Kind.FUNCTION, f"Email {deed}", parameters=_MAILING)
            for deed in ("bounced", "clicked", "delivered", "marked_as_spam", "opened", "unsubscribed")
        ),
    )
}
"""By name. What needs facts that no document holds (visits, opened mails) is understood and matches nobody."""

SEVERAL_VALUES_AT_MOST = 500
"""Values in one list: 'Segment query language reference' on shopify.dev."""
