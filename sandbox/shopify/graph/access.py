"""Who may see what: scopes by field, protected customer data, and the sixty days of orders."""

from datetime import timedelta

from sandbox.shopify.graph.filters import Clause
from sandbox.shopify.graph.registry import Call, GraphQLRefusal, Info, require_scope
from sandbox.shopify.world import now, stamp

ORDER_WINDOW = timedelta(days=60)
CREATED_AT = "json_extract(body, '$.createdAt')"


def need(info: Info, scope: str) -> Call:
    """Return the call, or refuse the field of ``info`` for want of a scope."""
    call: Call = info.context
    require_scope(call, scope, info.field_name)
    return call


def protected(info: Info) -> None:
    """Refuse the field of ``info`` where the store's data is protected and the app not approved for it."""
    call: Call = info.context
    if call.shop_document.get("protectedDataApproved", True):
        return
    raise GraphQLRefusal(
        "ACCESS_DENIED",
        f"This app is not approved to use the {info.field_name} field. See "
        "https://shopify.dev/docs/apps/launch/protected-customer-data for more details.",
        documentation="https://shopify.dev/docs/apps/launch/protected-customer-data",
    )


def oldest_order(call: Call) -> str:
    """Return the moment before which orders are hidden; an empty text where all are open."""
    return "" if "read_all_orders" in call.scopes else stamp(now() - ORDER_WINDOW)


def order_window(call: Call) -> list[Clause]:
    """Return the condition that hides old orders."""
    oldest = oldest_order(call)
    return [(f"{CREATED_AT} >= ?", (oldest,))] if oldest else []
