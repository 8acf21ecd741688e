"""The admin's pages of a store: orders, customers, products, segments, webhooks; and buttons that do deeds."""

from collections.abc import Callable
from typing import Any

import flask
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from graphql import GraphQLError

from sandbox.shopify import delivery_queue, installs, merchant, segment_people
from sandbox.shopify.state import Document
from sandbox.shopify.store_view import BUTTONS, current_world, domain_of, show
from sandbox.shopify.webhooks import one_event

bp = Blueprint("store_pages", __name__)
_PAGE = 50
_NUMBERS = frozenset(("order_id", "customer_id", "product_id", "variant_id", "deeds"))
_LISTS = frozenset(("add_tags", "remove_tags"))


@bp.get("/")
def stores() -> ResponseReturnValue:
    """List the stores."""
    world = current_world()
    found = [installs.shop_of(world, shop) for shop in world.state.shops()]
    counts = {one["myshopifyDomain"]: world.state.count(one["myshopifyDomain"], "customer") for one in found}
    return flask.render_template(
        "stores.html", shops=found, counts=counts, app_name=world.settings.get("app_name", "Kindred")
    )


@bp.get("/store/<store>")
@bp.get("/store/<store>/")
def home(store: str) -> ResponseReturnValue:
    """Show a store at a glance, with the deeds that a visitor may try."""
    state, shop = current_world().state, domain_of(store)
    counts = {kind: state.count(shop, kind) for kind in ("customer", "order", "product", "segment")}
    return show("store.html", shop, counts=counts, orders=_newest(shop, "order", 8), buttons=BUTTONS)


@bp.post("/store/<store>/do/<deed>")
def do(store: str, deed: str) -> ResponseReturnValue:
    """Do a deed for a button, and come back with a word of what was done."""
    world, shop = current_world(), domain_of(store)
    function = merchant.DEEDS.get(deed) or flask.abort(404)
    arguments = {name: _value(name, text) for name, text in request.form.items() if text and name != "back"}
    try:
        with one_event():
            done = function(world, shop, **arguments)
        words = _done_words(deed, done)
    except (merchant.DeedRefusedError, TypeError, ValueError) as error:
        words = f"That did not work: {error}"
    world.settings.setdefault("notices", {})[shop] = words
    back = request.form.get("back", "")
    inside = back.startswith(f"/store/{store}") and "//" not in back
    return flask.redirect(back if inside else f"/store/{store}", 303)


@bp.get("/store/<store>/orders")
def orders(store: str) -> ResponseReturnValue:
    """List orders, newest first."""
    return _list(store, "order", "orders.html")


@bp.get("/store/<store>/orders/<int:number>")
def order(store: str, number: int) -> ResponseReturnValue:
    """Show one order."""
    shop, found = _find(store, "order", number)
    customer = (
        current_world().state.find(shop, "customer", found["customerId"]) if found["customerId"] else None
    )
    return show("order.html", shop, order=found, customer=customer)


@bp.get("/store/<store>/customers")
def customers(store: str) -> ResponseReturnValue:
    """List customers, newest first."""
    return _list(store, "customer", "customers.html")


@bp.get("/store/<store>/customers/<int:number>")
def customer(store: str, number: int) -> ResponseReturnValue:
    """Show one customer, with orders, tags and metafields."""
    state = current_world().state
    shop, found = _find(store, "customer", number)
    bought = sorted(state.children(shop, "order", number), key=lambda one: one["processedAt"], reverse=True)
    fields = [one for one in state.children(shop, "metafield", number) if one.get("ownerKind") == "customer"]
    spent = sum(one["currentTotalPrice"] for one in bought if not one["cancelledAt"])
    return show("customer.html", shop, customer=found, orders=bought, metafields=fields, spent=spent)


@bp.get("/store/<store>/products")
def products(store: str) -> ResponseReturnValue:
    """List products."""
    return _list(store, "product", "products.html")


@bp.get("/store/<store>/products/<int:number>")
def product(store: str, number: int) -> ResponseReturnValue:
    """Show one product with its variants."""
    shop, found = _find(store, "product", number)
    return show(
        "product.html", shop, product=found, variants=current_world().state.children(shop, "variant", number)
    )


@bp.get("/store/<store>/segments")
@bp.get("/store/<store>/customers/segments")
def segments(store: str) -> ResponseReturnValue:
    """List saved segments."""
    return _list(store, "segment", "segments.html")


@bp.get("/store/<store>/segments/<int:number>")
@bp.get("/store/<store>/customers/segments/<int:number>")
def segment(store: str, number: int) -> ResponseReturnValue:
    """Show who is in a segment."""
    shop, found = _find(store, "segment", number)
    people = _quietly(lambda: segment_people.first_members(current_world(), shop, found["query"], _PAGE))
    return show("segment.html", shop, segment=found, people=people)


@bp.get("/store/<store>/discounts")
@bp.get("/store/<store>/discounts/<int:_number>")
def discounts(store: str, _number: int | None = None) -> ResponseReturnValue:
    """List discounts."""
    return _list(store, "discount", "discounts.html")


@bp.get("/store/<store>/webhooks")
def webhooks(store: str) -> ResponseReturnValue:
    """List the webhooks that were sent or wait to be."""
    return _list(store, delivery_queue.KIND, "webhooks.html")


@bp.get("/store/<store>/<path:_rest>")
def elsewhere(store: str, _rest: str) -> ResponseReturnValue:
    """Say of a page that the real admin has that this one does not."""
    return show("elsewhere.html", domain_of(store)), 404


def _list(store: str, kind: str, template: str) -> ResponseReturnValue:
    """Show a page of documents of one kind, narrowed by a word if one is given."""
    shop, word = domain_of(store), request.args.get("q", "").strip()
    page = max(1, request.args.get("page", 1, type=int))
    where, values = ("AND body LIKE ?", (f"%{word}%",)) if word else ("", ())
    state = current_world().state
    count = state.count_where(shop, kind, where, values)
    order = f"id DESC LIMIT {_PAGE} OFFSET {(page - 1) * _PAGE}"
    found = [document for _, document in state.select(shop, kind, where, values, order=order)]
    pages = max(1, -(-count // _PAGE))
    return show(template, shop, documents=found, count=count, page=page, pages=pages, word=word)


def _find(store: str, kind: str, number: int) -> tuple[str, Document]:
    shop = domain_of(store)
    return shop, current_world().state.find(shop, kind, number) or flask.abort(404)


def _newest(shop: str, kind: str, count: int) -> list[Document]:
    found = current_world().state.select(shop, kind, "", (), order=f"id DESC LIMIT {count}")
    return [document for _, document in found]


def _value(name: str, text: str) -> Any:  # noqa: ANN401 (a number, a list or a text)
    if name in _NUMBERS:
        return int(text)
    return [one.strip() for one in text.split(",") if one.strip()] if name in _LISTS else text


def _done_words(deed: str, done: dict[str, Any]) -> str:
    label = BUTTONS.get(deed, deed.replace("_", " ").capitalize())
    told = ", ".join(
        f"{name.removesuffix('_id')} {value}" for name, value in done.items() if value not in (None, [])
    )
    return f"{label}: done ({told})."


def _quietly(question: Callable[[], list[Document]]) -> list[Document] | None:
    """Return the answer; ``None`` where a query cannot be answered."""
    try:
        return question()
    except (GraphQLError, ValueError, LookupError):
        return None
