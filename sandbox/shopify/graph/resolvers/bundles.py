"""Fixed bundles: made and changed by operations that end a little later, and read back."""

import sqlite3
import threading
from contextlib import suppress
from typing import Any

from sandbox.shopify.graph.access import need
from sandbox.shopify.graph.bundle_checks import problem
from sandbox.shopify.graph.bundle_goods import change_bundle, make_bundle
from sandbox.shopify.graph.connections import Listed, connection
from sandbox.shopify.graph.registry import RESOLVERS, Answer, Call, Info, gid, number_of, resolver, user_error
from sandbox.shopify.graph.writing import TEXT_AT_MOST, new_number, refused
from sandbox.shopify.state import Document
from sandbox.shopify.world import now, stamp

_STATES = ("CREATED", "ACTIVE", "COMPLETE")


@resolver("Mutation", "productBundleCreate")
def bundle_create(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002 (the schema's name)
    """Begin to make a bundle; its product is there when the operation is complete."""
    call = need(info, "write_products")
    wrong = _shop_problem(call) or _title_problem(input["title"]) or problem(call, input)
    if wrong:
        return refused("productBundleOperation", wrong)
    return _begun(call, input, None)


@resolver("Mutation", "productBundleUpdate")
def bundle_update(_parent: None, info: Info, *, input: dict[str, Any]) -> Answer:  # noqa: A002
    """Begin to change a bundle; only the app that made it may."""
    call = need(info, "write_products")
    number = number_of(input["productId"], "Product")
    bundle = None if number is None else call.state.find(call.shop, "product", number)
    if bundle is None:
        return refused("productBundleOperation", user_error(None, "Product does not exist"))
    if bundle.get("madeByClient") != call.world.app.client_id:
        message = "This app is not authorized to update this bundle."
        return refused("productBundleOperation", user_error(None, message))
    title = input.get("title")
    wrong = (None if title is None else _title_problem(title)) or problem(call, input)
    if wrong:
        return refused("productBundleOperation", wrong)
    return _begun(call, input, number)


@resolver("QueryRoot", "productOperation")
def product_operation(_parent: None, info: Info, *, id: str) -> Document | None:  # noqa: A002
    """Return how far an operation is; it moves on by one state each time it is asked for."""
    call = need(info, "read_products")
    number = number_of(id, "ProductBundleOperation")
    with call.state.together():
        operation = None if number is None else call.state.find(call.shop, "product_operation", number)
        if operation is None:
            return None
        if operation["status"] != "COMPLETE":
            operation["status"] = _STATES[_STATES.index(operation["status"]) + 1]
            if operation["status"] == "COMPLETE":
                _finish(call, operation)
            call.state.put(call.shop, "product_operation", operation)
    return operation | {"__typename": "ProductBundleOperation"}


def _begun(call: Call, given: dict[str, Any], product_id: int | None) -> Answer:
    operation = {
        "id": new_number(call, "product_operation"),
        "status": "CREATED",
        "input": given,
        "productId": product_id,
        "errors": [],
        "createdAt": stamp(now()),
    }
    call.state.put(call.shop, "product_operation", operation)
    seconds = float(call.world.settings.get("product_operation_seconds", 2.0))
    timer = threading.Timer(seconds, _finish_unasked, (call, operation["id"]))
    timer.daemon = True
    timer.start()
    return {"productBundleOperation": operation, "userErrors": []}


def _finish_unasked(call: Call, number: int) -> None:
    """Finish an operation that nobody asks about: the answer that named it may have been lost."""
    with suppress(sqlite3.ProgrammingError), call.state.together():  # the state is closed: the process ends
        operation = call.state.find(call.shop, "product_operation", number)
        if operation is not None and operation["status"] != "COMPLETE":
            operation["status"] = "COMPLETE"
            _finish(call, operation)
            call.state.put(call.shop, "product_operation", operation)


def _finish(call: Call, operation: Document) -> None:
    """Do what was asked, or note why it cannot be done any more: a component may be gone since."""
    wrong = problem(call, operation["input"])
    if wrong:
        operation["errors"] = [wrong | {"code": "JOB_ERROR"}]
        return
    if operation["productId"] is None:
        operation["productId"] = make_bundle(call, operation["input"])["id"]
        return
    bundle = call.state.find(call.shop, "product", operation["productId"])
    if bundle is None:
        error = user_error(None, "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
        operation["errors"] = [error]
    else:
        change_bundle(call, bundle, operation["input"])


def _shop_problem(call: Call) -> Answer | None:
    if call.shop_document.get("bundlesEligible", True):
        return None
    return user_error(None, "Shop is not eligible to create bundles.")


def _title_problem(title: str) -> Answer | None:
    if not title.strip():
        return user_error(None, "Title can't be blank")
    if len(title) > TEXT_AT_MOST:
        return user_error(None, f"Title is too long (maximum is {TEXT_AT_MOST} characters)")
    return None


@resolver("ProductBundleOperation", "id")
def operation_id(operation: Document, _info: Info) -> str:
    """Return the global id."""
    return gid("ProductBundleOperation", operation["id"])


@resolver("ProductBundleOperation", "product")
def operation_product(operation: Document, info: Info) -> Document | None:
    """Return the bundle, once it is there."""
    call: Call = info.context
    number = operation["productId"]
    return None if number is None else call.state.find(call.shop, "product", number)


@resolver("ProductBundleOperation", "userErrors")
def operation_errors(operation: Document, _info: Info) -> list[Answer]:
    """Return what went wrong while it ran."""
    found: list[Answer] = operation["errors"]
    return found


@resolver("Product", "bundleComponents")
def bundle_components(product: Document, info: Info, **args: Any) -> Any:  # noqa: ANN401
    """Return what a bundle is put together from."""
    rows = [one | {"id": place} for place, one in enumerate(product.get("bundleComponents") or [], start=1)]
    return connection(info, Listed(rows, bool(args.get("reverse"))), args)


@resolver("ProductBundleComponent", "componentProduct")
def component_product(component: Document, info: Info) -> Document | None:
    """Return the product that is a part."""
    call: Call = info.context
    return call.state.find(call.shop, "product", component["productId"])


@resolver("ProductBundleComponent", "optionSelections")
def component_selections(component: Document, info: Info) -> list[Answer]:
    """Return which values of which options a buyer can have."""
    product = component_product(component, info)
    shown = RESOLVERS["Product", "options"](product, info) if product is not None else []
    options = {one["id"]: one for one in shown}
    return [
        {
            "componentOption": options[gid("ProductOption", one["optionId"])],
            "parentOption": None,
            "values": [
                {"value": value, "selectionStatus": "SELECTED" if value in one["values"] else "DESELECTED"}
                for value in options[gid("ProductOption", one["optionId"])]["values"]
            ],
        }
        for one in component["optionSelections"]
        if gid("ProductOption", one["optionId"]) in options
    ]
