"""How steady a shop's segments are: who moves from week to week, who without having done anything."""

from datetime import timedelta
from typing import Any

from shop_app.segments.stability import BACK_DAYS, WEEKS, flip_rate
from shop_app.services.live_models import SEGMENTATION
from shop_app.storage import customer_scores, membership_changes, model_fits
from shop_app.storage.engine import transaction
from shop_app.storage.order_dates import read_order_days


def segment_stability(shop_id: int) -> dict[str, Any] | None:
    """Measure the moves of the last weeks up to the newest labels; ``None`` before the first refresh.

    Weeks from before the shop's first labels, or from before its live groups, are left out: that everybody is
    called by other names at once is no move.
    """
    with transaction(shop_id) as connection:
        as_of = customer_scores.newest_as_of(connection, None)
        if as_of is None:
            return None
        first_at = membership_changes.first_at(connection)
        live = model_fits.find_live(connection, SEGMENTATION)
        card = model_fits.find_card(connection, live.id) if live else None
        people = customer_scores.count(connection)
    changes = membership_changes.read_since(shop_id, as_of - timedelta(days=2 * BACK_DAYS))
    orders = read_order_days(shop_id, since=as_of - timedelta(weeks=WEEKS))
    since = [moment for moment in (first_at, card.live_from if card else None) if moment is not None]
    return flip_rate(
        changes, orders, customer_count=people, as_of=as_of, labelled_since=max(since, default=None)
    )
