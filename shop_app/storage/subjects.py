"""Whom a request is about: by what a person is known, and which rows of ours that leads to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from shop_app.storage.gone import subject_hash, table_key

MOST_ADDRESSES_ON_A_PHONE = 3
"""As in ``segments.identity``: a number that more people share is an office's or a row of zeros."""

Hashes = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Subject:
    """One person: Shopify's numbers of theirs and of their orders, hashes of addresses and phones.

    ``keys`` are (source, key) of imported tables, ``rows`` ids of ours in ``customers``.
    """

    numbers: frozenset[int] = frozenset()
    orders: frozenset[int] = frozenset()
    emails: frozenset[bytes] = frozenset()
    phones: frozenset[bytes] = frozenset()
    keys: frozenset[tuple[str, str]] = frozenset()
    rows: frozenset[int] = frozenset()

    def with_rows(self, rows: frozenset[int]) -> "Subject":
        """Return the same person with these rows of ours too, be they there or gone."""
        return replace(self, rows=self.rows | rows)

    def hashes(self, shop_id: int) -> Hashes:
        """Return by what this person is remembered once nothing else of them is left."""
        return [
            *(("id", subject_hash("id", number, shop_id)) for number in sorted(self.numbers)),
            *(("order", subject_hash("order", number, shop_id)) for number in sorted(self.orders)),
            *(("key", subject_hash("key", table_key(*key), shop_id)) for key in sorted(self.keys)),
            *(("email", found) for found in sorted(self.emails)),
            *(("phone", found) for found in sorted(self.phones)),
        ]

    def binds(self) -> dict[str, object]:
        """Return what the statements about a person bind."""
        return {
            "numbers": sorted(self.numbers),
            "orders": sorted(self.orders),
            "emails": sorted(self.emails),
            "phones": sorted(self.phones),
            "sources": [source for source, _ in sorted(self.keys)],
            "keys": [key for _, key in sorted(self.keys)],
            "rows": sorted(self.rows),
        }


# Another Shopify number is another customer, whatever address they share: Shopify asks for each on its own,
# and somebody who has come back has one too. What was merged into a customer is that customer.
_WIDEN = """
    WITH RECURSIVE found (id) AS (
        SELECT id FROM (
            SELECT id FROM customers WHERE shopify_id = ANY(CAST(:numbers AS bigint[]))
            UNION ALL SELECT id FROM customers WHERE id = ANY(CAST(:rows AS bigint[]))
            UNION ALL SELECT c.id FROM customers c
                JOIN unnest(CAST(:sources AS text[]), CAST(:keys AS text[])) AS told (source, source_key)
                USING (source, source_key)
            UNION ALL SELECT id FROM customers
                WHERE email_hash = ANY(CAST(:emails AS bytea[])) AND shopify_id IS NULL
            UNION ALL SELECT id FROM customers
                WHERE phone_hash = ANY(CAST(:phones AS bytea[])) AND shopify_id IS NULL) AS named
        UNION
        SELECT kin.id FROM found JOIN customers AS own ON own.id = found.id CROSS JOIN LATERAL (
            SELECT id FROM customers WHERE email_hash = own.email_hash AND shopify_id IS NULL
            UNION ALL SELECT id FROM customers
                WHERE phone_hash = own.phone_hash AND shopify_id IS NULL
                  AND (SELECT count(DISTINCT other.email_hash) FROM customers AS other
                       WHERE other.phone_hash = own.phone_hash) <= :most
            UNION ALL SELECT id FROM customers WHERE merged_into_id = own.id) AS kin)
    SELECT c.id, c.shopify_id, c.source, c.source_key, c.email_hash, c.phone_hash
    FROM customers c JOIN found USING (id)"""

_SHARED = """
    SELECT phone_hash FROM customers WHERE phone_hash = ANY(CAST(:phones AS bytea[]))
    GROUP BY phone_hash HAVING count(DISTINCT email_hash) > :most"""

_ORDERS = """
    SELECT shopify_id FROM orders
    WHERE customer_id = ANY(CAST(:rows AS bigint[])) AND shopify_id IS NOT NULL"""


def find_subject(connection: Connection, named: Subject) -> Subject:
    """Return a person with everything that the tables know them by; ``rows`` are those that are there now.

    A phone that many share leads to nobody, and is not remembered.
    """
    named = replace(named, phones=named.phones - _shared(connection, named.phones))
    rows = connection.execute(text(_WIDEN), {**named.binds(), "most": MOST_ADDRESSES_ON_A_PHONE}).all()
    ids = frozenset(row.id for row in rows)
    ordered = connection.execute(text(_ORDERS), {"rows": sorted(ids)}).scalars()
    phones = _bytes(row.phone_hash for row in rows)
    return Subject(
        numbers=named.numbers | frozenset(row.shopify_id for row in rows if row.shopify_id is not None),
        orders=named.orders | frozenset(ordered),
        emails=named.emails | _bytes(row.email_hash for row in rows),
        phones=named.phones | phones - _shared(connection, phones),
        keys=named.keys | frozenset((row.source, row.source_key) for row in rows if row.source_key is not None),
        rows=ids,
    )


def list_rows_named(connection: Connection, emails: Iterable[bytes], phones: Iterable[bytes]) -> frozenset[int]:
    """Return whose address this is, whatever Shopify number they have: for a request that names no number.

    A phone alone means somebody only where it is nobody else's.
    """
    by_email = connection.execute(
        text("SELECT id FROM customers WHERE email_hash = ANY(CAST(:emails AS bytea[]))"),
        {"emails": list(emails)},
    )
    found = frozenset(by_email.scalars())
    if found:
        return found
    by_phone = connection.execute(
        text("SELECT id FROM customers WHERE phone_hash = ANY(CAST(:phones AS bytea[])) LIMIT 2"),
        {"phones": list(phones)},
    )
    only = frozenset(by_phone.scalars())
    return only if len(only) == 1 else frozenset()


def _shared(connection: Connection, phones: Iterable[bytes]) -> frozenset[bytes]:
    """Return which of these phones are on more people than a household has."""
    values = {"phones": list(phones), "most": MOST_ADDRESSES_ON_A_PHONE}
    return _bytes(connection.execute(text(_SHARED), values).scalars())


_NUMBERS = """
    SELECT shopify_id FROM customers WHERE shopify_id IS NOT NULL
    UNION SELECT customer_shopify_id FROM checkouts WHERE customer_shopify_id IS NOT NULL
    UNION SELECT shopify_id FROM refetches WHERE resource = 'customer'
    UNION SELECT shopify_id FROM tombstones WHERE resource = 'customer'"""
_KEYS = "SELECT source, source_key FROM customers WHERE source_key IS NOT NULL AND shopify_id IS NULL"
_TRACED_ORDERS = """
    SELECT shopify_id FROM orders WHERE shopify_id IS NOT NULL
      AND (customer_id IS NOT NULL OR discount_codes IS NOT NULL OR tags IS NOT NULL)"""


def find_hashed(connection: Connection, shop_id: int, hashes: Iterable[tuple[str, bytes]]) -> Subject:
    """Return whom these hashes stand for, as far as the tables hold anything of them.

    Hashes do not open, so every number in the tables is hashed and looked up: seconds for a million.
    """
    by_kind: dict[str, set[bytes]] = {kind: set() for kind in ("id", "order", "key", "email", "phone")}
    for kind, found in hashes:
        by_kind[kind].add(found)

    def those(kind: str, query: str) -> frozenset[int]:
        wanted = by_kind[kind]
        numbers = connection.execute(text(query)).scalars() if wanted else ()
        return frozenset(number for number in numbers if subject_hash(kind, number, shop_id) in wanted)

    keys = connection.execute(text(_KEYS)).all() if by_kind["key"] else ()
    return Subject(
        numbers=those("id", _NUMBERS),
        orders=those("order", _TRACED_ORDERS),
        emails=frozenset(by_kind["email"]),
        phones=frozenset(by_kind["phone"]),
        keys=frozenset(
            (row.source, row.source_key)
            for row in keys
            if subject_hash("key", table_key(row.source, row.source_key), shop_id) in by_kind["key"]
        ),
    )


def _bytes(values: Iterable[bytes | None]) -> frozenset[bytes]:
    return frozenset(bytes(value) for value in values if value is not None)
