"""The overview of a shop as it would have looked at another moment, worked out and not stored."""

from datetime import datetime
from typing import Any

from shop_app.segments.rfm import fit_rfm
from shop_app.services.measure_people import measure_people
from shop_app.services.refresh_customers import label
from shop_app.services.shop_summary import SummaryFacts, build_summary
from shop_app.storage import segment_runs, shop_settings
from shop_app.storage.engine import transaction


def segments_as_of(shop_id: int, as_of: datetime | None) -> dict[str, Any]:
    """Return the stored overview, or for another moment than its own one that is worked out now.

    What happened after ``as_of`` is not known to it, and its edges are fitted to that moment too: this is
    what the shop would have seen then. Only who is one person with whom is today's knowledge. A shop that
    has no stored overview, asked for no moment in particular, gives an empty answer.

    ``stored`` tells which of the two it is; ``computed_at`` is ``None`` for one that was not stored.
    """
    with transaction(shop_id) as connection:
        shop = shop_settings.read(connection)
        stored = segment_runs.read_newest(connection)
    if stored is not None and as_of in (None, datetime.fromisoformat(stored["as_of"])):
        return {**stored, "stored": True}
    if as_of is None:
        return {}

    measured = measure_people(shop_id, None, shop, as_of=as_of)
    edges = fit_rfm(measured.features)
    scores = label(measured.features, shop, edges, as_of=as_of)

    summary = build_summary(SummaryFacts(measured.judged, measured.refunds, scores, edges, as_of), shop)
    return {**summary, "computed_at": None, "stored": False}
