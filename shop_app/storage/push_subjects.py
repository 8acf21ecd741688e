"""Customers as destinations need them: which rows there are, how they are found, what went wrong for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage.encryption import open_sealed


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One row of a customer; ``is_present`` tells whether it is still there and not merged into another."""

    customer_id: int
    person_id: int
    shopify_id: int | None
    is_present: bool
    consent: str | None
    data_sale_opt_out: bool | None
    tags: list[str]

    @property
    def is_own(self) -> bool:
        """Tell whether this row stands for the person."""
        return self.customer_id == self.person_id


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong for a person lately, and which e-mails they were sent (a day each)."""

    refunded_at: datetime | None = None
    cancelled_at: datetime | None = None
    received_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """How one row is found at a destination."""

    shopify_id: int | None
    email: str | None = field(repr=False)
    tags: tuple[str, ...]


_COLUMNS = """id AS customer_id, person_id, shopify_id,
    deleted_at IS NULL AND merged_into_id IS NULL AS is_present, email_consent, data_sale_opt_out,
    COALESCE(tags, '{}') AS tags"""


def list_next(connection: Connection, *, after: int, limit: int) -> list[SubjectRow]:
    """Return the next rows by id."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM customers WHERE id > :after ORDER BY id LIMIT :limit"),
        {"after": after, "limit": limit},
    )
    return [SubjectRow(*row) for row in rows]


def list_some(connection: Connection, customer_ids: Sequence[int]) -> list[SubjectRow]:
    """Return these rows and all others of the same persons, by id."""
    rows = connection.execute(
        text(f"""
            SELECT {_COLUMNS} FROM customers
            WHERE id = ANY(CAST(:ids AS bigint[])) OR person_id IN (
                SELECT person_id FROM customers WHERE id = ANY(CAST(:ids AS bigint[]))) ORDER BY id"""),
        {"ids": list(customer_ids)},
    )
    return [SubjectRow(*row) for row in rows]


def heirs_of(connection: Connection, customer_ids: Sequence[int]) -> dict[int, int]:
    """Return into whom these rows were merged in the end; nothing for one that was not."""
    rows = connection.execute(
        text("""
            WITH RECURSIVE way AS (
                SELECT id, merged_into_id AS heir, 1 AS steps FROM customers
                WHERE id = ANY(CAST(:ids AS bigint[])) AND merged_into_id IS NOT NULL
                UNION ALL
                SELECT way.id, c.merged_into_id, steps + 1 FROM way JOIN customers c ON c.id = way.heir
                WHERE c.merged_into_id IS NOT NULL AND steps < 20)
            SELECT DISTINCT ON (id) id, heir FROM way ORDER BY id, steps DESC"""),
        {"ids": list(customer_ids)},
    )
    return {row.id: row.heir for row in rows}


def read_trouble(
    connection: Connection, person_ids: Sequence[int], *, since: datetime, until: datetime
) -> dict[int, Trouble]:
    """Return by person what happened between two moments; nothing for whom nothing did."""
    values = {"ids": list(person_ids), "since": since, "until": until}
    orders = connection.execute(
        text("""
            WITH rows AS (SELECT id, person_id FROM customers WHERE person_id = ANY(CAST(:ids AS bigint[])))
            SELECT person_id, max(refunded_at) AS refunded_at, max(cancelled_at) AS cancelled_at FROM (
                SELECT c.person_id, NULL::timestamptz AS refunded_at, o.cancelled_at
                FROM rows c JOIN orders o ON o.customer_id = c.id
                WHERE o.cancelled_at > :since AND o.cancelled_at <= :until AND o.test IS NOT TRUE
                UNION ALL
                SELECT c.person_id, r.refunded_at, NULL FROM rows c JOIN orders o ON o.customer_id = c.id
                JOIN refunds r ON r.order_id = o.id
                WHERE r.refunded_at > :since AND r.refunded_at <= :until AND r.amount > 0
            ) AS happened GROUP BY person_id"""),
        values,
    )
    found = {row.person_id: Trouble(row.refunded_at, row.cancelled_at) for row in orders}
    mails = connection.execute(
        text("""
            SELECT c.person_id, array_agg(e.day::timestamptz ORDER BY e.day DESC) AS days
            FROM email_engagement e JOIN customers c ON c.shop_id = e.shop_id AND c.id = e.customer_id
            CROSS JOIN generate_series(1, e.received)
            WHERE c.person_id = ANY(CAST(:ids AS bigint[])) AND e.day > CAST(:since AS date)
            GROUP BY c.person_id"""),
        values,
    )
    for row in mails:
        known = found.get(row.person_id, Trouble())
        found[row.person_id] = Trouble(known.refunded_at, known.cancelled_at, tuple(row.days))
    return found


def read_reach(connection: Connection, shop_id: int, customer_ids: Sequence[int]) -> dict[int, Reach]:
    """Return how these rows are found; where a row has no address, the next one of its person lends its own."""
    rows = connection.execute(
        text("""
            SELECT c.id, c.shopify_id, COALESCE(c.tags, '{}') AS tags, COALESCE(c.email, (
                SELECT o.email FROM customers o WHERE o.person_id = c.person_id AND o.email IS NOT NULL
                  AND o.deleted_at IS NULL ORDER BY o.id LIMIT 1)) AS email
            FROM customers c WHERE c.id = ANY(CAST(:ids AS bigint[]))"""),
        {"ids": list(customer_ids)},
    )
    return {
        row.id: Reach(
            row.shopify_id,
            None
            if row.email is None
            else open_sealed(bytes(row.email), table="customers", column="email", shop_id=shop_id),
            tuple(row.tags),
        )
        for row in rows
    }
