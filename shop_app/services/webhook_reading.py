"""One webhook opened: what it tells, or why nothing can be made of it. Knows no database."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shop_app.services.webhook_contradictions import ShopIdentity, contradiction
from shop_app.shopify.payload_goods import (
    ToldBasket,
    ToldProduct,
    read_cart,
    read_checkout,
    read_product,
)
from shop_app.shopify.payload_orders import ToldOrder, read_order
from shop_app.shopify.payload_people import ToldCustomer, ToldMerge, read_consent, read_customer, read_merge
from shop_app.shopify.payload_values import Body, UnreadableError, identity, own_identity, parse, part
from shop_app.shopify.webhook_topics import Use, use_of
from shop_app.storage.webhook_inbox import Outcome, Waiting

NOT_WHOLE = "a webhook told less than the whole"


@dataclass(frozen=True, slots=True)
class Hint:
    """Something is to be read again: ``order``, ``customer`` or ``product``."""

    resource: str
    shopify_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Something is no more: ``order``, ``customer``, ``product`` or ``checkout``."""

    resource: str
    shopify_id: int


@dataclass(frozen=True, slots=True)
class Deed:
    """Something is to be done that is no fact of the shop's trade."""

    use: Use
    body: Body = field(repr=False)


Told = ToldOrder | ToldCustomer | ToldMerge | ToldProduct | ToldBasket | Gone | Deed


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one delivery so far: something told, something to read again, or its end."""

    row: Waiting
    told: Told | None = None
    hints: tuple[Hint, ...] = ()
    end: Outcome | None = None
    concerns: str | None = None

    def ended(self, state: str, words: str) -> "Reading":
        """Return the same delivery at its end; what was to be read again still is, unless it is locked away."""
        outcome = Outcome(self.row.id, state, words, self.concerns)
        hints = () if state == "quarantined" else self.hints
        return Reading(self.row, None, hints, outcome, self.concerns)


def read_webhook(row: Waiting, raw: bytes, shop: ShopIdentity) -> Reading:
    """Open one delivery; whatever is wrong with it is its own end, and nobody else's."""
    use = use_of(row.topic)
    reading = Reading(row)
    if use is None or use is Use.NOTHING:
        return reading.ended("done", "Nothing is done with this topic.")
    try:
        body = parse(raw)
    except UnreadableError as error:
        return reading.ended("dead", str(error))
    concerns, own = _concerns(use, row.topic, body)
    reading = Reading(row, concerns=concerns)
    odd = contradiction(use, row.topic, body, shop)
    if odd is not None:
        return reading.ended("quarantined", odd)
    try:
        return _READERS[use](Reading(row, concerns=concerns), body, shop)
    except UnreadableError as error:
        # What cannot be read here may be readable there.
        return Reading(row, hints=own, concerns=concerns).ended("dead", str(error))


def _concerns(use: Use, topic: str, body: Body) -> tuple[str | None, tuple[Hint, ...]]:
    """Return what a delivery is about in words, and how to ask Shopify for it."""
    resource, number = _RESOURCES.get(use), own_identity(body)
    if use is Use.ORDER_HINT:
        number = _order_of(topic, body)
    if use in (Use.EMAIL_CONSENT, Use.CUSTOMER_HINT):
        number = identity(body.get("customer_id")) or identity(body.get("customerId"))
    if resource is None or number is None:
        return None, ()
    readable = use in (Use.ORDER, Use.CUSTOMER, Use.PRODUCT)
    hints = (Hint(resource, number, "a webhook could not be read"),) if readable else ()
    return f"{resource} {number}", hints


def _order(reading: Reading, body: Body, shop: ShopIdentity) -> Reading:
    told = read_order(body, told_at=reading.row.triggered_at, currency=shop.currency)
    is_whole = told is not None and told.is_whole and not told.has_bundles
    return _with(reading, told, body, is_whole=is_whole)


def _customer(reading: Reading, body: Body, _shop: ShopIdentity) -> Reading:
    told = read_customer(body, told_at=reading.row.triggered_at)
    return _with(reading, told, body, is_whole=told.is_whole)


def _product(reading: Reading, body: Body, shop: ShopIdentity) -> Reading:
    told = read_product(body, told_at=reading.row.triggered_at, currency=shop.currency)
    is_whole = told is not None and told.is_whole
    # What a new product costs to make is told by the interface alone.
    return _with(
        reading,
        told if is_whole else None,
        body,
        is_whole=is_whole and reading.row.topic != "products/create",
    )


def _with(reading: Reading, told: Told | None, body: Body, *, is_whole: bool) -> Reading:
    number, resource = own_identity(body), (reading.concerns or "").partition(" ")[0]
    hints = () if is_whole or number is None else (Hint(resource, number, NOT_WHOLE),)
    return Reading(reading.row, told, hints, concerns=reading.concerns)


def _order_hint(reading: Reading, body: Body, _shop: ShopIdentity) -> Reading:
    number = _order_of(reading.row.topic, body)
    if number is None:
        raise UnreadableError("The body does not say which order it is about.")
    return Reading(reading.row, hints=(Hint("order", number, NOT_WHOLE),), concerns=reading.concerns)


def _order_of(topic: str, body: Body) -> int | None:
    if topic == "orders/edited":
        edit = part(body, "order_edit")
        return identity(edit.get("order_id")) or identity(body.get("order_id")) or own_identity(body)
    return identity(body.get("order_id"))


def _customer_hint(reading: Reading, body: Body, _shop: ShopIdentity) -> Reading:
    number = identity(body.get("customerId")) or identity(body.get("customer_id"))
    if number is None:
        raise UnreadableError("The body does not say which customer it is about.")
    return Reading(reading.row, hints=(Hint("customer", number, NOT_WHOLE),), concerns=reading.concerns)


def _consent(kind: str) -> Callable[[Reading, Body, ShopIdentity], Reading]:
    def read(reading: Reading, body: Body, _shop: ShopIdentity) -> Reading:
        told = read_consent(body, told_at=reading.row.triggered_at, kind=kind)
        return Reading(reading.row, told, concerns=f"customer {told.shopify_id}")

    return read


def _merge(reading: Reading, body: Body, _shop: ShopIdentity) -> Reading:
    told = read_merge(body)
    if told is None:
        return reading.ended("done", "The merge did not come about.")
    return Reading(reading.row, told, concerns=f"customer {told.kept_id}")


def _cart(reading: Reading, body: Body, shop: ShopIdentity) -> Reading:
    told = read_cart(body, told_at=reading.row.triggered_at, currency=shop.currency)
    return Reading(reading.row, told, concerns="a cart")


def _checkout(reading: Reading, body: Body, shop: ShopIdentity) -> Reading:
    told = read_checkout(body, told_at=reading.row.triggered_at, currency=shop.currency)
    return Reading(reading.row, told, concerns=reading.concerns)


def _gone(resource: str) -> Callable[[Reading, Body, ShopIdentity], Reading]:
    def read(reading: Reading, body: Body, _shop: ShopIdentity) -> Reading:
        number = own_identity(body)
        if number is None:
            raise UnreadableError(f"The body does not say which {resource} is gone.")
        return Reading(reading.row, Gone(resource, number), concerns=reading.concerns)

    return read


def _deed(use: Use) -> Callable[[Reading, Body, ShopIdentity], Reading]:
    def read(reading: Reading, body: Body, _shop: ShopIdentity) -> Reading:
        return Reading(reading.row, Deed(use, body), concerns=reading.concerns)

    return read


_RESOURCES: dict[Use, str] = {
    **dict.fromkeys((Use.ORDER, Use.ORDER_HINT, Use.ORDER_GONE), "order"),
    **dict.fromkeys((Use.CUSTOMER, Use.CUSTOMER_HINT, Use.CUSTOMER_GONE), "customer"),
    **dict.fromkeys((Use.EMAIL_CONSENT, Use.SMS_CONSENT), "customer"),
    **dict.fromkeys((Use.PRODUCT, Use.PRODUCT_GONE), "product"),
    **dict.fromkeys((Use.CHECKOUT, Use.CHECKOUT_GONE), "checkout"),
}

_READERS: dict[Use, Callable[[Reading, Body, ShopIdentity], Reading]] = {
    Use.ORDER: _order,
    Use.ORDER_HINT: _order_hint,
    Use.ORDER_GONE: _gone("order"),
    Use.CUSTOMER: _customer,
    Use.CUSTOMER_HINT: _customer_hint,
    Use.CUSTOMER_GONE: _gone("customer"),
    Use.MERGE: _merge,
    Use.EMAIL_CONSENT: _consent("email"),
    Use.SMS_CONSENT: _consent("sms"),
    Use.PRODUCT: _product,
    Use.PRODUCT_GONE: _gone("product"),
    Use.CART: _cart,
    Use.CHECKOUT: _checkout,
    Use.CHECKOUT_GONE: _gone("checkout"),
    **{use: _deed(use) for use in (Use.BULK, Use.UNINSTALLED, Use.SCOPES, Use.PRIVACY)},
}
