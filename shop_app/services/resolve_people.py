"""Work out which customer rows are one person, and write where that has changed."""

from collections.abc import Sequence

import polars as pl

from shop_app.segments import identity
from shop_app.storage import people
from shop_app.storage.engine import transaction
from shop_app.storage.refresh_lock import lock_refreshes


def resolve_people(shop_id: int, customer_ids: Sequence[int] | None = None) -> list[int]:
    """Resolve these rows with all that is tied to them, or the whole shop for ``None``.

    Returns
    -------
    list[int]
        The people whose rows are others than before, the ones that are no person any more among them: whom
        a refresh is due for.
    """
    with transaction(shop_id) as connection:
        lock_refreshes(connection)
        evidence = people.read_evidence(shop_id, customer_ids)

        moved = (
            identity.resolve_people(evidence)
            .join(evidence.select("customer_id", "former_person_id"), on="customer_id")
            .filter(pl.col("person_id") != pl.col("former_person_id"))
            .sort("customer_id")
        )

        people.set_people(connection, moved)
    return sorted({*moved["person_id"], *moved["former_person_id"]})
