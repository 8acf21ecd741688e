"""What an import says when it is done, for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shop_app.services.import_file import ImportReport
    from shop_app.services.receive_file import Received

_SHOWN_SEGMENTS = 4


def describe(received: "Received") -> str:
    """Return the whole outcome: what the file is, what it brought, the segments, the health of the data."""
    report = received.report
    lines = [*_of_file(report), "", _of_segments(received.summary), "", *_of_health(received.health)]
    return "\n".join(lines)


def _of_file(report: "ImportReport") -> Iterator[str]:
    if report.state == "unchanged":
        yield f"{report.file_name} was taken in before, on {report.finished_at:%Y-%m-%d}: nothing changed."
        return
    yield from report.sentences
    counts = report.counts
    orders, customers = counts["orders"], counts["customers"]
    yield (
        f"{report.file_name}: {counts['rows']:,} rows. Orders: {orders['new']:,} new, "
        f"{orders['updated']:,} updated, {orders['unchanged']:,} unchanged, {orders['older']:,} known better "
        f"already. Customers: {customers['new']:,} new, {customers['updated']:,} updated. "
        f"Refunds: {counts['refunds']:,}."
    )
    if report.rejects_path:
        yield (
            f"{counts['rejects']:,} rows and {counts['cells_left_out']:,} single values could not be used; "
            f"they are in {report.rejects_path}, each with its reason."
        )


def _of_segments(summary: dict[str, Any]) -> str:
    groups = [group for group in summary.get("segments", []) if group["customer_count"]]
    if not groups:
        return "Segments: none yet; nobody has an order that counts."
    shown = ", ".join(f"{group['name']} {group['customer_count']:,}" for group in groups[:_SHOWN_SEGMENTS])
    more = f" and {len(groups) - _SHOWN_SEGMENTS} more" if len(groups) > _SHOWN_SEGMENTS else ""
    return f"Segments: {summary['customer_count']:,} customers in {len(groups)} groups: {shown}{more}."


def _of_health(health: dict[str, Any]) -> Iterator[str]:
    yield (
        f"Data health: {health['customers']:,} customers, {health['buyers']:,} of them buyers; "
        f"{health['orders']:,} orders over {health['months']:g} months. {health['tier']['words']}"
    )
    missing = health["tier"]["missing"]
    if missing:
        yield "  Missing for more: " + " ".join(missing)
    for finding in health["findings"]:
        yield f"  - {finding['words']} {finding['advice']}"
