"""Who belongs to a segment: a parsed query held against each customer of a shop.

Days are the shop's: ``-30d`` is thirty days before the shop's today. What is not there matches no comparison;
it matches ``IS NULL``, ``NOT CONTAINS`` and ``NOT MATCHES``.
"""

import operator
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.documents import minor_digits
from sandbox.shopify.segment_facts import CustomerFacts, Ground
from sandbox.shopify.segment_query import Clause, Group, Query
from sandbox.shopify.segment_tokens import Token
from sandbox.shopify.state import Document, State

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def ground_of(state: State, shop: str, *, as_of: datetime, timezone: str) -> Ground:
    """Return the shop as it stands at a moment, with its calendar."""
    zone = ZoneInfo(timezone)
    currency = next(state.each(shop, "shop"), {}).get("currencyCode", "USD")
    return Ground(state, shop, as_of.astimezone(zone).date(), zone, 10 ** minor_digits(currency))


def members(ground: Ground, query: Query) -> Iterator[Document]:
    """Yield the customers whom a query finds, by number."""
    for customer in ground.state.each(ground.shop, "customer"):
        if is_member(ground, query, customer):
            yield customer


def is_member(ground: Ground, query: Query, customer: Document) -> bool:
    """Return whether a query finds one customer."""
    return _holds(query, CustomerFacts(ground, customer))


def day_meant(value: Token, today: date) -> date:
    """Return the day that ``2026-01-01``, ``-12m``, ``today`` or ``30_days_ago`` stands for."""
    if value.kind == "date":
        return date.fromisoformat(value.written)
    if value.kind == "offset":
        return _moved(today, int(value.written[:-1]), value.written[-1])
    if value.written.lower() in ("today", "yesterday"):
        return today - timedelta(days=value.written.lower() == "yesterday")
    number, unit, _ = value.written.split("_")
    return _moved(today, -int(number), unit[0])


def _moved(day: date, number: int, unit: str) -> date:
    if unit in "dw":
        return day + timedelta(days=number * (7 if unit == "w" else 1))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _holds(query: Query, facts: CustomerFacts) -> bool:
    if isinstance(query, Group):
        verdicts = (_holds(part, facts) for part in query.parts)
        return all(verdicts) if query.word == "AND" else any(verdicts)
    if query.name.value in _FUNCTIONS:
        return _FUNCTIONS[query.name.value](query, facts) is not query.operator.startswith(("NOT", "IS NULL"))
    if "." in query.name.value:  # visits and opened mails: no document holds them
        return query.operator in ("NOT MATCHES", "IS NULL")
    return _compares(query, facts.value(query.name.value), facts.ground.today)


def _compares(clause: Clause, found: Any, today: date) -> bool:  # noqa: ANN401 (text, set, number or date)
    if clause.operator in ("IS NULL", "IS NOT NULL"):
        return (found is None or found == frozenset()) is (clause.operator == "IS NULL")
    if clause.operator.endswith("CONTAINS"):
        return (clause.values[0].value.casefold() in found) is (clause.operator == "CONTAINS")
    if found is None:
        return False
    wanted = [_meant(value, found, today) for value in clause.values]
    if clause.operator == "BETWEEN":
        return bool(wanted[0] <= found <= wanted[1])
    found = found.casefold() if isinstance(found, str) else found
    if clause.operator in ("IN", "NOT IN"):
        return (found in wanted) is (clause.operator == "IN")
    return _COMPARE[clause.operator](found, wanted[0])


def _meant(value: Token, found: object, today: date) -> object:
    if isinstance(found, date):
        return day_meant(value, today)
    return float(value.written) if isinstance(found, (int, float)) else value.value.casefold()


def _orders_placed(clause: Clause, facts: CustomerFacts) -> bool:
    """Return whether there are orders of which each fulfils the conditions, and enough of them together."""
    ones, sums = _split(clause, {"sum_amount", "count"})
    today = facts.ground.today
    fitting = [
        order
        for order in facts.orders
        if all(_compares(one, _of_order(one.name.value, order, facts), today) for one in ones)
    ]
    totals = {"count": len(fitting), "sum_amount": sum(map(facts.amount_of, fitting))}
    return bool(fitting) and all(_compares(one, totals[one.name.value], today) for one in sums)


def _of_order(name: str, order: Document, facts: CustomerFacts) -> object:
    if name == "date":
        return facts.day_of(order)
    return (
        facts.amount_of(order) if name == "amount" else None
    )  # no document holds an app's or a place's number


def _products_purchased(clause: Clause, facts: CustomerFacts) -> bool:
    """Return whether there are lines of which each fulfils the conditions, and enough of them together."""
    ones, sums = _split(clause, {"sum_quantity", "count"})
    fitting = [
        line
        for order in facts.orders
        for line in order.get("lines") or ()
        if all(_line_fits(one, line, order, facts) for one in ones)
    ]
    totals = {"count": len(fitting), "sum_quantity": sum(line["quantity"] for line in fitting)}
    today = facts.ground.today
    return bool(fitting) and all(_compares(one, totals[one.name.value], today) for one in sums)


def _line_fits(clause: Clause, line: Document, order: Document, facts: CustomerFacts) -> bool:
    today = facts.ground.today
    if clause.name.value == "tag":
        tags = facts.ground.product_tags.get(line.get("productId") or 0, frozenset())
        has = any(value.value.casefold() in tags for value in clause.values)
        return has is not (clause.operator.startswith("NOT") or clause.operator == "!=")
    found = {"id": line.get("productId"), "quantity": line["quantity"], "date": facts.day_of(order)}
    return _compares(clause, found[clause.name.value], today)


def _split(clause: Clause, summed: set[str]) -> tuple[list[Clause], list[Clause]]:
    """Part the conditions on single orders or lines from those on all of them together."""
    parts = clause.parameters
    return [p for p in parts if p.name.value not in summed], [p for p in parts if p.name.value in summed]


_FUNCTIONS: dict[str, Callable[[Clause, CustomerFacts], bool]] = {
    "orders_placed": _orders_placed,
    "products_purchased": _products_purchased,
}
