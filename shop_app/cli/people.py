"""`kindred split` and `kindred merge`: who is one person with whom, by somebody's word."""

from typing import TYPE_CHECKING

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from shop_app.services.refresh_customers import Refreshed


@click.command("split")
@click.argument("customer")
@shop_option
@json_option
def split(customer: str, shop: str, as_json: bool) -> None:
    """Keep one CUSTOMER apart from the person it was taken for, from now on.

    CUSTOMER is one row: its id (`kindred customer` lists a person's rows as id:12) or its Shopify gid.
    """
    from shop_app.services.keep_apart import keep_apart

    _settle(customer, shop, keep_apart, kept_apart=True, as_json=as_json)


@click.command("merge")
@click.argument("customer")
@shop_option
@json_option
def merge(customer: str, shop: str, as_json: bool) -> None:
    """Let a CUSTOMER that was kept apart be one with its person again.

    CUSTOMER is one row: its id or its Shopify gid. People are put together by e-mail address, phone and
    Shopify's own merges; this only takes back a split.
    """
    from shop_app.services.keep_apart import rejoin

    _settle(customer, shop, rejoin, kept_apart=False, as_json=as_json)


def _settle(
    customer: str,
    shop: str,
    change: "Callable[..., Refreshed]",
    *,
    kept_apart: bool,
    as_json: bool,
) -> None:
    from shop_app.services.find_customer import find_customer_row
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        row = find_customer_row(shop_id, customer)
        as_of = default_as_of(shop_id, utc_now())
        done = change(shop_id, row, as_of=as_of)
    outcome = {
        "shop": shop,
        "customer_id": row,
        "kept_apart": kept_apart,
        "refreshed_count": done.customer_count,
        "moved_count": done.moved_count,
    }
    if as_json:
        print_json(outcome)
    else:
        now = "kept apart" if kept_apart else "no longer kept apart"
        click.echo(f"Customer id:{row} is {now}; {done.customer_count:,} people were worked out anew.")
