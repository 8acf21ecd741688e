"""Fixed bundles as products of their own, put together from variants of others.

Source: Shopify's schema of version 2026-10, ``productBundleCreate``: an operation that ends a little later,
whose product is a draft at first. Every option of every part has to be mapped, also the only one of a product
without choices. Making one is not safe to repeat: where no answer came it is looked for by its title and parts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shop_app.errors import RefusedError
from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import UserErrorsError
from shop_app.shopify.offer_discounts import is_gone
from shop_app.shopify.offers import Offer, Standing

_CLOCKS_APART = timedelta(minutes=5)
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Component:
    """One part as Shopify puts it together: a product, how many, and one value for each of its options."""

    product: str
    quantity: int
    options: tuple[tuple[str, str, str], ...]  # the option's global id, its name, the value


@dataclass(frozen=True, slots=True)
class Making:
    """How far an operation is; ``product`` is there once it is complete, ``problem`` where it failed."""

    is_complete: bool
    product: str | None = None
    problem: str = ""
    is_forgotten: bool = False


def why_not(api: AdminApi) -> str | None:
    """Return why this shop cannot have bundles, ``None`` where it can."""
    told = api.run("BundleEligibility").data["shop"]["features"]["bundles"]
    if told["eligibleForBundles"]:
        return None
    return str(told.get("ineligibilityReason") or "no reason given")


def components(api: AdminApi, offer: Offer) -> list[Component]:
    """Read what the parts are called by.

    Raises
    ------
    RefusedError
        A part is not there any more, or is a bundle itself.
    """
    wanted = [offer.variants[part.item_id] for part in offer.terms.parts]
    nodes = api.run("BundleParts", {"ids": wanted}).data.get("nodes") or []
    by_id = {str(node["id"]): node for node in nodes if node and "id" in node}
    if missing := [each for each in wanted if each not in by_id]:
        number = missing[0].rpartition("/")[2]
        raise RefusedError(f"Shopify has no variant {number} any more: it is a part of this bundle.")
    return [_component(by_id[gid], part.quantity) for gid, part in zip(wanted, offer.terms.parts, strict=True)]


def make(api: AdminApi, offer: Offer, parts: Sequence[Component]) -> str:
    """Begin to make the product; return the operation's global id.

    Raises
    ------
    UserErrorsError
        Shopify does not take it.
    OutcomeUnknownError
        No answer came: :func:`find` tells whether there is a product of it.
    """
    named = [_input(part, f"Part {place}") for place, part in enumerate(parts, start=1)]
    given = {"title": offer.title, "components": named}
    answer = api.run("CreateBundle", {"input": given})
    return str(answer.data["productBundleCreate"]["productBundleOperation"]["id"])


def poll(api: AdminApi, operation: str) -> Making:
    """Return how far an operation is; one that Shopify has forgotten is complete and has come to nothing."""
    told = api.run("BundleOperation", {"id": operation}).data.get("productOperation")
    if told is None:
        return Making(True, problem="Shopify knows nothing of it any more.", is_forgotten=True)
    if told["status"] != "COMPLETE":
        return Making(False)
    problem = "; ".join(str(each["message"]) for each in told.get("userErrors") or ())
    product = (told.get("product") or {}).get("id")
    return Making(True, product, problem or ("" if product else "It came to nothing."))


def find(api: AdminApi, offer: Offer, *, since: datetime, but: Collection[str]) -> str | None:
    """Return the product of a bundle whose making went unanswered, where it is among the newest.

    It has our title and our parts, was made ``since`` then, is a draft still, and is none of the products
    ``but`` these, which are known to be of other bundles.
    """
    nodes = (api.run("NewestProducts").data.get("products") or {}).get("nodes") or []
    for node in reversed(nodes):
        is_like = (
            node["title"] == offer.title
            and node["status"] == "DRAFT"
            and node["hasVariantsThatRequiresComponents"]
        )
        made_at = datetime.fromisoformat(node["createdAt"])
        if is_like and node["id"] not in but and made_at >= since - _CLOCKS_APART:
            there = _read(api, str(node["id"]))
            if there is not None and _parts_of(there) == _wanted_parts(components(api, offer)):
                return str(node["id"])
    return None


def look(api: AdminApi, offer: Offer, remote_id: str, prices: tuple[str, str | None]) -> Standing | None:
    """Return what stands there of the bundle, ``None`` where its product is gone.

    ``prices`` are those that it was given, as :func:`as_money` writes them.
    """
    there = _read(api, remote_id)
    if there is None:
        return None
    variants = there["variants"]["nodes"]
    held = {(_money(each["price"]), _money(each["compareAtPrice"])) for each in variants}
    wanted = {(_money(prices[0]), _money(prices[1]))}
    quantities = {(product, quantity) for product, quantity, _ in _parts_of(there)}
    asked = sorted(part.quantity for part in offer.terms.parts)
    compared: list[tuple[str, object, object]] = [
        ("its title", offer.title, there["title"]),
        ("its price", wanted, held),
        ("its parts", asked, sorted(quantity for _, quantity in quantities)),
    ]
    differs = tuple(words for words, mine, theirs in compared if mine != theirs)
    return Standing(there["status"] == "ACTIVE", differs)


def set_price(api: AdminApi, remote_id: str, prices: tuple[str, str | None]) -> None:
    """Write the price, and what it is struck through beside it, to every variant of the product."""
    there = _read(api, remote_id)
    nodes = there["variants"]["nodes"] if there else []
    price, before = prices
    variants = [{"id": each["id"], "price": price, "compareAtPrice": before} for each in nodes]
    api.run("PriceBundle", {"productId": remote_id, "variants": variants})


def set_status(api: AdminApi, remote_id: str, *, is_on: bool) -> None:
    """Put the product on sale, or make a draft of it."""
    api.run("SetProductStatus", {"id": remote_id, "status": "ACTIVE" if is_on else "DRAFT"})


def handle_of(api: AdminApi, remote_id: str) -> str | None:
    """Return the part of the product's address that is its own, ``None`` where it is gone."""
    there = _read(api, remote_id)
    return None if there is None else str(there["handle"])


def channels_of(api: AdminApi, parts: Sequence[Component]) -> list[str]:
    """Return the sales channels (publications) in which every part is on sale."""
    ids = list(dict.fromkeys(part.product for part in parts))
    nodes = api.run("SalesChannels", {"ids": ids}).data.get("nodes") or []
    sold = [
        {str(each["publication"]["id"]) for each in node["resourcePublicationsV2"]["nodes"]}
        for node in nodes
        if node and "id" in node
    ]
    return sorted(set.intersection(*sold)) if sold else []


def publish(api: AdminApi, remote_id: str, channels: Sequence[str]) -> None:
    """Have the product on sale in these channels."""
    api.run("PublishProduct", {"id": remote_id, "input": [{"publicationId": each} for each in channels]})


def delete(api: AdminApi, remote_id: str) -> None:
    """Delete the product; one that is gone already is let be."""
    try:
        api.run("DeleteProduct", {"id": remote_id})
    except UserErrorsError as error:
        if not is_gone(error):
            raise


def as_money(minor: int, digits: int) -> str:
    """Return minor units as Shopify takes money: ``1234`` with two digits is ``12.34``."""
    return str(Decimal(minor).scaleb(-digits))


def _component(node: dict[str, Any], quantity: int) -> Component:
    product = node["product"]
    if product["hasVariantsThatRequiresComponents"]:
        raise RefusedError(
            "A part of this bundle is a bundle itself: Shopify does not put bundles into bundles."
        )
    chosen = {each["name"]: each["value"] for each in node["selectedOptions"]}
    options = tuple((str(each["id"]), str(each["name"]), chosen[each["name"]]) for each in product["options"])
    return Component(str(product["id"]), quantity, options)


def _input(part: Component, called: str) -> dict[str, Any]:
    return {
        "productId": part.product,
        "quantity": part.quantity,
        "optionSelections": [
            {"componentOptionId": option, "name": f"{called} {name}"[:_LONGEST_NAME], "values": [value]}
            for option, name, value in part.options
        ],
    }


_Part = tuple[str, int, frozenset[tuple[str, str]]]


def _wanted_parts(parts: Sequence[Component]) -> set[_Part]:
    return {
        (part.product, part.quantity, frozenset((option, value) for option, _, value in part.options))
        for part in parts
    }


def _parts_of(there: dict[str, Any]) -> set[_Part]:
    return {
        (
            str(each["componentProduct"]["id"]),
            int(each["quantity"] or 0),
            frozenset(
                (str(chosen["componentOption"]["id"]), str(value["value"]))
                for chosen in each["optionSelections"]
                for value in chosen["values"]
                if value["selectionStatus"] == "SELECTED"
            ),
        )
        for each in there["bundleComponents"]["nodes"]
    }


def _read(api: AdminApi, remote_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = api.run("BundleById", {"id": remote_id}).data.get("product")
    return found


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
