"""Which predictions a shop does not publish, and why."""


def unpublished(shop_id: int) -> dict[str, str]:
    """Return why, by column, of each prediction that the live fit does not publish; empty before a fit."""
    from shop_app.services.live_models import SEGMENTATION
    from shop_app.storage import model_fits
    from shop_app.storage.engine import transaction

    with transaction(shop_id) as connection:
        live = model_fits.find_live(connection, SEGMENTATION)
        measures = model_fits.read_measures(connection, live.id) if live else {}
    return {column: reason for column, reason in measures.get("published", {}).items() if reason}
