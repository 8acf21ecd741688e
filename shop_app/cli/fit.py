"""`kindred fit`: the edges that marks are given against."""

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now


@click.command("fit")
@shop_option
@json_option
def command(shop: str, as_json: bool) -> None:
    """Take a shop's measure anew: where the marks 1 to 5 begin. `kindred refresh` then marks everybody.

    Between two fits the edges stand still, so that nobody's segment moves because others bought something.
    """
    from shop_app.services.fit_models import fit_models
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        as_of = default_as_of(shop_id, utc_now())
        edges = fit_models(shop_id, as_of=as_of)
    outcome = {
        "shop": shop,
        "as_of": as_of,
        "buyer_count": edges.buyer_count,
        "source": edges.source,
        "recency_days": list(edges.recency_days),
        "order_count": list(edges.order_count),
        "total_spent": list(edges.total_spent),
    }
    if as_json:
        print_json(outcome)
    else:
        click.echo(
            f"Fitted to {edges.buyer_count:,} buyers as of {as_of:%Y-%m-%d %H:%M} UTC ({edges.source}). "
            f"`kindred refresh --shop {shop!r}` marks everybody against it."
        )
