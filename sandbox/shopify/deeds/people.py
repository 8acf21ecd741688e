"""Customers: made, changed, asked for consent, tagged by hand, merged, deleted."""

import random
from typing import Any

from sandbox.shopify import documents, tags
from sandbox.shopify.deeds.finding import DeedRefusedError, get_or_any, only_known
from sandbox.shopify.state import Document
from sandbox.shopify.world import World, now, stamp

Ids = dict[str, Any]
_FIRST = (
    "Ada",
    "Bruno",
    "Carys",
    "Dario",
    "Edith",
    "Fergus",
    "Greta",
    "Hugo",
    "Ida",
    "Jasper",
    "Linus",
    "Maude",
)
_LAST = ("Alderwick", "Barlowe", "Cloverly", "Dunmore", "Everholt", "Fennimore", "Goldcroft", "Hartwell")


def create_customer(world: World, shop: str, **fields: Any) -> Ids:  # noqa: ANN401 (any field of a customer)
    """Let somebody register; invented unless told otherwise."""
    with world.state.together():
        number = documents.new_number(world.state, "customer")
        first, last = random.choice(_FIRST), random.choice(_LAST)
        mail = f"{first}.{last}.{number}@example.com".lower()
        customer = documents.make_customer(number, firstName=first, lastName=last, email=mail)
        only_known(fields, customer)
        _keep(world, shop, customer | fields, "customers/create")
    return {"customer_id": number}


def edit_customer(
    world: World,
    shop: str,
    *,
    customer_id: int | None = None,
    add_tags: list[str] | None = None,
    remove_tags: list[str] | None = None,
    **fields: Any,  # noqa: ANN401 (any field of a customer)
) -> Ids:
    """Change a customer by hand: fields, tags; a note with the time of day where nothing is said."""
    with world.state.together():
        customer = get_or_any(world, shop, "customer", customer_id)
        only_known(fields, customer)
        if not (fields or add_tags or remove_tags):
            fields = {"note": f"Seen at the counter on {stamp(now())}"}
        topics = ["customers/update"] + [topic for name, topic in _CONSENTS.items() if name in fields]
        kept, added = tags.add(customer["tags"], add_tags or [])
        kept, removed = tags.remove(kept, remove_tags or [])
        if wrong := tags.problem(kept):
            raise DeedRefusedError(wrong)
        customer = _keep(world, shop, customer | fields | {"tags": kept}, *topics)
        for topic, changed in (("customer.tags_added", added), ("customer.tags_removed", removed)):
            if changed:
                change = {"customerId": customer["id"], "tags": changed, "occurredAt": customer["updatedAt"]}
                world.emit(shop, topic, change)
    return {"customer_id": customer["id"], "tags": customer["tags"]}


def change_consent(
    world: World, shop: str, *, customer_id: int | None = None, email: str | None = None, sms: str | None = None
) -> Ids:
    """Let a customer subscribe or unsubscribe; to the newsletter unless something is said."""
    customer = get_or_any(world, shop, "customer", customer_id)
    if email is None and sms is None:
        email = "UNSUBSCRIBED" if customer["emailMarketing"]["state"] == "SUBSCRIBED" else "SUBSCRIBED"
    wishes = {"emailMarketing": email, "smsMarketing": sms}
    changes: dict[str, Any] = {
        name: documents.make_consent(state, stamp(now())) for name, state in wishes.items() if state
    }
    return edit_customer(world, shop, customer_id=customer["id"], **changes)


def merge_customers(
    world: World, shop: str, *, kept_id: int | None = None, deleted_id: int | None = None
) -> Ids:
    """Fold one customer into another: orders, tags and the older time of creation go over."""
    with world.state.together():
        kept = get_or_any(world, shop, "customer", kept_id)
        gone = get_or_any(world, shop, "customer", deleted_id)
        if gone["id"] == kept["id"]:
            raise DeedRefusedError("A customer cannot be merged with themselves.")
        for order in world.state.children(shop, "order", gone["id"]):
            moved = order | {"customerId": kept["id"], "updatedAt": stamp(now())}
            world.state.put(shop, "order", moved, parent=kept["id"])
            world.emit(shop, "orders/updated", moved)
        united, _ = tags.add(kept["tags"], gone["tags"])
        created = min(kept["createdAt"], gone["createdAt"])
        world.state.delete(shop, "customer", gone["id"])
        _keep(
            world, shop, kept | {"tags": united[: tags.TAGS_AT_MOST], "createdAt": created}, "customers/update"
        )
        world.emit(shop, "customers/merge", _merge_body(world, kept, gone))
    return {"kept_id": kept["id"], "deleted_id": gone["id"]}


def delete_customer(world: World, shop: str, *, customer_id: int | None = None, force: bool = False) -> Ids:
    """Delete a customer; one with orders only where ``force`` says so (as an erasure would)."""
    with world.state.together():
        customer = get_or_any(world, shop, "customer", customer_id)
        if not force and world.state.children(shop, "order", customer["id"]):
            raise DeedRefusedError("Customers with orders cannot be deleted.")
        world.state.delete(shop, "customer", customer["id"])
        world.emit(shop, "customers/delete", customer)
    return {"customer_id": customer["id"]}


_CONSENTS = {
    "emailMarketing": "customers_email_marketing_consent/update",
    "smsMarketing": "customers_marketing_consent/update",
}


def _keep(world: World, shop: str, customer: Document, *topics: str) -> Document:
    customer = customer | {"updatedAt": stamp(now())}
    world.state.put(shop, "customer", customer)
    for topic in topics:
        world.emit(shop, topic, customer)
    return customer


def _merge_body(world: World, kept: Document, gone: Document) -> Document:
    job = world.state.next_number("merge job", start=10_001)
    return {
        "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept['id']}",
        "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{gone['id']}",
        "admin_graphql_api_job_id": f"gid://shopify/Job/{job}",
        "status": "completed",
        "errors": [],
    }
