"""Take a shop's measure: the edges that marks are given against until the next fit."""

from datetime import datetime

import polars as pl

from shop_app.segments.rfm import RfmEdges, fit_rfm
from shop_app.services.live_models import RFM
from shop_app.services.measure_people import measure_people
from shop_app.storage import model_fits, shop_settings
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.refresh_lock import lock_refreshes
from shop_app.storage.shop_settings import ShopSettings


def fit_models(shop_id: int, *, as_of: datetime) -> RfmEdges:
    """Fit the edges on all buyers and make them live; labels follow with the next refresh."""
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        return fit_whole_shop(connection, shop_id, shop_settings.read(connection), as_of=as_of)


def fit_whole_shop(connection: Connection, shop_id: int, shop: ShopSettings, *, as_of: datetime) -> RfmEdges:
    """Do the same inside a transaction that holds the shop's turn."""
    return store_fit(connection, measure_people(shop_id, None, shop, as_of=as_of).features, as_of=as_of)


def store_fit(connection: Connection, features: pl.DataFrame, *, as_of: datetime) -> RfmEdges:
    """Fit on everybody's features, and make the result the live fit."""
    edges = fit_rfm(features)
    model_fits.add_live(
        connection, kind=RFM, as_of=as_of, customer_count=edges.buyer_count, parameters=edges.to_json()
    )
    return edges
