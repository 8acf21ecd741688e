"""What segment queries ask about one customer, worked out of the documents."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sandbox.shopify.state import Document, State


def local_date(text: str | None, zone: ZoneInfo) -> date | None:
    """Return the day of a moment as the shop's calendar has it."""
    return None if not text else datetime.fromisoformat(text).astimezone(zone).date()


@dataclass
class Ground:
    """The shop that a query is asked of; what many customers share is looked up once."""

    state: State
    shop: str
    today: date
    zone: ZoneInfo
    unit: int = 100  # minor units in one of the shop's currency

    @cached_property
    def abandoned(self) -> dict[int, date]:
        """Return the last day on which each customer left a checkout unfinished."""
        latest: dict[int, date] = {}
        for checkout in self.state.each(self.shop, "checkout"):
            who, day = checkout.get("customerId"), local_date(checkout.get("updatedAt"), self.zone)
            if who and day and not checkout.get("completedAt"):
                latest[who] = max(day, latest.get(who, day))
        return latest

    @cached_property
    def product_tags(self) -> dict[int, frozenset[str]]:
        """Return the tags of every product, as they compare."""
        return {
            product["id"]: frozenset(tag.casefold() for tag in product.get("tags") or ())
            for product in self.state.each(self.shop, "product")
        }


def paid(order: Document) -> int:
    """Return what was paid for an order and not given back, in minor units; a cancelled one brought nothing."""
    if order.get("cancelledAt"):
        return 0
    return max(0, (order.get("currentTotalPrice") or 0) - (order.get("outstanding") or 0))


@dataclass
class CustomerFacts:
    """One customer; orders are read when a filter needs them."""

    ground: Ground
    customer: Document

    @cached_property
    def orders(self) -> list[Document]:
        """Return the customer's orders but for tests: those that ``numberOfOrders`` counts."""
        found = self.ground.state.children(self.ground.shop, "order", self.customer["id"])
        return [order for order in found if not order.get("test")]

    def amount_of(self, order: Document) -> float:
        """Return what an order brought, in whole units of the shop's currency."""
        return paid(order) / self.ground.unit

    def day_of(self, order: Document) -> date:
        """Return the day of an order in the shop's calendar."""
        placed = local_date(order.get("processedAt") or order["createdAt"], self.ground.zone)
        if placed is None:
            raise ValueError("an order without a moment")
        return placed

    def value(self, name: str) -> object:
        """Return what a filter compares: a text, a set of texts, a number, a date, or ``None``."""
        return _VALUES[name](self)

    def number(self, name: str) -> float:
        """Return what a filter of numbers compares."""
        return float(str(self.value(name)))


def _address(facts: CustomerFacts) -> Document:
    return facts.customer.get("defaultAddress") or {}


def _place(facts: CustomerFacts, *parts: str) -> frozenset[str]:
    """Return a place as the language writes it: ``US-NY-NewYork``, folded."""
    found = [str(_address(facts).get(part) or "").replace(" ", "") for part in parts]
    return frozenset() if not all(found) else frozenset({"-".join(found).casefold()})


def _state_of(facts: CustomerFacts, consent: str) -> str:
    state = str((facts.customer.get(consent) or {}).get("state") or "NOT_SUBSCRIBED")
    return "NOT_SUBSCRIBED" if state == "NEVER_SUBSCRIBED" else state


def _days(facts: CustomerFacts) -> list[date]:
    return [facts.day_of(order) for order in facts.orders]


_VALUES: dict[str, Callable[[CustomerFacts], object]] = {
    "abandoned_checkout_date": lambda facts: facts.ground.abandoned.get(facts.customer["id"]),
    "amount_spent": lambda facts: sum(paid(order) for order in facts.orders) / facts.ground.unit,
    "companies": lambda _facts: frozenset(),
    "created_by_app_id": lambda _facts: None,
    "customer_account_status": lambda facts: facts.customer.get("state"),
    "customer_added_date": lambda facts: local_date(facts.customer.get("createdAt"), facts.ground.zone),
    "customer_cities": lambda facts: _place(facts, "countryCode", "provinceCode", "city"),
    "customer_countries": lambda facts: _place(facts, "countryCode"),
    "customer_email_domain": lambda facts: (facts.customer.get("email") or "").rpartition("@")[2] or None,
    "customer_language": lambda facts: facts.customer.get("locale"),
    "customer_regions": lambda facts: _place(facts, "countryCode", "provinceCode"),
    "customer_tags": lambda facts: frozenset(tag.casefold() for tag in facts.customer.get("tags") or ()),
    "email_subscription_status": lambda facts: _state_of(facts, "emailMarketing"),
    "first_order_date": lambda facts: min(_days(facts), default=None),
    "last_order_date": lambda facts: max(_days(facts), default=None),
    "number_of_orders": lambda facts: len(facts.orders),
    "predicted_spend_tier": lambda facts: facts.customer.get("predictedSpendTier"),
    "product_subscription_status": lambda _facts: "NEVER_SUBSCRIBED",
    "rfm_group": lambda facts: facts.customer.get("rfmGroup"),
    "sms_subscription_status": lambda facts: _state_of(facts, "smsMarketing"),
}
