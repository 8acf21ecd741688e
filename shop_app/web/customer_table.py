"""A page of customers: which ones, in what order, from where on; the same for every list of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import url_for

from shop_app.errors import InvalidInputError
from shop_app.services.list_customers import CustomerRow as ListedCustomer
from shop_app.web.customer_pages import CustomerRow, CustomerTable
from shop_app.web.cut_offs import segment_tones
from shop_app.web.formats import NOTHING, Formats, count, days
from shop_app.web.pages import Link, SortHeading

PAGE_SIZE = 50

SORTED_AT_LEISURE = 50_000
"""Up to here any order is quick; beyond, only those that an index already holds are offered."""

_SORTS = {"spent": "Spent", "orders": "Orders", "recent": "Last order"}
_MARKS = range(1, 6)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = "never"
_PLACE = re.compile(rf"({_NEVER}|-?[0-9]{{1,18}})\.([0-9]{{1,18}})", re.ASCII)

Summary = dict[str, Any]
After = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class CustomersView:
    """Which customers are shown. ``after`` is the last row of the page before: its sort value and its id."""

    segment: str | None = None
    rfm_group: str | None = None
    cell: tuple[int, int] | None = None
    sort: str = "spent"
    after: After | None = None
    offered: tuple[str, ...] = tuple(_SORTS)

    @classmethod
    def from_query(
        cls,
        query: Mapping[str, str],
        *,
        people: int,
        segment: str | None = None,
        rfm_group: str | None = None,
    ) -> "CustomersView":
        """Read the address; a cell or a place that nobody can have made is refused in words.

        ``people`` are those of the whole shop: a large one is not sorted in every way.
        """
        cell = _cell(query)
        offered = tuple(_SORTS)
        if people > SORTED_AT_LEISURE:
            offered = ("spent", "recent") if segment else ("spent",)
        sort = query.get("sort", "spent")
        return cls(
            segment=segment,
            rfm_group=rfm_group,
            cell=cell,
            sort=sort if sort in offered else "spent",
            after=_after(query.get("after")),
            offered=offered,
        )

    def query_values(self) -> dict[str, Any]:
        """Return what the service wants to know; one row more than is shown tells of a next page."""
        return {
            "segment": self.segment,
            "rfm_group": self.rfm_group,
            "cell": self.cell,
            "sort": self.sort,
            "after": self.after,
            "limit": PAGE_SIZE + 1,
        }

    def url(self) -> str:
        """Return this view's address."""
        values: dict[str, Any] = {} if self.sort == "spent" else {"sort": self.sort}
        if self.cell:
            values |= {"r": self.cell[0], "v": self.cell[1]}
        if self.after:
            values["after"] = f"{_NEVER if self.after[0] is None else self.after[0]}.{self.after[1]}"
        if self.segment:
            return url_for("segments.show", slug=self.segment, **values)
        if self.rfm_group:
            return url_for("rfm.show", slug=self.rfm_group, **values)
        return url_for("customers.index", **values)


def customer_table(
    customers: Sequence[ListedCustomer],
    view: CustomersView,
    summary: Summary,
    formats: Formats,
    *,
    caption: str,
) -> CustomerTable:
    """Write a page of customers with the links that sort it and turn it."""
    shown = customers[:PAGE_SIZE]
    names = {segment["slug"]: segment["name"] for segment in summary["segments"]}
    tones = segment_tones(summary)
    following = None
    if len(customers) > PAGE_SIZE:
        place = (_sort_value(shown[-1], view.sort), shown[-1].customer_id)
        following = Link(f"Next {PAGE_SIZE}", replace(view, after=place).url())
    return CustomerTable(
        caption=caption,
        tells_segment=view.segment is None,
        headings=(SortHeading("Customer", "", "", is_number=False), *_headings(view)),
        rows=tuple(_row(customer, names, tones, formats) for customer in shown),
        empty_words="" if shown else "There is nobody here.",
        first=Link("Back to the first", replace(view, after=None).url()) if view.after else None,
        following=following,
    )


def _headings(view: CustomersView) -> list[SortHeading]:
    return [
        SortHeading(
            text,
            replace(view, sort=sort, after=None).url() if sort in view.offered else "",
            _direction(sort, view),
        )
        for sort, text in _SORTS.items()
    ]


def _direction(sort: str, view: CustomersView) -> str:
    if sort == view.sort:
        return "descending"
    return "none" if sort in view.offered else ""


def _row(
    customer: ListedCustomer, names: Mapping[str, str], tones: Mapping[str, int], formats: Formats
) -> CustomerRow:
    name = customer.name or customer.email or f"Customer {customer.customer_id}"
    has_marks = customer.recency_mark is not None
    return CustomerRow(
        link=Link(name, url_for("customers.show", customer_id=customer.customer_id)),
        email=customer.email if customer.name else "",
        segment=names.get(customer.segment, customer.segment),
        tone=tones.get(customer.segment, 0),
        orders=count(customer.order_count),
        spent=formats.money(customer.total_spent),
        average_order=formats.money(customer.average_order_value),
        last_order=formats.date(customer.last_order_at),
        recency=f"{days(customer.recency_days)} ago" if customer.recency_days is not None else "no order yet",
        marks=f"{customer.recency_mark}{customer.frequency_mark}{customer.monetary_mark}"
        if has_marks
        else NOTHING,
    )


def _sort_value(customer: ListedCustomer, sort: str) -> int | None:
    if sort == "spent":
        return customer.total_spent
    if sort == "orders":
        return customer.order_count
    at = customer.last_order_at
    return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)


def _cell(query: Mapping[str, str]) -> tuple[int, int] | None:
    if "r" not in query and "v" not in query:
        return None
    try:
        cell = int(query.get("r", "")), int(query.get("v", ""))
    except ValueError:
        cell = 0, 0
    if not all(mark in _MARKS for mark in cell):
        raise InvalidInputError("r and v: a cell of the grid has two marks from 1 to 5.", field="r, v")
    return cell


def _after(text: str | None) -> After | None:
    if not text:
        return None
    match = _PLACE.fullmatch(text)
    if match is None:
        raise InvalidInputError("after: this is no place in the list. Begin at the first page.", field="after")
    value, customer_id = match.groups()
    return None if value == _NEVER else int(value), int(customer_id)
