"""`kindred customer`: what is known of one customer."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now

if TYPE_CHECKING:
    from shop_app.services.push_of_customer import CustomerAt


@click.command("customer")
@click.argument("customer")
@shop_option
@json_option
def command(customer: str, shop: str, as_json: bool) -> None:
    """Show one CUSTOMER: segment and why, what would move them, what to expect, and every order.

    CUSTOMER is an e-mail address, a phone number, an order number like #1001, an id, or
    gid://shopify/Customer/1234567890. Where a bare number could be several things, id:12 is our id and
    key:12 the one in the imported table.
    """
    from shop_app.cli.published import unpublished
    from shop_app.services.describe_customer import describe_customer
    from shop_app.services.find_customer import find_customer
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.push_of_customer import customer_at_destinations
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        found = find_customer(shop_id, customer)
        story = describe_customer(shop_id, found, as_of=default_as_of(shop_id, utc_now()))
        missing = unpublished(shop_id)
        places = customer_at_destinations(shop_id, found)
    if as_json:
        told = [{**asdict(place), "guards": _guards(place)} for place in places]
        print_json({"shop": shop, **asdict(story), "unpublished": missing, "destinations": told})
    else:
        from shop_app.cli.customer_words import print_customer

        print_customer(story, missing, places)


def _guards(place: "CustomerAt") -> list[dict[str, str | datetime | None]]:
    return [{"words": words, "until": until} for words, until in place.guards]
