"""What the app asks a merchant's leave for; ``shopify.app.toml`` says the same."""

from collections.abc import Iterable

from shop_app.bundles.terms import Form

REQUIRED_SCOPES = ("read_customers", "write_customers", "read_orders", "read_products")
"""Without these there is nothing to work with."""

OPTIONAL_SCOPES = ("write_products", "write_discounts", "write_publications", "read_customer_merge")
"""Asked for where a merchant first uses what needs them."""

ALL_ORDERS = "read_all_orders"
"""Orders older than 60 days; Shopify grants it to an app on request only."""


def missing_scopes(granted: Iterable[str], wanted: Iterable[str] = REQUIRED_SCOPES) -> tuple[str, ...]:
    """Return what is wanted and not granted; leave to write implies leave to read."""
    held = set(granted)
    held |= {f"read_{scope.removeprefix('write_')}" for scope in held if scope.startswith("write_")}
    return tuple(scope for scope in wanted if scope not in held)


def offer_scopes(form: Form) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the optional scopes that an offer of a form needs, and those that it does more with.

    The others let themes show a discount on its products, and put the product of a bundle on sale.
    """
    if form is Form.FIXED:
        return ("write_products",), ("write_publications",)
    return ("write_discounts",), ("write_products",)
