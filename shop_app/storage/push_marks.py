"""Whose documents at destinations are to be worked out anew: some customers, or everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

_SHOP = "current_setting('app.shop_id')::bigint"
EVERYBODY = 0
_UPSERT = "ON CONFLICT (shop_id, customer_id) DO UPDATE SET mark = EXCLUDED.mark"


@dataclass(frozen=True, slots=True)
class Marks:
    """Who is marked; ``everybody`` stands for the whole shop. ``taken`` is what :func:`clear` is given."""

    customer_ids: tuple[int, ...]
    everybody: bool
    taken: tuple[tuple[int, int], ...]


def mark(connection: Connection, customer_ids: Sequence[int] | None) -> bool:
    """Mark these customers, everybody for ``None``, and return whether any are.

    Where labels go nowhere nothing is marked.
    """
    ids = [EVERYBODY] if customer_ids is None else sorted(set(customer_ids))
    marked = connection.execute(
        text(f"""
            INSERT INTO push_marks (shop_id, customer_id, mark)
            SELECT {_SHOP}, id, nextval('push_mark_numbers')
            FROM unnest(CAST(:ids AS bigint[])) AS id
            WHERE EXISTS (SELECT FROM destinations) ORDER BY id {_UPSERT}"""),
        {"ids": ids},
    )
    return marked.rowcount > 0


def marks_everybody(connection: Connection) -> bool:
    """Tell whether the whole shop is marked."""
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT FROM push_marks WHERE customer_id = :everybody)"),
            {"everybody": EVERYBODY},
        ).scalar_one()
    )


def read(connection: Connection, limit: int, *, but_everybody: bool = False) -> Marks:
    """Return who is marked, so many at most, the ones that wait longest first.

    ``but_everybody`` leaves the mark out that stands for the whole shop.
    """
    rows = connection.execute(
        text("""
            SELECT customer_id, mark FROM push_marks WHERE NOT (:but AND customer_id = :everybody)
            ORDER BY mark LIMIT :limit"""),
        {"limit": limit, "but": but_everybody, "everybody": EVERYBODY},
    ).all()
    ids = tuple(row.customer_id for row in rows)
    return Marks(
        tuple(each for each in ids if each != EVERYBODY),
        EVERYBODY in ids,
        tuple((row.customer_id, row.mark) for row in rows),
    )


def clear(connection: Connection, marks: Marks) -> None:
    """Take these off the list, but for those that were marked anew in the meantime."""
    connection.execute(
        text("""
            DELETE FROM push_marks m USING unnest(CAST(:ids AS bigint[]), CAST(:marks AS bigint[]))
                AS done (customer_id, mark)
            WHERE m.customer_id = done.customer_id AND m.mark = done.mark"""),
        {"ids": [each for each, _ in marks.taken], "marks": [number for _, number in marks.taken]},
    )


def has_any(connection: Connection) -> bool:
    """Tell whether anybody's documents are still to be worked out anew."""
    return bool(connection.execute(text("SELECT EXISTS (SELECT FROM push_marks)")).scalar_one())
