"""Owners and namespaces of metafields: ``$app`` becomes the app's own, other apps' are closed."""

import re

from sandbox.shopify.graph.registry import Answer, Call, kind_of, number_of, user_error
from sandbox.shopify.state import Document

APP_NUMBER = 1_000_000_001
"""The number in the app's global id (``currentAppInstallation { app { id } }``)."""

OWNERS = {
    "Customer": ("customer", "customers"),
    "Order": ("order", "orders"),
    "Product": ("product", "products"),
    "ProductVariant": ("variant", "products"),
    "Shop": ("shop", ""),
    "DiscountCodeNode": ("discount", "discounts"),
    "DiscountAutomaticNode": ("discount", "discounts"),
}
"""By type of the owner: kind of its documents, and what its scopes end in (the shop needs none)."""

OWNER_TYPES = {
    "CUSTOMER": "customer",
    "ORDER": "order",
    "PRODUCT": "product",
    "PRODUCTVARIANT": "variant",
    "SHOP": "shop",
    "DISCOUNT": "discount",
}
OWNER_KINDS = {kind: name for name, kind in OWNER_TYPES.items()}
_RESERVED = frozenset({"shopify_standard", "protected", "shopify-l10n-fields"})
_LIMITS = {"namespace": (3, 255), "key": (2, 64)}
_CHARACTERS = re.compile(r"[A-Za-z0-9_-]*")
_NAMED = (
    "AND json_extract(body, '$.ownerKind') = ? AND json_extract(body, '$.namespace') = ? "
    "AND json_extract(body, '$.key') = ?"
)


def resolved(namespace: str | None) -> str:
    """Return a namespace as it is kept: nothing and ``$app`` are ``app--{number}``."""
    own = f"app--{APP_NUMBER}"
    if not namespace or namespace == "$app":
        return own
    if namespace.startswith("$app:"):
        return f"{own}--{namespace.removeprefix('$app:')}"
    return namespace


def is_foreign(namespace: str) -> bool:
    """Return whether a resolved namespace belongs to another app."""
    own = f"app--{APP_NUMBER}"
    return namespace.startswith("app--") and namespace != own and not namespace.startswith(f"{own}--")


def is_own(namespace: str) -> bool:
    """Return whether a resolved namespace is reserved to this app."""
    return namespace.startswith("app--") and not is_foreign(namespace)


def length_problem(field: list[str], value: str) -> Answer | None:
    """Return what is wrong with the length of a namespace or key (the last word of ``field`` says which)."""
    low, high = _LIMITS[field[-1]]
    label = field[-1].capitalize()
    if len(value) < low:
        return user_error(field, f"{label} is too short (minimum is {low} characters)", "TOO_SHORT")
    if len(value) > high:
        return user_error(field, f"{label} is too long (maximum is {high} characters)", "TOO_LONG")
    return None


def character_problem(field: list[str], value: str) -> Answer | None:
    """Return what is wrong with the characters of a definition's namespace or key."""
    if _CHARACTERS.fullmatch(value):
        return None
    message = f"{field[-1].capitalize()} contains one or more invalid characters."
    return user_error(field, message, "INVALID_CHARACTER")


def reserved_problem(field: list[str], namespace: str) -> Answer | None:
    """Return what is said of a namespace that is Shopify's own; no code stands beside it."""
    if namespace not in _RESERVED:
        return None
    return user_error(field, f"Namespace {namespace} is a reserved namespace")


def owner_of(call: Call, gid: str) -> tuple[str, Document] | None:
    """Return kind and document of an owner, ``None`` where there is none."""
    kind, _ = OWNERS.get(kind_of(gid), ("", ""))
    number = number_of(gid)
    document = call.state.find(call.shop, kind, number) if kind and number is not None else None
    return None if document is None else (kind, document)


def find(call: Call, owner: Document, kind: str, namespace: str, key: str) -> Document | None:
    """Return one metafield of an owner."""
    where, values = f"AND parent = ? {_NAMED}", (owner["id"], kind, namespace, key)
    found = call.state.select(call.shop, "metafield", where, values, order="id")
    return found[0][1] if found else None


def of_owner(call: Call, owner: Document, kind: str) -> list[Document]:
    """Return all metafields of an owner."""
    found = call.state.children(call.shop, "metafield", owner["id"])
    return [metafield for metafield in found if metafield["ownerKind"] == kind]


def definition_of(call: Call, kind: str, namespace: str, key: str) -> Document | None:
    """Return the definition that rules a metafield."""
    found = call.state.select(call.shop, "metafield_definition", _NAMED, (kind, namespace, key), order="id")
    return found[0][1] if found else None
