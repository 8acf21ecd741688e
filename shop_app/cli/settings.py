"""`kindred settings`: which orders count, what of their money, and by which names groups are called."""

from datetime import datetime
from typing import Any

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, print_pairs, shop_option
from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError


@click.command("settings")
@shop_option
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change one setting; repeatable.")
@json_option
def command(shop: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Show a shop's settings, or change some and work everything out anew.

    include_tax, include_shipping, count_unpaid, count_free_orders: yes or no. cut_off: a date like
    2024-01-31, or empty. excluded_channels, excluded_tags: names with commas between them. rates:
    USD:0.92,GBP:1.17. vocabulary: shopify, putler or klaviyo.
    """
    wished = read_changes(changes)
    with opened():
        outcome = _settle(shop, wished)
    if as_json:
        print_json({"shop": shop, **outcome})
    else:
        print_pairs({name: _words(value) for name, value in outcome.items()})


def read_changes(changes: tuple[str, ...]) -> dict[str, str]:
    """Return name and value of each change."""
    wished: dict[str, str] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise InvalidInputError(f"--set: write NAME=VALUE, not {change!r}.", field="set")
        wished[name.strip()] = value
    return wished


def _settle(shop: str, wished: dict[str, str]) -> dict[str, Any]:
    from shop_app.services.change_settings import change_settings, read_settings
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    shop_id = get_shop_id(shop)
    if wished:
        change_settings(shop_id, wished, as_of=default_as_of(shop_id, utc_now()))
    return read_settings(shop_id)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{currency}:{rate}" for currency, rate in value.items())
    return value.isoformat() if isinstance(value, datetime) else str(value or "")
