"""What Shopify refuses about a bundle's components, with the messages that were recorded."""

from collections.abc import Callable
from typing import Any

from sandbox.shopify.graph.registry import Answer, Call, number_of, user_error
from sandbox.shopify.state import Document

QUANTITY_AT_MOST = 2000
COMPONENTS_AT_MOST = 30
Component = dict[str, Any]


def problem(call: Call, given: dict[str, Any]) -> Answer | None:
    """Return the first user error of a bundle's input; ``field`` is null in all of them."""
    components = given.get("components")
    if components is None:
        return None
    if not components:
        return _error("At least one component is required.")
    if len(components) > COMPONENTS_AT_MOST:
        return _error(f"The number of components cannot be greater than {COMPONENTS_AT_MOST}.")
    products = {one["productId"]: _product(call, one["productId"]) for one in components}
    unknown = [text for text, product in products.items() if product is None]
    if unknown:
        return _error(f"Failed to locate the following products: {_numbers(unknown)}")
    for wrong, message in _RULES:
        bad = [one["productId"] for one in components if wrong(one, products[one["productId"]] or {})]
        if bad:
            return _error(message.format(_numbers(bad)))
    return _consolidated_problem(given, components)


def _product(call: Call, text: str) -> Document | None:
    number = number_of(text, "Product")
    return None if number is None else call.state.find(call.shop, "product", number)


def _maps_too_little(component: Component, product: Document) -> bool:
    """Return whether an option of the product is not mapped, or mapped to values that it has not."""
    selections = {number_of(one["componentOptionId"]): one for one in component["optionSelections"]}
    options = {option["id"]: option for option in product["options"]}
    if selections.keys() != options.keys() or len(component["optionSelections"]) != len(options):
        return True
    return any(
        not one["values"] or not set(one["values"]) <= set(options[number]["values"])
        for number, one in selections.items()
        if number is not None
    )


def _has_too_many(component: Component, _product: Document) -> bool:
    return (component.get("quantity") or 0) > QUANTITY_AT_MOST


def _has_too_few(component: Component, _product: Document) -> bool:
    quantity = component.get("quantity")
    return quantity is not None and quantity < 1


def _offers_no_choice(component: Component, _product: Document) -> bool:
    asked = component.get("quantityOption")
    return asked is not None and len(asked["values"]) < 2


def _is_a_bundle(_component: Component, product: Document) -> bool:
    return bool(product.get("hasVariantsThatRequiresComponents"))


_RULES: tuple[tuple[Callable[[Component, Document], bool], str], ...] = (
    (
        _maps_too_little,
        (
            "Mapping of components targeting products need to map all of the options of the product. Missing "
            "or invalid options found for components targeting product_ids {}."
        ),
    ),
    (
        _has_too_many,
        (
            f"Quantity cannot be greater than {QUANTITY_AT_MOST}. The following products have a quantity that "
            "exceeds the maximum: {}"
        ),
    ),
    (_has_too_few, "Quantity must be greater than 0. Invalid quantity found for product_ids {}."),
    (
        _offers_no_choice,
        (
            "Quantity options must have at least two values. Invalid quantity options found for components "
            "targeting product_ids {}."
        ),
    ),
    (_is_a_bundle, "Bundles cannot be nested. The following products are bundles: {}"),
)


def _consolidated_problem(given: dict[str, Any], components: list[Component]) -> Answer | None:
    known = {
        (selection["componentOptionId"], value)
        for component in components
        for selection in component["optionSelections"]
        for value in selection["values"]
    }
    for option in given.get("consolidatedOptions") or []:
        named = [
            (part.get("componentOptionId"), part["componentOptionValue"])
            for selection in option["optionSelections"]
            for part in selection["components"]
            if part.get("componentOptionId") is not None
        ]
        if not option["optionName"].strip() or not set(named) <= known:
            return _error("Consolidated option selections are invalid.")
    return None


def _numbers(texts: list[str]) -> str:
    return "[" + ", ".join(text.rpartition("/")[2] for text in dict.fromkeys(texts)) + "]"


def _error(message: str) -> Answer:
    return user_error(None, message)
