"""Everything anew after the facts have changed: people, edges, labels, and the next dates."""

from datetime import datetime

from shop_app.services.ask_for_fit import ask_for_first_fit
from shop_app.services.refresh_customers import Refreshed, refresh_customers
from shop_app.services.resolve_people import resolve_people
from shop_app.services.schedule_shop import schedule_shop
from shop_app.services.shop_clock import default_as_of


def renew_shop(shop_id: int, *, now: datetime) -> Refreshed:
    """Resolve, fit and refresh one shop; stopped in the middle, it is done again from the start."""
    schedule_shop(shop_id, now=now)
    resolve_people(shop_id)
    refreshed = refresh_customers(shop_id, None, as_of=default_as_of(shop_id, now), refit=True)
    ask_for_first_fit(shop_id, now=now)
    return refreshed
