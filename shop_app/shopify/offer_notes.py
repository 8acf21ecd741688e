"""What themes may show of offers: one metafield of ours on every product that an offer speaks of.

Source: Shopify's schema of version 2026-10, ``metafieldDefinitionCreate``, ``metafieldsSet``. The namespace
``$app`` is the app's own, so what stands there under our key is ours. 25 metafields are written at once.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import UserErrorsError

NAMESPACE, KEY = "$app", "bundle"
_AT_ONCE = 25
_TYPE = "json"
_DEFINITION = {
    "ownerType": "PRODUCT",
    "namespace": NAMESPACE,
    "key": KEY,
    "name": "Offers",
    "description": "Offers of Kindred's that this product is part of, for the theme to show.",
    "type": _TYPE,
    "access": {"admin": "MERCHANT_READ", "storefront": "PUBLIC_READ"},
}


def define(api: AdminApi) -> None:
    """See to it that the metafield is defined, so that themes may read it."""
    if api.run("ProductDefinition").data.get("metafieldDefinition"):
        return
    try:
        api.run("CreateDefinition", {"definition": _DEFINITION})
    except UserErrorsError as error:
        if {each.code for each in error.errors} != {"TAKEN"}:  # made by a call that went unanswered
            raise


def write(api: AdminApi, notes: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write what each product is to say of offers, by its global id; where that is nothing, it goes."""
    told = [product for product in sorted(notes) if notes[product]]
    silent = [product for product in sorted(notes) if not notes[product]]
    for begin in range(0, len(told), _AT_ONCE):
        values = [
            {**_place(product), "type": _TYPE, "value": json.dumps(list(notes[product]), sort_keys=True)}
            for product in told[begin : begin + _AT_ONCE]
        ]
        _set(api, values)
    for begin in range(0, len(silent), _AT_ONCE):
        places = [_place(product) for product in silent[begin : begin + _AT_ONCE]]
        api.run("DeleteMetafields", {"metafields": places})


def _set(api: AdminApi, values: list[dict[str, str]]) -> None:
    """Write all of these; a product that is gone keeps none of the others from it."""
    try:
        api.run("SetMetafields", {"metafields": values})
    except UserErrorsError as error:
        if not any("does not exist" in each.message for each in error.errors):
            raise
        for value in values if len(values) > 1 else ():
            _set(api, [value])


def undefine(api: AdminApi) -> None:
    """Delete the definition with whatever is left of its values."""
    there = api.run("ProductDefinition").data.get("metafieldDefinition")
    if not there:
        return
    try:
        api.run("DeleteDefinition", {"id": there["id"]})
    except UserErrorsError as error:
        if {each.code for each in error.errors} != {"NOT_FOUND"}:
            raise


def _place(product: str) -> dict[str, str]:
    return {"ownerId": product, "namespace": NAMESPACE, "key": KEY}
