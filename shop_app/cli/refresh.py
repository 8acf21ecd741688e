"""`kindred refresh`: every customer of a shop anew."""

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now


@click.command("refresh")
@shop_option
@json_option
def command(shop: str, as_json: bool) -> None:
    """Work out anew who is who, and every customer's figures and segment, against the edges of the last fit.

    A live shop is looked at now, a shop of files at the end of its last day with an order. Running it again
    changes nothing.
    """
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.refresh_customers import refresh_customers
    from shop_app.services.resolve_people import resolve_people
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        resolve_people(shop_id)
        done = refresh_customers(shop_id, None, as_of=default_as_of(shop_id, utc_now()))
    outcome = {
        "shop": shop,
        "as_of": done.as_of,
        "customer_count": done.customer_count,
        "written_count": done.written_count,
        "moved_count": done.moved_count,
    }
    if as_json:
        print_json(outcome)
    else:
        click.echo(
            f"{done.customer_count:,} customers as of {done.as_of:%Y-%m-%d %H:%M} UTC: "
            f"{done.written_count:,} with new figures, {done.moved_count:,} in another segment than before."
        )
