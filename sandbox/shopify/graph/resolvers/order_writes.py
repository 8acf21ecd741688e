"""``orderUpdate``: note, tags, e-mail, phone and address of an order."""

from typing import Any

from sandbox.shopify import tags as tagging
from sandbox.shopify.documents import make_address
from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.inline_metafields import check_inline, write_inline
from sandbox.shopify.graph.registry import Answer, Info, number_of, resolver, user_error
from sandbox.shopify.graph.writing import keep, refused


@resolver("Mutation", "orderUpdate")
def order_update(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002 (the schema's name)
    """Change what may be changed of an order without editing its lines; ``tags`` replaces them all."""
    call = need(info, "write_orders")
    number = number_of(input["id"], "Order")
    with call.state.together():
        order = None if number is None else call.state.find(call.shop, "order", number)
        if order is None:
            return refused("order", user_error(["id"], "Order does not exist"))
        changes: dict[str, Any] = {name: input[name] for name in ("note", "email", "phone") if name in input}
        if input.get("tags") is not None:
            changes["tags"] = tagging.in_order(tagging.split(input["tags"]))
        if input.get("shippingAddress"):
            changes["shippingAddress"] = make_address(**input["shippingAddress"])
        inline = check_inline(call, ("order", order), input.get("metafields"))
        said = tagging.problem(changes.get("tags") or [])
        wrong = ([user_error(["tags"], said)] if said else []) + [
            one for one in inline if isinstance(one, dict)
        ]
        if wrong:
            return refused("order", *wrong)
        order = keep(call, "order", order | changes, "orders/updated", parent=order["customerId"])
        write_inline(call, inline)
    return {"order": order, "userErrors": []}
