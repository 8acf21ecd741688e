"""Sum a shop up from the rows that are there, without labelling anybody anew."""

from shop_app.services.live_models import find_edges, read_models
from shop_app.services.measure_people import judge, rules_of
from shop_app.services.shop_summary import SummaryFacts, build_summary
from shop_app.storage import customer_scores, segment_runs, shop_settings
from shop_app.storage.engine import transaction
from shop_app.storage.ledger_facts import read_orders_and_refunds
from shop_app.storage.refresh_lock import lock_refreshes


def summarise_shop(shop_id: int) -> None:
    """Write the overview anew; nothing happens before the first refresh."""
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        shop = shop_settings.read(connection)
        edges = find_edges(connection)
        as_of = customer_scores.newest_as_of(connection, None)
        if edges is None or as_of is None:
            return
        models = read_models(connection, edges)
        scores = customer_scores.read_all(shop_id)
        facts = read_orders_and_refunds(shop_id, rules_of(shop))

        judged = judge(facts, rules_of(shop), as_of=as_of)
        summary = build_summary(SummaryFacts(judged, facts.refunds, scores, models, as_of), shop)

        segment_runs.write(connection, as_of=as_of, timezone=shop.timezone, summary=summary)
