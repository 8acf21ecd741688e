"""How much there is to read, by Shopify's own count, so that a bar can say how far it is."""

from shop_app.errors import KindredError
from shop_app.services.backfill_plan import search_of
from shop_app.services.backfill_step import Step
from shop_app.storage.backfills import Part

_DOCUMENTS = {
    "orders": ("OrdersCount", "ordersCount"),
    "customers": ("CustomersCount", "customersCount"),
    "products": ("ProductsCount", "productsCount"),
}


def count_parts(step: Step) -> None:
    """Ask for the counts that are not known yet; where Shopify does not say, the bar does without."""
    found = step.running()
    if found is None:
        return
    for part in found[1]:
        if part.is_open and part.expected_count is None and part.resource in _DOCUMENTS:
            count = _count(step, part)
            if count is not None:
                step.change(part, expected_count=count)


def _count(step: Step, part: Part) -> int | None:
    document, field = _DOCUMENTS[part.resource]
    try:
        answer = step.api.run(document, {"query": search_of(part) or None})
    except KindredError:
        return None  # it is no reason not to read them; what keeps us from reading is said there
    found = (answer.data or {}).get(field) or {}
    return None if found.get("count") is None else int(found["count"])
