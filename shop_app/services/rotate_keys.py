"""Seal everything with the newest key, so that an older one can leave the keyring."""

from collections.abc import Callable
from dataclasses import dataclass

from shop_app.storage import sealed_columns, shops
from shop_app.storage.engine import shopless, transaction

_ROWS_A_BATCH = 2_000
"""Small enough that customers stay locked for a blink, large enough that commits do not dominate."""

Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many values of one table's rows were sealed anew."""

    table: str
    row_count: int


def rotate_keys(*, tell: Tell | None = None) -> list[Rotated]:
    """Seal anew whatever the first key of ``KINDRED_KEYS`` did not seal; stopped, it goes on where it was.

    ``tell`` hears a table's name and the rows done so far after each batch. Hashes have a key of their own
    that never changes, so matching and search go on as before.
    """
    with shopless() as connection:
        shop_ids = shops.list_ids(connection)
    return [
        Rotated(table, sum(_rotate_table(shop_id, table, tell) for shop_id in shop_ids))
        for table in sealed_columns.SEALED
    ]


def _rotate_table(shop_id: int, table: str, tell: Tell | None) -> int:
    done, after = 0, 0
    while True:
        with transaction(shop_id) as connection:
            batch = sealed_columns.reseal_batch(connection, shop_id, table, after=after, limit=_ROWS_A_BATCH)
        if batch.last_id is None:
            return done
        done, after = done + batch.row_count, batch.last_id
        if tell is not None:
            tell(table, done)
