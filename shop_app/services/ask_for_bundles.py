"""Asking for a look at all baskets: the first comes by itself, then weekly, and when a product line is new."""

from datetime import datetime

from shop_app.storage import basket_findings, basket_lines, customer_scores, due_work
from shop_app.storage.engine import transaction

BUNDLES = "bundles"
"""The kind of ``due_work`` that looks at all baskets."""


def ask_for_bundles(shop_id: int, *, now: datetime) -> None:
    """Have the baskets looked at where nobody has yet, or where a product line sells that was not there."""
    with transaction(shop_id) as connection:
        run = basket_findings.newest_run(connection)
        if run is None:
            is_wanted = customer_scores.has_buyers(connection)
        else:
            known = set(run.facts.get("categories", ()))
            is_wanted = not known.issuperset(basket_lines.categories_sold_since(connection, run.as_of))
        if is_wanted:
            due_work.ensure_due(connection, shop_id, BUNDLES, due_at=now)


def look_again(shop_id: int, *, now: datetime) -> None:
    """Have the baskets looked at as soon as a worker is free: somebody asks for it."""
    with transaction(shop_id) as connection:
        due_work.ensure_due(connection, shop_id, BUNDLES, due_at=now)
