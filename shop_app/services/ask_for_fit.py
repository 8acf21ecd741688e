"""Asking for a fit: the first one of a shop comes by itself, others when something or somebody asks."""

from datetime import datetime

from shop_app.services.live_models import SEGMENTATION
from shop_app.storage import customer_scores, due_work, model_fits
from shop_app.storage.engine import transaction

FIT_NOW = "fit-now"
"""The kind of ``due_work`` for a fit that somebody waits for; the regular one is ``fit``."""
RELABEL = "relabel"
"""The kind for labelling everybody after a fit."""


def ask_for_fit(shop_id: int, *, now: datetime) -> None:
    """Have the shop's predictions and groups learned anew as soon as a worker is free."""
    with transaction(shop_id) as connection:
        due_work.ensure_due(connection, shop_id, FIT_NOW, due_at=now)


def ask_for_first_fit(shop_id: int, *, now: datetime) -> None:
    """Do so where there is somebody who has bought, and nothing was ever learned."""
    with transaction(shop_id) as connection:
        has_fit = bool(model_fits.list_cards(connection, SEGMENTATION, limit=1))
        if not has_fit and customer_scores.has_buyers(connection):
            due_work.ensure_due(connection, shop_id, FIT_NOW, due_at=now)
