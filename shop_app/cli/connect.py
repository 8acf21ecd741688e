"""`kindred connect`: connect a store by the app's key and secret, without the Shopify admin."""

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json
from shop_app.clock import utc_now


@click.command("connect")
@click.argument("shop")
@json_option
def command(shop: str, *, as_json: bool) -> None:
    """Connect SHOP (its .myshopify.com domain) to an app of its own organisation, and have its history read.

    It asks Shopify for a token by SHOPIFY_API_KEY and SHOPIFY_API_SECRET alone (client credentials grant), so
    the app must be installed in the store, and both must belong to one organisation in the Dev Dashboard.
    Running it again mends a connection that was cut off.
    """
    from shop_app.queueing import connect as connect_queue
    from shop_app.services.install_shop import install_own_app
    from shop_app.shopify import config
    from shop_app.shopify.shop_domain import checked_shop_domain

    domain = checked_shop_domain(shop)
    with opened() as settings:
        config.configure(settings.shopify)
        if settings.redis_url:
            connect_queue(settings.redis_url)
        done = install_own_app(domain, now=utc_now())
    if as_json:
        print_json({"shop": domain, "is_new": done.is_new_install})
    elif done.is_new_install:
        click.echo(f"{domain} is connected; the workers read its history now.")
    else:
        click.echo(f"{domain} is connected again; what was missed is read now.")
