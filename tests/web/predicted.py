"""Predictions put into a shop by hand: pages show what is stored, whoever worked it out."""

import json
from contextlib import contextmanager

from sqlalchemy import text

from shop_app.services.summarise_shop import summarise_shop
from shop_app.storage.customer_scores import PREDICTION_COLUMNS
from shop_app.storage.engine import transaction

_CHANCES = {
    "order_probability_90d": "0.4",
    "churn_probability_90d": "0.6",
    "expected_orders_90d": "1.25",
    "predicted_clv_365d": "12300",
    "predicted_clv_365d_low": "4000",
    "predicted_clv_365d_high": "30000",
    "next_order_from": "DATE '2026-07-10'",
    "next_order_to": "DATE '2026-08-04'",
}


def set_measures(store, **parts):
    """Put parts of the live fit's measures in place of what was measured."""
    with transaction(store.shop_id) as connection:
        connection.execute(
            text(
                "UPDATE model_fits SET measures = measures || CAST(:parts AS jsonb) "
                "WHERE live AND kind = 'segmentation'"
            ),
            {"parts": json.dumps(parts)},
        )


def read_measures(store):
    with transaction(store.shop_id) as connection:
        return connection.execute(
            text("SELECT measures FROM model_fits WHERE live AND kind = 'segmentation'")
        ).scalar_one()


@contextmanager
def predictions(store):
    """Publish the same predictions for every buyer, for a while."""
    columns = ", ".join(PREDICTION_COLUMNS)
    with transaction(store.shop_id) as connection:
        kept = connection.execute(text(f"SELECT customer_id, {columns} FROM customer_scores")).mappings().all()
        changes = ", ".join(f"{column} = {value}" for column, value in _CHANCES.items())
        connection.execute(text(f"UPDATE customer_scores SET {changes} WHERE order_count > 0"))
    summarise_shop(store.shop_id)
    yield
    back = ", ".join(f"{column} = :{column}" for column in PREDICTION_COLUMNS)
    with transaction(store.shop_id) as connection:
        connection.execute(
            text(f"UPDATE customer_scores SET {back} WHERE customer_id = :customer_id"),
            [dict(row) for row in kept],
        )
    summarise_shop(store.shop_id)
