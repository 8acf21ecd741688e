"""`kindred segments`: a shop's segments, stored or as of another day."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, print_table, shop_option
from shop_app.errors import RefusedError

if TYPE_CHECKING:
    from shop_app.web.formats import Formats


@click.command("segments")
@shop_option
@click.option(
    "--as-of", "day", type=click.DateTime(["%Y-%m-%d"]), help="Look from the end of this day of the shop's."
)
@json_option
def command(shop: str, day: datetime | None, as_json: bool) -> None:
    """Show a shop's segments: who is in them, what they bring, and by which edges.

    With --as-of another day than the stored one is worked out as it would have looked then, edges and all,
    and nothing is stored.
    """
    with opened():
        summary = _summary(shop, day)
    if as_json:
        print_json({"shop": shop, **summary})
    else:
        _print(summary)


def _summary(shop: str, day: datetime | None) -> dict[str, Any]:
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.segments_as_of import segments_as_of
    from shop_app.services.shop_clock import end_of_shop_day

    shop_id = get_shop_id(shop)
    summary = segments_as_of(shop_id, None if day is None else end_of_shop_day(shop_id, day.date()))
    if not summary:
        raise RefusedError(f"{shop} has no segments yet; `kindred refresh --shop {shop!r}` works them out.")
    return summary


def _print(summary: dict[str, Any]) -> None:
    from shop_app.web.formats import Formats, count, days, percent

    formats = Formats(summary["currency"], summary["timezone"])
    _print_head(summary, formats)
    rows = [
        [
            group["name"],
            count(group["customer_count"]),
            percent(group["customer_share_ratio"]),
            formats.money(group["revenue"]),
            percent(group["revenue_share_ratio"]),
            formats.money(group["average_order_value"]),
            days(group["median_recency_days"]),
        ]
        for group in summary["segments"]
    ]
    header = ["Segment", "Customers", "Share", "Revenue", "Share", "Average order", "Last order (median)"]
    print_table(header, rows, right=range(1, len(header)))
    _print_foot(summary, formats)


def _print_head(summary: dict[str, Any], formats: "Formats") -> None:
    from shop_app.web.formats import count, percent

    as_of = formats.moment(datetime.fromisoformat(summary["as_of"]))
    click.echo(f"{summary['title']}, as of {as_of}{'' if summary['stored'] else ' (worked out, not stored)'}")
    click.echo(
        f"{count(summary['customer_count'])} customers, {count(summary['buyer_count'])} of them buyers; "
        f"{count(summary['order_count'])} orders; revenue {formats.money(summary['revenue'])}; "
        f"average order {formats.money(summary['average_order_value'])}; "
        f"bought again {percent(summary['repeat_rate_ratio'])}\n"
    )


def _print_foot(summary: dict[str, Any], formats: "Formats") -> None:
    from shop_app.web.formats import count

    edges = summary["edges"]
    click.echo(
        f"\nEdges of the marks 1 to 5. {edges['source_words']}\n"
        f"  days since the last order  {', '.join(f'{edge:,.1f}' for edge in edges['recency_days'])}\n"
        f"  orders                     {', '.join(count(edge) for edge in edges['order_count'])}\n"
        f"  spent                      {', '.join(formats.money(edge) for edge in edges['total_spent'])}"
    )
    left_out = [item for item in summary["ledger"] if item["verdict"] != "counts"]
    if left_out:
        click.echo("\nOrders that do not count")
        print_table(
            ["Why", "Orders", "Amount"],
            [[item["words"], count(item["order_count"]), formats.money(item["amount"])] for item in left_out],
            right=(1, 2),
        )
    click.echo(f"\n{summary['tier']['words']}")
    for words in summary["tier"]["missing"]:
        click.echo(f"  {words}")
