"""Which orders used an offer, by all that Shopify's orders may call it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from shop_app.bundles.terms import Form
from shop_app.bundles.usage import orders_using, untold
from shop_app.services.basket_frames import BasketFrames
from shop_app.storage import basket_lines, bundle_steps
from shop_app.storage.bundles import Bundle
from shop_app.storage.engine import transaction

_PRODUCT = "gid://shopify/Product/"


def uses_of(
    shop_id: int, bundle: Bundle, frames: BasketFrames, *, as_of: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines that an offer which was live is looked for in, and the orders that used it.

    The orders are as :func:`~shop_app.bundles.usage.orders_using` gives them.
    """
    assert bundle.live_from is not None  # noqa: S101 (only what was live is measured)
    lines = frames.lines
    if bundle.terms.code:
        lines = lines.join(basket_lines.read_codes(shop_id), on="order_id", how="left")
    usage = orders_using(
        lines,
        bundle.terms,
        frames.items,
        live_from=bundle.live_from,
        ended=end_of(bundle, as_of),
        titles={bundle.title, *bundle.remote.get("titles", ())},
        product_numbers=_products_made(shop_id, bundle),
    )
    return lines, usage


def orders_of_discounts(
    shop_id: int, running: Sequence[Bundle], frames: BasketFrames, *, as_of: datetime
) -> pl.DataFrame:
    """Return the ``order_id`` of orders that used a discount of ours, and so bought no fixed bundle.

    Of those alone that do not tell which bundles they hold: others may have done both.
    """
    inferred = replace(frames, lines=untold(frames.lines))
    found = [
        uses_of(shop_id, bundle, inferred, as_of=as_of)[1].select("order_id")
        for bundle in running
        if bundle.terms.form is not Form.FIXED
    ]
    return pl.concat(found) if found else pl.DataFrame(schema={"order_id": pl.Int64})


def end_of(bundle: Bundle, as_of: datetime) -> datetime:
    """Return up to when an offer is looked at."""
    return min(bundle.ended_at or as_of, as_of)


def _products_made(shop_id: int, bundle: Bundle) -> set[int]:
    """Return Shopify's numbers of all products that were made for it: one that was deleted is made anew."""
    with transaction(shop_id) as connection:
        steps = bundle_steps.list_of(connection, bundle.id)
    made = {step.remote_id for step in steps} | {bundle.remote.get("id"), bundle.remote.get("was")}
    return {int(gid.removeprefix(_PRODUCT)) for gid in made if gid is not None and gid.startswith(_PRODUCT)}
