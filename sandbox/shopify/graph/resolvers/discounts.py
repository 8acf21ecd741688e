"""Discounts: codes and automatic ones, percentages, amounts, and buy X get Y."""

from typing import Any

from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.discount_checks import problems
from sandbox.shopify.graph.discount_input import apply, blank
from sandbox.shopify.graph.registry import Answer, Call, Info, gid, number_of, resolver, user_error
from sandbox.shopify.graph.writing import keep, refused
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

SORTS = (
    ("code", "Basic", "basicCodeDiscount"),
    ("code", "Bxgy", "bxgyCodeDiscount"),
    ("automatic", "Basic", "automaticBasicDiscount"),
    ("automatic", "Bxgy", "automaticBxgyDiscount"),
)
NODES = {"code": "DiscountCodeNode", "automatic": "DiscountAutomaticNode"}


def node_gid(discount: Document) -> str:
    """Return the global id of a discount's node."""
    return gid(NODES[discount["method"]], discount["id"])


def status(discount: Document) -> str:
    """Return whether a discount is to come, running or over."""
    moment = stamp(now())
    if discount["endsAt"] is not None and discount["endsAt"] <= moment:
        return "EXPIRED"
    return "SCHEDULED" if discount["startsAt"] > moment else "ACTIVE"


def _create(method: str, sort: str, root: str) -> None:
    @resolver("Mutation", f"discount{method.capitalize()}{sort}Create")
    def create(_parent: None, info: Info, **args: Any) -> Answer:  # noqa: ANN401
        call = need(info, "write_discounts")
        with call.state.together():
            wrong = problems(call, args[root], root, None)
            if wrong:
                return refused(f"{method}DiscountNode", *wrong)
            discount = apply(call, blank(call, method, sort), args[root])
            _keep(call, discount, "discounts/create", fresh=True)
        return {f"{method}DiscountNode": discount, "userErrors": []}


def _update(method: str, sort: str, root: str) -> None:
    @resolver("Mutation", f"discount{method.capitalize()}{sort}Update")
    def update(_parent: None, info: Info, *, id: str, **args: Any) -> Answer:  # noqa: A002, ANN401
        call = need(info, "write_discounts")
        with call.state.together():
            before = _find(call, method, id)
            if before is None or before["sort"] != sort:
                return refused(f"{method}DiscountNode", user_error(["id"], "Discount does not exist"))
            wrong = problems(call, args[root], root, before)
            if wrong:
                return refused(f"{method}DiscountNode", *wrong)
            discount = apply(call, before, args[root])
            _keep(call, discount, "discounts/update")
        return {f"{method}DiscountNode": discount, "userErrors": []}


def _switch(method: str, deed: str) -> None:
    @resolver("Mutation", f"discount{method.capitalize()}{deed}")
    def switch(_parent: None, info: Info, *, id: str) -> Answer:  # noqa: A002
        call = need(info, "write_discounts")
        with call.state.together():
            discount = _find(call, method, id)
            if discount is None:
                return refused(f"{method}DiscountNode", _unknown(method))
            if status(discount) != ("ACTIVE" if deed == "Activate" else "EXPIRED"):
                moment = stamp(now())
                discount["startsAt"] = min(discount["startsAt"], moment)
                discount["endsAt"] = None if deed == "Activate" else moment
                _keep(call, discount, "discounts/update")
        return {f"{method}DiscountNode": discount, "userErrors": []}


def _delete(method: str) -> None:
    name = f"deleted{method.capitalize()}DiscountId"

    @resolver("Mutation", f"discount{method.capitalize()}Delete")
    def delete(_parent: None, info: Info, *, id: str) -> Answer:  # noqa: A002
        call = need(info, "write_discounts")
        with call.state.together():
            discount = _find(call, method, id)
            if discount is None:
                return refused(name, _unknown(method))
            call.state.delete(call.shop, "discount", discount["id"])
            told = {"admin_graphql_api_id": node_gid(discount), "deleted_at": stamp(now())}
            call.world.emit(call.shop, "discounts/delete", told)
        return {name: node_gid(discount), "userErrors": []}


def _find(call: Call, method: str, text: str) -> Document | None:
    number = number_of(text, NODES[method])
    found = None if number is None else call.state.find(call.shop, "discount", number)
    return found if found is not None and found["method"] == method else None


def _unknown(method: str) -> Answer:
    return user_error(["id"], f"{method.capitalize()} discount does not exist.", "INVALID")


def _keep(call: Call, discount: Document, topic: str, *, fresh: bool = False) -> None:
    """Keep a discount and tell of it in the words of its webhooks."""
    if fresh:
        call.state.put(call.shop, "discount", discount)
    else:
        keep(call, "discount", discount)
    told = {
        "admin_graphql_api_id": node_gid(discount),
        "title": discount["title"],
        "status": status(discount),
        "created_at": discount["createdAt"],
        "updated_at": discount["updatedAt"],
    }
    call.world.emit(call.shop, topic, told)


for _method, _sort, _root in SORTS:
    _create(_method, _sort, _root)
    _update(_method, _sort, _root)
for _method in NODES:
    _switch(_method, "Activate")
    _switch(_method, "Deactivate")
    _delete(_method)
