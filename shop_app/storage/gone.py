"""What is not to come back: deleted orders and products, and people who were erased.

An erased person is known by keyed hashes alone: of Shopify's number, of the e-mail address, of the phone, of
the key in an imported table; the orders of such a person by the hash of Shopify's number.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage.encryption import match_hash

_SHOP = "current_setting('app.shop_id')::bigint"


def subject_hash(kind: str, value: object, shop_id: int) -> bytes:
    """Return by what an erased person is known; ``kind`` is ``id`` or ``order``, with Shopify's number.

    ``key`` comes with what :func:`table_key` returns. Addresses and phones are known by the hashes that
    customers are matched by.
    """
    return match_hash(str(value), kind=f"erased {kind}", shop_id=shop_id)


def table_key(source: str, key: str) -> str:
    """Return what stands for somebody whom only an imported table knows, by a key of its own."""
    return f"{source}\n{key}"


def bury(connection: Connection, resource: str, shopify_ids: Sequence[int], *, at: datetime) -> None:
    """Say that these (``order``, ``product``, ``customer``) were deleted: no older telling brings them back."""
    connection.execute(
        text(f"""
            INSERT INTO tombstones (shop_id, resource, shopify_id, deleted_at)
            SELECT {_SHOP}, :resource, number, :at
            FROM unnest(CAST(:numbers AS bigint[])) AS number ON CONFLICT DO NOTHING"""),
        {"resource": resource, "numbers": list(shopify_ids), "at": at},
    )


def list_buried(connection: Connection, resource: str, shopify_ids: Sequence[int]) -> set[int]:
    """Return which of these were deleted."""
    rows = connection.execute(
        text("""
            SELECT shopify_id FROM tombstones
            WHERE resource = :resource AND shopify_id = ANY(CAST(:numbers AS bigint[]))"""),
        {"resource": resource, "numbers": list(shopify_ids)},
    )
    return set(rows.scalars())


def drop_deleted_orders(connection: Connection) -> None:
    """Take orders that were deleted out of what was told."""
    connection.execute(
        text("""
            DELETE FROM told_orders t USING tombstones d
            WHERE d.resource = 'order' AND d.shopify_id = t.shopify_id""")
    )


_DETAILS = (
    "email",
    "phone",
    "name",
    "email_consent",
    "sms_consent",
    "tags",
    "country",
    "signup_source",
    "created_at",
    "data_sale_opt_out",
)
_STAGED = ("email_hash", "phone_hash", "details_hash", *_DETAILS[3:], *(f"{name}_version" for name in _DETAILS))


def blank_deleted_people(connection: Connection) -> None:
    """Leave of customers that were deleted only their place: nothing that is told of them is believed.

    Their bare row is there already, so orders find it.
    """
    connection.execute(
        text(f"""
            UPDATE staged_customers s SET {", ".join(f"{column} = NULL" for column in _STAGED)}
            FROM tombstones d WHERE d.resource = 'customer' AND d.shopify_id = s.shopify_id""")
    )


def remember_erased(connection: Connection, hashes: Sequence[tuple[str, bytes]], *, at: datetime) -> None:
    """Keep by what an erased person is known: pairs of a kind (``id``, ``email`` …) and a hash."""
    connection.execute(
        text(f"""
            INSERT INTO erased_subjects (shop_id, kind, subject_hash, erased_at)
            SELECT {_SHOP}, kind, hash, :at
            FROM unnest(CAST(:kinds AS text[]), CAST(:hashes AS bytea[])) AS told (kind, hash)
            ON CONFLICT DO NOTHING"""),
        {"kinds": [kind for kind, _ in hashes], "hashes": [found for _, found in hashes], "at": at},
    )


def list_erased_hashes(connection: Connection) -> set[tuple[str, bytes]]:
    """Return by what everybody who was erased from this shop is known."""
    rows = connection.execute(text("SELECT kind, subject_hash FROM erased_subjects"))
    return {(row.kind, bytes(row.subject_hash)) for row in rows}


def list_erased_numbers(
    connection: Connection, shop_id: int, shopify_ids: Sequence[int], *, kind: str = "id"
) -> set[int]:
    """Return which of Shopify's numbers belong to people (``order``: to orders of people) who were erased."""
    by_hash = {subject_hash(kind, number, shop_id): number for number in shopify_ids}
    found = connection.execute(
        text("""
            SELECT subject_hash FROM erased_subjects
            WHERE kind = :kind AND subject_hash = ANY(CAST(:hashes AS bytea[]))"""),
        {"kind": kind, "hashes": list(by_hash)},
    )
    return {by_hash[bytes(each)] for each in found.scalars()}


def has_erased(connection: Connection, *kinds: str) -> bool:
    """Tell whether anybody was ever erased who is known in one of these ways (in any, for none)."""
    return bool(
        connection.execute(
            text(
                "SELECT EXISTS (SELECT FROM erased_subjects WHERE :any OR kind = ANY(CAST(:kinds AS text[])))"
            ),
            {"any": not kinds, "kinds": list(kinds)},
        ).scalar_one()
    )


_DROP_PEOPLE = (
    """DELETE FROM staged_customers s USING erased_subjects e
       WHERE e.subject_hash = s.subject_hash AND e.kind IN ('id', 'key')""",
    """DELETE FROM staged_customers s USING erased_subjects e
       WHERE e.subject_hash = s.email_hash AND e.kind = 'email' AND s.shopify_id IS NULL""",
    """DELETE FROM staged_customers s USING erased_subjects e
       WHERE e.subject_hash = s.phone_hash AND e.kind = 'phone' AND s.shopify_id IS NULL""",
    """INSERT INTO erased_refs SELECT DISTINCT r.customer_ref FROM staged_refs r
       WHERE NOT EXISTS (SELECT FROM staged_customers s WHERE s.seq = r.seq) ON CONFLICT DO NOTHING""",
    """DELETE FROM staged_refs r USING erased_refs e WHERE e.customer_ref = r.customer_ref""",
)


def drop_erased_people(connection: Connection) -> None:
    """Take people who were erased out of what was told; what they bought stays, as bought by nobody known.

    An address or phone counts only where Shopify's number is not known: under a number of its own, somebody
    with the same address has come back by their own choice.
    """
    if has_erased(connection):
        for statement in _DROP_PEOPLE:
            connection.execute(text(statement))


EXCLUDED_TAGS = """(
    SELECT lower(btrim(excluded.name)) FROM shop_settings, jsonb_array_elements_text(
        CASE jsonb_typeof(ledger_rules->'excluded_tags') WHEN 'array' THEN ledger_rules->'excluded_tags'
        ELSE '[]' END) AS excluded (name))"""
"""The tags that decide whether an order counts: the only ones that an erased person's order keeps."""

_BLANK_ORDERS = f"""
    UPDATE told_orders t SET customer_ref = NULL, discount_codes = NULL, tags = NULLIF(array_to_string(ARRAY(
        SELECT tag FROM unnest(string_to_array(t.tags, chr(10))) WITH ORDINALITY AS told (tag, place)
        WHERE lower(btrim(tag)) IN {EXCLUDED_TAGS} ORDER BY place), chr(10)), '')
    WHERE """

_BLANK_REFUNDS = """
    UPDATE staged_refunds r SET customer_ref = NULL FROM told_orders t
    WHERE t.order_no = r.order_no AND t.shopify_id = ANY(CAST(:erased AS bigint[]))"""


def blank_erased_orders(connection: Connection, shop_id: int) -> None:
    """Leave of erased people's orders what was sold, for how much and when: no person, no code, no tag."""
    if not has_erased(connection):
        return
    connection.execute(
        text(f"{_BLANK_ORDERS} t.customer_ref IN (SELECT customer_ref FROM erased_refs)"),
    )
    if has_erased(connection, "order"):
        told = connection.execute(text("SELECT shopify_id FROM told_orders WHERE shopify_id IS NOT NULL"))
        erased = list_erased_numbers(connection, shop_id, list(told.scalars()), kind="order")
        for statement in (f"{_BLANK_ORDERS} t.shopify_id = ANY(CAST(:erased AS bigint[]))", _BLANK_REFUNDS):
            connection.execute(text(statement), {"erased": list(erased)})
