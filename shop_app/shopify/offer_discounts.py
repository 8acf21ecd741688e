"""Offers on things that stay single: discounts of the kind "buy X get Y", with a code or by themselves.

Source: Shopify's schema of version 2026-10, ``discountAutomaticBxgyCreate`` and ``discountCodeBxgyCreate``.
Making one is not safe to repeat, so each bears a tag that is ours alone, and is looked for by that where no
answer came. A discount of ours never adds up with another one: its margin was reckoned without that.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shop_app.shopify.admin_api import AdminApi
from shop_app.shopify.admin_errors import UserErrorsError
from shop_app.shopify.documents import stamp
from shop_app.shopify.offers import Offer, Standing

_ALONE = {"orderDiscounts": False, "productDiscounts": False, "shippingDiscounts": False}
_GONE = "does not exist"
_ENDED = "EXPIRED"


def make(api: AdminApi, offer: Offer) -> str:
    """Make the discount; return its global id.

    Raises
    ------
    UserErrorsError
        Shopify does not take it.
    OutcomeUnknownError
        No answer came: :func:`find` tells whether it is there.
    """
    if offer.terms.code:
        answer = api.run("CreateCodeOffer", {"discount": input_of(offer)})
        return str(answer.data["discountCodeBxgyCreate"]["codeDiscountNode"]["id"])
    answer = api.run("CreateAutomaticOffer", {"discount": input_of(offer)})
    return str(answer.data["discountAutomaticBxgyCreate"]["automaticDiscountNode"]["id"])


def find(api: AdminApi, offer: Offer) -> str | None:
    """Return the global id of the offer's discount where it is among the newest, or has its code."""
    nodes = (api.run("NewestOffers").data.get("discountNodes") or {}).get("nodes") or []
    for node in nodes:
        if offer.mark in ((node.get("discount") or {}).get("tags") or ()):
            return str(node["id"])
    if offer.terms.code:
        found = id_of_code(api, offer.terms.code)
        if found is not None and (node := _read(api, found)) is not None and offer.mark in node["tags"]:
            return found
    return None


def id_of_code(api: AdminApi, code: str) -> str | None:
    """Return the global id of whatever discount has a code, ``None`` where it is free."""
    node = api.run("OfferByCode", {"code": code}).data.get("codeDiscountNodeByCode")
    return None if not node else str(node["id"])


def look(api: AdminApi, offer: Offer, remote_id: str, *, while_off: bool) -> Standing | None:
    """Return what stands there of the offer, ``None`` where the discount is gone.

    Stopping a discount writes its end anew, so ``while_off`` beginning and end are not compared.
    """
    there = _read(api, remote_id)
    if there is None:
        return None
    differs = [
        words for words, wanted, held in _comparisons(offer, there, with_times=not while_off) if wanted != held
    ]
    return Standing(
        there["status"] != _ENDED,
        tuple(differs),
        uses=there.get("asyncUsageCount"),
        title=there.get("title"),
    )


def start(api: AdminApi, offer: Offer, remote_id: str) -> None:
    """Let it count from its beginning to its end as agreed: merely switching it on would drop the end."""
    times = {"startsAt": stamp(offer.starts_at), "endsAt": _end(offer)}
    api.run(f"Update{_kind(offer)}Offer", {"id": remote_id, "discount": times})


def stop(api: AdminApi, offer: Offer, remote_id: str) -> None:
    """Let it count no longer."""
    api.run(f"Stop{_kind(offer)}Offer", {"id": remote_id})


def delete(api: AdminApi, offer: Offer, remote_id: str) -> None:
    """Delete it; one that is gone already is let be."""
    try:
        api.run(f"Delete{_kind(offer)}Offer", {"id": remote_id})
    except UserErrorsError as error:
        if not is_gone(error):
            raise


def is_gone(error: UserErrorsError) -> bool:
    """Tell whether Shopify says that there is no such thing (any more)."""
    return all(_GONE in each.message for each in error.errors)


def input_of(offer: Offer) -> dict[str, Any]:
    """Return the discount as the mutations take it: every term, and nothing else."""
    terms = offer.terms
    given: dict[str, Any] = {
        "title": offer.title,
        "tags": [offer.mark],
        "startsAt": stamp(offer.starts_at),
        "endsAt": _end(offer),
        "combinesWith": dict(_ALONE),
        "context": {"customerSegments": {"add": [offer.segment]}} if offer.segment else {"all": "ALL"},
        "customerBuys": {"value": {"quantity": str(terms.buy_quantity)}, "items": _items(offer, terms.buys)},
        "customerGets": {
            "value": {
                "discountOnQuantity": {
                    "quantity": str(terms.get_quantity),
                    "effect": {"percentage": terms.discount_percent / 100},
                }
            },
            "items": _items(offer, terms.gets),
        },
    }
    if not terms.code:
        return given | {"usesPerOrderLimit": str(terms.uses_per_order)}
    return given | {
        "code": terms.code,
        "usesPerOrderLimit": terms.uses_per_order,
        "usageLimit": terms.uses_most,
        "appliesOncePerCustomer": terms.once_per_customer,
    }


def _kind(offer: Offer) -> str:
    return "Code" if offer.terms.code else "Automatic"


def _end(offer: Offer) -> str | None:
    return None if offer.terms.ends_at is None else stamp(offer.terms.ends_at)


def _items(offer: Offer, item_ids: Iterable[int]) -> dict[str, Any]:
    return {"products": {"productVariantsToAdd": [offer.variants[each] for each in item_ids]}}


def _read(api: AdminApi, remote_id: str) -> dict[str, Any] | None:
    node = api.run("OfferById", {"id": remote_id}).data.get("discountNode")
    return None if not node else node["discount"]


_Comparison = tuple[str, object, object]


def _comparisons(offer: Offer, there: dict[str, Any], *, with_times: bool) -> list[_Comparison]:
    """Return in words what is compared, with what was agreed and what stands there."""
    terms = offer.terms
    buys, gets = there.get("customerBuys") or {}, there.get("customerGets") or {}
    value = (gets.get("value") or {}) if isinstance(gets.get("value"), dict) else {}
    percentage = (value.get("effect") or {}).get("percentage")
    found: list[_Comparison] = [
        ("its title", offer.title, there.get("title")),
        (
            "how much cheaper",
            terms.discount_percent,
            None if percentage is None else round(percentage * 100, 6),
        ),
        ("how many are to be bought", terms.buy_quantity, _number((buys.get("value") or {}).get("quantity"))),
        ("how many are cheaper", terms.get_quantity, _number((value.get("quantity") or {}).get("quantity"))),
        ("what is to be bought", {offer.variants[each] for each in terms.buys}, _variants(buys)),
        ("what is cheaper", {offer.variants[each] for each in terms.gets}, _variants(gets)),
        ("for whom", {offer.segment} if offer.segment else None, _segments(there)),
        ("how often in one order", terms.uses_per_order, there.get("usesPerOrderLimit")),
        ("whether it adds up with other discounts", _ALONE, there.get("combinesWith")),
    ]
    if with_times:
        found += [
            ("when it begins", offer.starts_at.replace(microsecond=0), _moment(there.get("startsAt"))),
            ("when it ends", _moment(_end(offer)), _moment(there.get("endsAt"))),
        ]
    if terms.code:
        codes = [each["code"] for each in (there.get("codes") or {}).get("nodes") or []]
        found += [
            ("its code", [terms.code], codes),
            ("how often in all", terms.uses_most, there.get("usageLimit")),
            ("whether once per customer", terms.once_per_customer, there.get("appliesOncePerCustomer")),
        ]
    return found


def _number(text: object) -> int | None:
    return None if text is None else int(str(text))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _variants(side: dict[str, Any]) -> set[str]:
    nodes = ((side.get("items") or {}).get("productVariants") or {}).get("nodes") or []
    return {str(node["id"]) for node in nodes}


def _segments(there: dict[str, Any]) -> set[str] | None:
    context = there.get("context") or {}
    if context.get("__typename") == "DiscountBuyerSelectionAll":
        return None
    return {str(each["id"]) for each in context.get("segments") or ()}
