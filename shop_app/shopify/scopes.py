"""What the app asks a merchant's leave for; ``shopify.app.toml`` says the same."""

from collections.abc import Iterable

REQUIRED_SCOPES = ("read_customers", "write_customers", "read_orders", "read_products")
"""Without these there is nothing to work with."""

OPTIONAL_SCOPES = ("write_products", "write_discounts", "read_customer_merge")
"""Asked for where a merchant first uses what needs them."""

ALL_ORDERS = "read_all_orders"
"""Orders older than 60 days; Shopify grants it to an app on request only."""


def missing_scopes(granted: Iterable[str]) -> tuple[str, ...]:
    """Return what is required and not granted; leave to write implies leave to read."""
    held = set(granted)
    held |= {f"read_{scope.removeprefix('write_')}" for scope in held if scope.startswith("write_")}
    return tuple(scope for scope in REQUIRED_SCOPES if scope not in held)
