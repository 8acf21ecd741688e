"""What is told of an order besides itself: refunds, payments, and how the buyer came."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.shopify.graph.answers import bag
from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.registry import Answer, Info, gid, resolver
from sandbox.shopify.state import Document


@resolver("Order", "refunds")
def refunds(parent: Document, _info: Info, *, first: int | None = None) -> list[Document]:
    """Return the refunds, oldest first; each knows its order."""
    return [refund | {"order": parent} for refund in parent["refunds"][:first]]


@resolver("Refund", "id")
def refund_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("Refund", parent["id"])


@resolver("Refund", "updatedAt")
def refund_updated(parent: Document, _info: Info) -> str:
    """Return when it last changed: refunds never do."""
    return str(parent["createdAt"])


@resolver("Refund", "totalRefundedSet")
def refund_total(parent: Document, _info: Info) -> Answer:
    """Return what was given back."""
    return bag(parent["order"], parent["amount"])


@resolver("Refund", "refundLineItems")
def refund_lines(parent: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return a page of what came back."""
    rows = [line | {"order": parent["order"]} for line in parent["lines"]]
    return connection(info, Listed(rows, reverse=bool(args.get("reverse"))), args)


@resolver("RefundLineItem", "id")
def refund_line_id(parent: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("RefundLineItem", parent["id"])


@resolver("RefundLineItem", "restockType")
def restock_type(parent: Document, _info: Info) -> str:
    """Return the type in capitals."""
    return str(parent["restockType"]).upper()


@resolver("RefundLineItem", "restocked")
def restocked(parent: Document, _info: Info) -> bool:
    """Return whether the goods went back to the shelf."""
    return str(parent["restockType"]).upper() != "NO_RESTOCK"


@resolver("RefundLineItem", "lineItem")
def refunded_line(parent: Document, _info: Info) -> Document:
    """Return the line that was refunded."""
    order = parent["order"]
    line = next(one for one in order["lines"] if one["id"] == parent["lineItemId"])
    return line | {"order": order}


@resolver("RefundLineItem", "subtotalSet")
def refund_subtotal(parent: Document, _info: Info) -> Answer:
    """Return what the pieces cost."""
    return bag(parent["order"], parent["subtotal"])


@resolver("RefundLineItem", "priceSet")
def refund_price(parent: Document, _info: Info) -> Answer:
    """Return what one piece cost."""
    return bag(parent["order"], parent["subtotal"] // max(parent["quantity"], 1))


@resolver("RefundLineItem", "totalTaxSet")
def refund_tax(parent: Document, _info: Info) -> Answer:
    """Return the tax on the pieces."""
    return bag(parent["order"], parent.get("tax") or 0)


@resolver("Order", "transactions")
def transactions(parent: Document, _info: Info, **args: Any) -> list[Answer]:  # noqa: ANN401
    """Return payments and refunds as they follow from the order."""
    gateway = next(iter(parent["paymentGatewayNames"]), "manual")
    paid = parent["totalPrice"] - parent["outstanding"]
    rows = []
    if paid > 0 and parent["financialStatus"] != "voided":
        rows.append(("SALE", paid, parent["processedAt"], parent["id"] + 1))
    rows += [("REFUND", one["amount"], one["createdAt"], one["id"] + 1) for one in parent["refunds"]]
    return [_transaction(parent, row, gateway) for row in rows][: args.get("first")]


def _transaction(order: Document, row: tuple[str, int, str, int], gateway: str) -> Answer:
    kind, amount, at, number = row
    return {
        "id": gid("OrderTransaction", number),
        "kind": kind,
        "status": "SUCCESS",
        "amountSet": bag(order, amount),
        "createdAt": at,
        "processedAt": at,
        "gateway": gateway,
        "formattedGateway": gateway.replace("_", " ").title(),
        "test": order["test"],
    }


@resolver("Order", "customerJourneySummary")
def journey(parent: Document, _info: Info) -> Answer | None:
    """Return how the buyer came; none for orders that are not from the online store."""
    if parent["sourceName"] != "web" or not parent["landingSite"]:
        return None
    visit = _visit(parent)
    return {
        "ready": True,
        "customerOrderIndex": None,
        "daysToConversion": 0,
        "firstVisit": visit,
        "lastVisit": visit,
        "momentsCount": {"count": 1, "precision": "EXACT"},
    }


def _visit(order: Document) -> Answer:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(order["landingSite"]).query).items()}
    words = ("source", "medium", "campaign", "term", "content")
    utm = {word: asked.get(f"utm_{word}") for word in words}
    at = datetime.fromisoformat(order["createdAt"])
    return {
        "id": gid("CustomerVisit", order["id"]),
        "occurredAt": at.isoformat().replace("+00:00", "Z"),
        "source": utm["source"] or "direct",
        "sourceType": None,
        "landingPage": order["landingSite"],
        "utmParameters": utm if any(utm.values()) else None,
    }
