"""What a shop's data is good for, what is odd about it, and what to do about each."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from shop_app.segments.data_tier import data_tier
from shop_app.storage import imports, shop_settings
from shop_app.storage.engine import transaction
from shop_app.storage.shop_counts import ShopCounts, read_shop_counts
from shop_app.storage.shop_settings import UNKNOWN_CURRENCY, ShopSettings

_KINDS = {
    "shopify_orders": "Shopify's orders export",
    "shopify_customers": "Shopify's customers export",
    "line_table": "The table",
}
_DAYS_A_WEEK = 7
_DAYS_A_MONTH = 365.2425 / 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity: how often, in words, and the way out."""

    kind: str
    count: int
    words: str
    advice: str


def data_health(shop_id: int, *, as_of: datetime) -> dict[str, Any]:
    """Return the health report of a shop as it is shown and printed, and keep it with the newest import."""
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        counts = read_shop_counts(connection, as_of=as_of)
        newest = _newest_of_each_kind(imports.list_newest_done(connection))

        health = _report(shop, counts, newest, as_of)

        imports.record_health(connection, health)
    return health


def _newest_of_each_kind(done: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what the last file of each kind showed: an older one's faults may be mended by now."""
    by_kind: dict[str, dict[str, Any]] = {}
    for row in done:
        by_kind.setdefault(row["kind"], row["counts"])
    return by_kind


def _report(
    shop: ShopSettings, counts: ShopCounts, newest: dict[str, dict[str, Any]], as_of: datetime
) -> dict[str, Any]:
    days = _days_of_history(counts)
    tier = data_tier(counts.buyers, counts.repeat_buyers, days / _DAYS_A_WEEK)
    findings = [*_of_files(newest), *_of_people(counts), *_of_money(shop, counts), *_of_refunds(counts)]
    return {
        "as_of": as_of.isoformat(),
        "customers": counts.people,
        "buyers": counts.buyers,
        "orders": counts.orders,
        "lines": counts.lines,
        "first_order_at": counts.first_order_at and counts.first_order_at.isoformat(),
        "last_order_at": counts.last_order_at and counts.last_order_at.isoformat(),
        "months": round(days / _DAYS_A_MONTH, 1),
        "tier": tier.to_json(),
        "findings": [asdict(finding) for finding in findings],
    }


def _days_of_history(counts: ShopCounts) -> float:
    if counts.first_order_at is None or counts.last_order_at is None:
        return 0.0
    return (counts.last_order_at - counts.first_order_at).total_seconds() / 86_400


def _of_files(newest: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    yield from _of_missing(newest)
    sums = {
        name: sum(counts[name] for counts in newest.values())
        for name in ("rejects", "cells_left_out", "repeated_rows", "conflicting_titles")
    }
    if sums["rejects"]:
        yield Finding(
            "rejected_rows",
            sums["rejects"],
            f"Rows that could not be used: {sums['rejects']:,}.",
            "Open the reject file, mend what it names in the export, and import that again.",
        )
    if sums["cells_left_out"]:
        yield Finding(
            "cells_left_out",
            sums["cells_left_out"],
            f"Single values that stay unknown, with their rows in: {sums['cells_left_out']:,}.",
            "Look at the reject file; mend them in the export if they matter, and import that again.",
        )
    if sums["repeated_rows"]:
        yield Finding(
            "repeated_rows",
            sums["repeated_rows"],
            f"Rows that say word for word what another of their order says: {sums['repeated_rows']:,}.",
            "They count as bought twice. If they are a mistake of the export, import one without them.",
        )
    if sums["conflicting_titles"]:
        yield Finding(
            "conflicting_titles",
            sums["conflicting_titles"],
            f"Products with several titles: {sums['conflicting_titles']:,}; the newest order's is shown.",
            "If one code stands for different products, give each its own where the file comes from.",
        )


def _of_missing(newest: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    by_kind = {kind: set(counts["missing"]) for kind, counts in newest.items()}
    if len(by_kind) > 1:
        by_kind.get("shopify_customers", set()).discard("orders")
    lacking = {kind: sorted(names) for kind, names in by_kind.items() if names}
    if lacking:
        sentences = [f"{_KINDS[kind]} does not say: {', '.join(names)}." for kind, names in lacking.items()]
        yield Finding(
            "missing_fields",
            sum(map(len, lacking.values())),
            " ".join([*sentences, "It stays unknown; nothing is guessed."]),
            "If the figures depend on it, import an export that has these columns, or connect the store.",
        )


def _of_people(counts: ShopCounts) -> Iterator[Finding]:
    if counts.split_people:
        yield Finding(
            "split_people",
            counts.split_people,
            f"People with more than one row (same e-mail address or phone, or merged in Shopify): "
            f"{counts.split_people:,}; each counts as one customer.",
            "Nothing, unless two people share an address or a phone: `kindred split` keeps them apart.",
        )
    if counts.orders_of_nobody:
        yield Finding(
            "orders_without_customer",
            counts.orders_of_nobody,
            f"Orders that name no customer and count for no segment: {counts.orders_of_nobody:,}.",
            "Ask for an e-mail address or a phone at the till, or import a file with a customer column.",
        )


def _of_money(shop: ShopSettings, counts: ShopCounts) -> Iterator[Finding]:
    if shop.currency == UNKNOWN_CURRENCY and counts.orders:
        yield Finding(
            "unknown_currency",
            counts.orders,
            "No currency is stated; amounts are plain numbers.",
            "Import the file again with --currency, for example --currency EUR.",
        )
    rates = shop.ledger_rules.get("rates")
    known = {shop.currency, *(rates if isinstance(rates, dict) else ())}
    foreign = {code: count for code, count in counts.currencies.items() if code not in known}
    if foreign:
        codes = ", ".join(f"{code} ({count:,})" for code, count in foreign.items())
        yield Finding(
            "foreign_currency",
            sum(foreign.values()),
            f"Orders in other money than {shop.currency}, which do not count: {codes}.",
            f"Say what one unit is worth in {shop.currency}, for example --rate {next(iter(foreign))}=1.08.",
        )


def _of_refunds(counts: ShopCounts) -> Iterator[Finding]:
    loose = counts.refunds_matched + counts.refunds_of_no_order
    if loose:
        yield Finding(
            "refunds_without_order",
            loose,
            f"Refunds that do not say of which order they are: {loose:,}. {counts.refunds_matched:,} went "
            "to the customer's last order before them with that product; the others lower the customer's "
            "total only.",
            "Nothing, unless the export can name the order of each refund.",
        )
