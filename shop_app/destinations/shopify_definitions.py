"""Definitions of our metafields: names and descriptions in words, for the merchant to read and not to write.

Source: Shopify's schema of version 2026-10, ``metafieldDefinitionCreate``. The namespace ``$app`` is the app's
own, so what stands there under one of our keys is ours; 50 definitions of an owner type may be asked for in
the admin's lists, and where they are used up we do without.
"""

from typing import Any

from shop_app.destinations.base import RemoteGroup
from shop_app.destinations.shopify_labels import METAFIELDS, NAMESPACE, Metafield
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import UserErrorsError

ROLE = "definition"
_FILTERS_USED_UP = "OWNER_TYPE_LIMIT_EXCEEDED_FOR_USE_AS_ADMIN_FILTERS"


def prepare(api: AdminApi) -> tuple[list[RemoteGroup], list[str]]:
    """See to it that every metafield of ours is defined; sentences for what Shopify refuses."""
    found = _read(api)
    problems: list[str] = []
    for metafield in METAFIELDS:
        there = found.get(metafield.key)
        if there is None:
            problems += _create(api, metafield, filters=metafield.filters)
        elif there["type"]["name"] != metafield.type:
            problems.append(
                f'The metafield "{metafield.name}" is defined as {there["type"]["name"]} in Shopify and not as '
                f"{metafield.type}: delete its definition in Shopify's settings, under custom data, and it is "
                "made anew."
            )
    if len(found) < len(METAFIELDS):
        found = _read(api)
    made = [RemoteGroup(ROLE, key, there["id"], there["name"]) for key, there in found.items()]
    return made, problems


def delete(api: AdminApi, group: RemoteGroup) -> None:
    """Delete a definition with all its values; one that is gone already is let be."""
    try:
        api.run("DeleteDefinition", {"id": group.remote_id})
    except UserErrorsError as error:
        if {each.code for each in error.errors} != {"NOT_FOUND"}:
            raise


def _read(api: AdminApi) -> dict[str, dict[str, Any]]:
    data = api.run("CustomerDefinitions").data
    return {each.key: data[each.key] for each in METAFIELDS if data.get(each.key)}


def _create(api: AdminApi, metafield: Metafield, *, filters: bool) -> list[str]:
    definition: dict[str, Any] = {
        "ownerType": "CUSTOMER",
        "namespace": NAMESPACE,
        "key": metafield.key,
        "name": metafield.name,
        "description": metafield.about,
        "type": metafield.type,
        "access": {"admin": "MERCHANT_READ"},
    }
    if filters:
        definition["capabilities"] = {"adminFilterable": {"enabled": True}}
    try:
        api.run("CreateDefinition", {"definition": definition})
    except UserErrorsError as error:
        codes = {each.code for each in error.errors}
        if filters and _FILTERS_USED_UP in codes:
            return _create(api, metafield, filters=False)
        if codes == {"TAKEN"}:  # made by a call that went unanswered
            return []
        return [f'Shopify does not take the metafield "{metafield.name}": {error}']
    return []
