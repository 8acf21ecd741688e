"""`kindred customer`: what is known of one customer."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, print_pairs, print_table, shop_option
from shop_app.clock import utc_now

if TYPE_CHECKING:
    from shop_app.services.customer_story import CustomerStory, OrderStory
    from shop_app.web.formats import Formats


@click.command("customer")
@click.argument("customer")
@shop_option
@json_option
def command(customer: str, shop: str, as_json: bool) -> None:
    """Show one CUSTOMER: segment and why, figures, and every order with its verdict.

    CUSTOMER is an e-mail address, a phone number, an order number like #1001, an id, or
    gid://shopify/Customer/1234567890. Where a bare number could be several things, id:12 is our id and
    key:12 the one in the imported table.
    """
    from shop_app.services.describe_customer import describe_customer
    from shop_app.services.find_customer import find_customer
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        found = find_customer(shop_id, customer)
        story = describe_customer(shop_id, found, as_of=default_as_of(shop_id, utc_now()))
    if as_json:
        print_json({"shop": shop, **asdict(story)})
    else:
        _print(story)


def _print(story: "CustomerStory") -> None:
    from shop_app.web.formats import Formats

    formats = Formats(story.currency, story.timezone)
    click.echo(f"{story.name or story.email or 'Somebody whose name is not known'} (id:{story.customer_id})")
    click.echo(f"{story.reason}\n")
    print_pairs({name: value for name, value in _details(story, formats).items() if value})
    if story.marks:
        click.echo()
        for mark in story.marks:
            click.echo(f"  {mark.words}")
    _print_orders(story, formats)
    _print_rows(story)
    for change in story.changes:
        moved = f"{change.from_name or 'nowhere'} to {change.to_name or 'nowhere'}"
        click.echo(f"{formats.date(change.changed_at)}  moved from {moved}")


def _details(story: "CustomerStory", formats: "Formats") -> dict[str, str]:
    from shop_app.web.formats import decimal, percent

    figures = {
        "Orders": f"{story.order_count:,}",
        "Spent": formats.money(story.total_spent),
        "Average order": formats.money(story.average_order_value),
        "First order": formats.date(story.first_order_at),
        "Last order": formats.date(story.last_order_at),
        "Usual days between orders": decimal(story.interval_median_days),
        "Items an order": decimal(story.items_per_order),
        "Orders with a discount": percent(story.discount_share_ratio),
        "Refunded": percent(story.refund_rate_ratio),
        "Buys most from": story.top_category or "",
    }
    return {
        "E-mail": story.email,
        "Phone": story.phone,
        "Country": story.country or "",
        "Tags": ", ".join(story.tags),
        "As of": formats.moment(story.as_of),
        **(figures if story.order_count else {}),
    }


def _print_orders(story: "CustomerStory", formats: "Formats") -> None:
    if not story.orders:
        return
    click.echo()
    print_table(
        ["Order", "Date", "Paid", "Refunded", "Net", "Does it count?"],
        [_order_row(order, formats) for order in story.orders],
        right=(2, 3, 4),
    )
    if story.older_order_count:
        click.echo(f"and {story.older_order_count:,} older orders")
    for refund in story.loose_refunds:
        given = formats.date(refund.refunded_at)
        click.echo(f"{given}  {formats.money(refund.amount)} given back, for no order that is known")


def _order_row(order: "OrderStory", formats: "Formats") -> list[str]:
    from shop_app.services.money_words import money_words

    paid = formats.money(order.paid) if order.paid is not None else money_words(order.total, order.currency)
    return [
        order.name,
        formats.date(order.processed_at),
        paid,
        formats.money(order.refunded),
        formats.money(order.net_revenue),
        order.words or "yes",
    ]


def _print_rows(story: "CustomerStory") -> None:
    click.echo()
    if len(story.identities) == 1:
        return
    click.echo(f"Made of {len(story.identities)} customers; `kindred split id:…` keeps one of them apart.")
    for row in story.identities:
        why = f", {row.why}" if row.why else ""
        click.echo(f"  id:{row.customer_id}  {row.email or row.phone}  {row.order_count:,} orders{why}")
    click.echo()
