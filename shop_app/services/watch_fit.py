"""Whether a shop has moved away from what was learned of it."""

from datetime import datetime

from shop_app.segments.refit_reasons import RefitReason, ShopToday, refit_reasons
from shop_app.services.live_models import SEGMENTATION
from shop_app.services.read_history import read_history
from shop_app.services.segment_choices import SegmentChoices
from shop_app.storage import customer_scores, model_fits, shop_settings
from shop_app.storage.engine import transaction


def reasons_to_refit(shop_id: int, *, as_of: datetime) -> list[RefitReason]:
    """Say why the live fit is due for a new one; nothing before the first fit, or from before the live one."""
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        live = model_fits.find_live(connection, SEGMENTATION)
        measures = model_fits.read_measures(connection, live.id) if live else {}
    if live is None or live.as_of > as_of:
        return []
    history = read_history(shop_id, shop, as_of=as_of)
    today = ShopToday(
        scored=customer_scores.read_all(shop_id),
        orders=history.counted(as_of).select("order_id", "customer_id", "processed_at"),
        categories=history.categories,
        as_of=as_of,
        timezone=shop.timezone,
    )
    return refit_reasons(measures["reference"], today, cadence=SegmentChoices.of(shop).cadence)
