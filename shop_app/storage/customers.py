"""Customers: whom a row is about, and what is known of them, whichever file said it first.

A row is found by Shopify's id, else by the source's own key, else by e-mail address, else (without an
address) by phone. A row that was only an address or a phone so far is taken over by the first key that
comes with the same one. All that within one source: the same person in two sources is two rows and one
person, which can be undone; one row could not be. What is read here was put into the staging tables before.
"""

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage import staging
from shop_app.storage.known_fields import (
    KnownField,
    anything_changes,
    anything_wins,
    assignments,
    brings_news,
    insert_columns,
    insert_values,
)
from shop_app.storage.staging import Origin

FIELDS = (
    KnownField("email", ("email", "email_hash"), "email_hash", sealed=("email",)),
    KnownField("phone", ("phone", "phone_hash"), "phone_hash", sealed=("phone",)),
    KnownField(
        "name",
        ("first_name", "last_name", "details_hash"),
        "details_hash",
        sealed=("first_name", "last_name"),
    ),
    KnownField.plain("email_consent"),
    KnownField.plain("sms_consent"),
    KnownField.plain("tags"),
    KnownField.plain("country"),
    KnownField.plain("signup_source"),
    KnownField.plain("created_at"),
    KnownField.plain("data_sale_opt_out"),
)

_TOLD = "s.told_at"
_SHOP = "current_setting('app.shop_id')::bigint"
_NEXT_ID = "nextval('customers_id_seq')"
_KEYED = "(s.shopify_id IS NOT NULL OR s.source_key IS NOT NULL)"
_NOT_PLACED = "NOT EXISTS (SELECT FROM placed_customers p WHERE p.seq = s.seq)"

_PLACE_KNOWN = """
    INSERT INTO placed_customers
    SELECT s.seq, found.id, false FROM staged_customers s CROSS JOIN LATERAL (
        SELECT c.id FROM customers c WHERE c.shopify_id = s.shopify_id
        UNION ALL
        SELECT c.id FROM customers c
        WHERE s.shopify_id IS NULL AND c.source = :source AND c.source_key = s.source_key
        LIMIT 1
    ) found"""

_FIND_ADOPTED = f"""
    INSERT INTO adopted_customers
    SELECT DISTINCT ON (found.id) found.id, s.seq, s.shopify_id, s.source_key
    FROM staged_customers s CROSS JOIN LATERAL (
        SELECT c.id FROM customers c
        WHERE c.email_hash = s.email_hash AND c.shopify_id IS NULL AND c.source_key IS NULL
          AND c.deleted_at IS NULL AND c.source = :source
        UNION ALL
        SELECT c.id FROM customers c
        WHERE c.phone_hash = s.phone_hash AND s.email_hash IS NULL AND c.email_hash IS NULL
          AND c.shopify_id IS NULL AND c.source_key IS NULL
          AND c.deleted_at IS NULL AND c.source = :source
        ORDER BY id LIMIT 1
    ) found
    WHERE {_KEYED} AND {_NOT_PLACED}
    ORDER BY found.id, s.shopify_id, s.seq"""

_ADOPT = """
    UPDATE customers c SET shopify_id = a.shopify_id, source_key = a.source_key FROM adopted_customers a
    WHERE c.id = a.customer_id"""

_PLACE_ADOPTED = "INSERT INTO placed_customers SELECT seq, customer_id, false FROM adopted_customers"

_PLACE_NEW = f"""
    INSERT INTO placed_customers SELECT seq, {_NEXT_ID}, true
    FROM (SELECT s.seq FROM staged_customers s WHERE {{which}} AND {_NOT_PLACED} ORDER BY s.seq) s"""

_PLACE_BY_EMAIL = f"""
    INSERT INTO placed_customers
    SELECT s.seq, found.id, false FROM staged_customers s CROSS JOIN LATERAL (
        SELECT c.id FROM customers c
        WHERE c.email_hash = s.email_hash AND c.source = :source AND c.deleted_at IS NULL
        ORDER BY c.shopify_id IS NULL, c.id LIMIT 1
    ) found WHERE NOT {_KEYED}"""

_PLACE_BY_EMAIL_IN_FILE = f"""
    INSERT INTO placed_customers
    SELECT DISTINCT ON (s.seq) s.seq, kept.customer_id, false
    FROM staged_customers s
    JOIN staged_customers k ON k.email_hash = s.email_hash
    JOIN placed_customers kept ON kept.seq = k.seq AND kept.is_new
    WHERE NOT {_KEYED} AND {_NOT_PLACED}
    ORDER BY s.seq, k.shopify_id IS NULL, kept.customer_id"""

_PLACE_BY_PHONE = f"""
    INSERT INTO placed_customers
    SELECT s.seq, found.id, false FROM staged_customers s CROSS JOIN LATERAL (
        SELECT c.id FROM customers c
        WHERE c.phone_hash = s.phone_hash AND c.email_hash IS NULL AND c.source = :source
          AND c.deleted_at IS NULL
        ORDER BY c.shopify_id IS NULL, c.id LIMIT 1
    ) found WHERE NOT {_KEYED} AND s.email_hash IS NULL"""

_REMEMBER_REFS = """
    INSERT INTO file_customers SELECT r.customer_ref, p.customer_id
    FROM staged_refs r JOIN placed_customers p USING (seq) ON CONFLICT (customer_ref) DO NOTHING"""

_STAGED = """(
    SELECT s.seq, s.shopify_id, s.source_key, d.email, d.phone, d.first_name, d.last_name,
        s.email_hash, s.email_version, s.phone_hash, s.phone_version, s.details_hash, s.name_version,
        s.email_consent, s.email_consent_version, s.sms_consent, s.sms_consent_version,
        string_to_array(s.tags, chr(10)) AS tags, s.tags_version, s.country, s.country_version,
        s.signup_source, s.signup_source_version, s.created_at, s.created_at_version,
        s.data_sale_opt_out, s.data_sale_opt_out_version,
        COALESCE(s.told_at, :at) AS told_at
    FROM staged_customers s LEFT JOIN sealed_details d USING (seq)
)"""

_TAKE_TURNS = """
    INSERT INTO customer_turns
    SELECT seq, customer_id, is_new, row_number() OVER (PARTITION BY customer_id ORDER BY NOT is_new, seq)
    FROM placed_customers"""

# Compared with the row as it is now; a second staged row for one customer meets another row by then, so
# all of it is sealed.
_LOOK = f"""
    SELECT array_agg(seq) AS seq, array_agg(is_new) AS is_new, array_agg(wants_all OR email) AS wants_email,
        array_agg(wants_all OR phone) AS wants_phone, array_agg(wants_all OR name) AS wants_name,
        array_agg(changes) AS changes
    FROM (
        SELECT t.seq, t.is_new, c.id IS NULL OR t.turn > 1 AS wants_all,
            {brings_news(1, FIELDS[0], "s", "c", _TOLD)} AS email,
            {brings_news(2, FIELDS[1], "s", "c", _TOLD)} AS phone,
            {brings_news(3, FIELDS[2], "s", "c", _TOLD)} AS name,
            {anything_changes(FIELDS, "s", "c", _TOLD)} AS changes
        FROM customer_turns t JOIN {_STAGED} s USING (seq)
        LEFT JOIN LATERAL (SELECT k.* FROM customers k WHERE k.id = t.customer_id LIMIT 1) c ON true
    ) looked"""

_INSERT = f"""
    INSERT INTO customers (shop_id, id, person_id, shopify_id, source, source_key, fact_rank, fact_at,
        {insert_columns(FIELDS)})
    SELECT {_SHOP}, p.customer_id, p.customer_id, s.shopify_id, :source, s.source_key, :rank, s.told_at,
        {insert_values(FIELDS, "s")}
    FROM customer_turns p JOIN {_STAGED} s USING (seq) WHERE p.is_new ORDER BY p.customer_id"""

_UPDATE = f"""
    UPDATE customers c SET {assignments(FIELDS, "s", "c", _TOLD)},
        fact_rank = GREATEST(c.fact_rank, :rank), fact_at = GREATEST(c.fact_at, s.told_at)
    FROM customer_turns p JOIN {_STAGED} s USING (seq)
    WHERE c.id = p.customer_id AND NOT p.is_new AND p.turn = :turn
      AND ({anything_wins(FIELDS, "s", "c", _TOLD)})"""

CHANGED = "SELECT t.customer_id FROM customer_turns t JOIN changed_customers USING (seq)"
"""Who of a part is new or known differently now, while the part is being taken in."""


def place(connection: Connection, origin: Origin, *, keyed: bool, bare: bool) -> None:
    """Decide for each staged customer which row is theirs, old or new.

    ``keyed`` and ``bare`` say whether there are any with a key of their own, and any without.
    """
    if keyed:
        _place_keyed(connection, origin)
    if bare:
        connection.execute(text(_PLACE_BY_EMAIL), origin.values())
        if keyed:
            connection.execute(text(_PLACE_BY_EMAIL_IN_FILE))
        connection.execute(text(_PLACE_BY_PHONE), origin.values())
        connection.execute(text(_PLACE_NEW.format(which="true")))
    connection.execute(text(_REMEMBER_REFS))
    connection.execute(text(_TAKE_TURNS))
    staging.count_rows(connection, ["customer_turns"])


def _place_keyed(connection: Connection, origin: Origin) -> None:
    connection.execute(text(_PLACE_KNOWN), origin.values())
    if connection.execute(text(_FIND_ADOPTED), origin.values()).rowcount:
        connection.execute(text(_ADOPT))
        connection.execute(text(_PLACE_ADOPTED))
    connection.execute(text(_PLACE_NEW.format(which=_KEYED)))


def list_wanted(connection: Connection, origin: Origin) -> pl.DataFrame:
    """Return for each staged customer what of theirs is worth sealing, and whether anything changes."""
    row = connection.execute(text(_LOOK), origin.values()).one()  # one row of lists: rows would take longer
    flags = ("is_new", "wants_email", "wants_phone", "wants_name", "changes")
    return pl.DataFrame(
        {"seq": row.seq or [], **{flag: getattr(row, flag) or [] for flag in flags}},
        schema={"seq": pl.Int32, **dict.fromkeys(flags, pl.Boolean)},
    )


def write(connection: Connection, origin: Origin) -> None:
    """Write the new rows, and into the others each value that is newer than the kept one."""
    connection.execute(text(_INSERT), origin.values())
    turns = connection.execute(text("SELECT max(turn) FROM customer_turns WHERE NOT is_new")).scalar()
    for turn in range(1, (turns or 0) + 1):
        connection.execute(text(_UPDATE), {**origin.values(), "turn": turn})
