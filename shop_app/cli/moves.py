"""`kindred moves`: who moved from which segment to which between two days."""

from datetime import datetime
from typing import Any

import click

from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, print_table, shop_option
from shop_app.clock import utc_now


@click.command("moves")
@shop_option
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The earlier day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="The later day; the newest without it.")
@json_option
def command(shop: str, first: datetime, last: datetime | None, as_json: bool) -> None:
    """Compare the segments at the end of two days of the shop's, each worked out as it was then."""
    from shop_app.services.compare_days import compare_days
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of, end_of_shop_day
    from shop_app.storage import shop_settings
    from shop_app.storage.engine import transaction

    with opened():
        shop_id = get_shop_id(shop)
        after = end_of_shop_day(shop_id, last.date()) if last else default_as_of(shop_id, utc_now())
        found = compare_days(shop_id, end_of_shop_day(shop_id, first.date()), after)
        with transaction(shop_id) as connection:
            timezone = shop_settings.read(connection).timezone
    if as_json:
        print_json({"shop": shop, **found})
    else:
        _print(found, timezone)


def _print(found: dict[str, Any], timezone: str) -> None:
    from shop_app.web.formats import Formats, count, points

    formats = Formats(found["currency"], timezone)
    names = {row["slug"]: row["slug"] for row in found["segments"]} | found["names"]
    days = [formats.date(datetime.fromisoformat(found[end])) for end in ("from", "to")]
    click.echo(
        f"From {days[0]} to {days[1]}: {count(found['moved_count'])} customers moved, "
        f"{count(found['stayed_count'])} stayed, {count(found['entered_count'])} came, "
        f"{count(found['left_count'])} left."
    )
    for words in found["words"]:
        click.echo(words)
    click.echo()
    print_table(
        ["Segment", "Before", "After", "Share"],
        [
            [
                names[row["slug"]],
                count(row["before_count"]),
                count(row["after_count"]),
                points(row["after_ratio"] - row["before_ratio"]),
            ]
            for row in found["segments"]
        ],
        right=(1, 2, 3),
    )
    _print_flows(found, names, formats.money)
    if found["with_todays_groups"]:
        say("Today's groups were used for both days: they are younger than the earlier one.")


def _print_flows(found: dict[str, Any], names: dict[str, str], money: Any) -> None:  # noqa: ANN401 (a method)
    flows = [flow for flow in found["flows"] if flow["from"] != flow["to"]]
    if not flows:
        return
    click.echo()
    print_table(
        ["From", "To", "Customers", "Spent so far", "Of it between the days"],
        [
            [
                names.get(flow["from"], "(not there yet)"),
                names.get(flow["to"], "(not there any more)"),
                f"{flow['customer_count']:,}",
                money(flow["amount"]),
                money(flow["added"]),
            ]
            for flow in flows
        ],
        right=(2, 3, 4),
    )
