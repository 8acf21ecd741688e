"""Finding a person by one exact thing that is known of them."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

_SOURCES = """
    WITH RECURSIVE found (source) AS (
        SELECT min(source) FROM customers WHERE source_key IS NOT NULL
        UNION ALL
        SELECT (SELECT min(source) FROM customers WHERE source > found.source AND source_key IS NOT NULL)
        FROM found WHERE found.source IS NOT NULL)
    SELECT source FROM found WHERE source IS NOT NULL"""
# Jumps from source to source along the index; there are a handful of them and millions of rows.

_COUNTRY_SAMPLE = 10_000


def people_by_row_id(connection: Connection, customer_id: int) -> list[int]:
    """Return the person whom the row of this id belongs to."""
    return _people(connection, "id = :customer_id", customer_id=customer_id)


def people_by_shopify_id(connection: Connection, shopify_id: int) -> list[int]:
    """Return the person whom Shopify knows by this id."""
    return _people(connection, "shopify_id = :shopify_id", shopify_id=shopify_id)


def people_by_source_key(connection: Connection, key: str) -> list[int]:
    """Return the people whom an imported table calls by this key."""
    return _people(connection, f"source_key = :key AND source IN ({_SOURCES})", key=key)


def people_by_email_hash(connection: Connection, email_hash: bytes) -> list[int]:
    """Return the people with this e-mail address: several where rows are kept apart."""
    return _people(connection, "email_hash = :email_hash", email_hash=email_hash)


def people_by_phone_hashes(connection: Connection, phone_hashes: Sequence[bytes]) -> list[int]:
    """Return the people with one of these phone numbers."""
    return _people(
        connection, "phone_hash = ANY(CAST(:phone_hashes AS bytea[]))", phone_hashes=list(phone_hashes)
    )


def people_by_order_names(connection: Connection, names: Sequence[str]) -> list[int]:
    """Return the people who placed an order of one of these names."""
    return _people(
        connection,
        "id IN (SELECT customer_id FROM orders WHERE name = ANY(CAST(:names AS text[])))",
        names=list(names),
    )


def people_by_order_shopify_id(connection: Connection, shopify_id: int) -> list[int]:
    """Return the person who placed the order that Shopify knows by this id."""
    return _people(
        connection,
        "id IN (SELECT customer_id FROM orders WHERE shopify_id = :shopify_id)",
        shopify_id=shopify_id,
    )


def row_by_id(connection: Connection, customer_id: int) -> int | None:
    """Return the id again if there is such a row."""
    return _row(connection, "id = :customer_id", customer_id=customer_id)


def row_by_shopify_id(connection: Connection, shopify_id: int) -> int | None:
    """Return the row that Shopify knows by this id."""
    return _row(connection, "shopify_id = :shopify_id", shopify_id=shopify_id)


def row_ids_of_person(connection: Connection, person_id: int) -> list[int]:
    """Return the rows that this person is made of."""
    rows = connection.execute(
        text("SELECT id FROM customers WHERE person_id = :person AND deleted_at IS NULL ORDER BY id"),
        {"person": person_id},
    )
    return list(rows.scalars())


def has_order(connection: Connection, names: Sequence[str]) -> bool:
    """Tell whether there is an order of one of these names, whoever placed it."""
    return bool(
        connection.execute(
            text("SELECT EXISTS (SELECT 1 FROM orders WHERE name = ANY(CAST(:names AS text[])))"),
            {"names": list(names)},
        ).scalar_one()
    )


def list_countries(connection: Connection, *, limit: int) -> list[str]:
    """Return the countries that most customers live in: where a number without a prefix may belong."""
    rows = connection.execute(
        text("""
            WITH seen AS (SELECT country FROM customers LIMIT :sample)
            SELECT country FROM seen WHERE country IS NOT NULL
            GROUP BY country ORDER BY count(*) DESC, country LIMIT :limit"""),
        {"sample": _COUNTRY_SAMPLE, "limit": limit},
    )
    return list(rows.scalars())


def _people(connection: Connection, condition: str, **values: object) -> list[int]:
    rows = connection.execute(
        text(f"""
            SELECT DISTINCT person_id FROM customers
            WHERE {condition} AND deleted_at IS NULL ORDER BY person_id"""),
        values,
    )
    return list(rows.scalars())


def _row(connection: Connection, condition: str, **values: object) -> int | None:
    found: int | None = connection.execute(
        text(f"SELECT id FROM customers WHERE {condition} AND deleted_at IS NULL"), values
    ).scalar_one_or_none()
    return found
