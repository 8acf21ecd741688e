"""Where a file's rows wait inside the transaction: temporary tables that are gone at its end.

Nothing in them opens: names, addresses and phones come in as hashes, or sealed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, text

from shop_app.storage.engine import copy_frame

# The planner knows nothing yet of the tables that a first import fills, and takes them for tiny. So every
# column here that is joined on has an index, which makes its worst choice a linear one, and stored rows are
# looked up by LATERAL … LIMIT 1, which leaves it no choice.
_TABLES = {
    "staged_customers": """seq integer PRIMARY KEY, shopify_id bigint, source_key text,
        email_hash bytea, email_version bigint, phone_hash bytea, phone_version bigint,
        details_hash bytea, name_version bigint, email_consent text, email_consent_version bigint,
        sms_consent text, sms_consent_version bigint, tags text, tags_version bigint,
        country text, country_version bigint, signup_source text, signup_source_version bigint,
        created_at timestamptz, created_at_version bigint,
        data_sale_opt_out boolean, data_sale_opt_out_version bigint, told_at timestamptz,
        subject_hash bytea""",
    "changed_customers": "seq integer PRIMARY KEY",
    "staged_refs": "seq integer, customer_ref text",
    "erased_refs": "customer_ref text PRIMARY KEY",
    "placed_customers": "seq integer PRIMARY KEY, customer_id bigint, is_new boolean",
    "customer_turns": "seq integer PRIMARY KEY, customer_id bigint, is_new boolean, turn integer",
    "adopted_customers": "customer_id bigint PRIMARY KEY, seq integer, shopify_id bigint, source_key text",
    "sealed_details": "seq integer PRIMARY KEY, email bytea, phone bytea, first_name bytea, last_name bytea",
    "file_customers": "customer_ref text PRIMARY KEY, customer_id bigint",
    "staged_products": """product_ref text PRIMARY KEY, title text, title_version bigint, sku text,
        sku_version bigint, vendor text, vendor_version bigint, category text,
        category_version bigint, shopify_id bigint, shopify_id_version bigint""",
    "file_products": "product_ref text PRIMARY KEY, product_id bigint UNIQUE, is_new boolean",
    "staged_orders": """order_ref text, row_no bigint, shopify_id bigint, name text, customer_ref text,
        processed_at timestamptz, cancelled_at timestamptz, financial_status text, test boolean,
        currency text, total bigint, outstanding bigint, tax bigint, shipping bigint, discount bigint,
        tax_included boolean, discount_codes text, tags text, channel text, country text,
        known_at timestamptz, told_at timestamptz""",
    "told_orders": """order_no integer PRIMARY KEY, order_ref text, row_no bigint, shopify_id bigint,
        name text, customer_ref text, processed_at timestamptz, cancelled_at timestamptz,
        financial_status text, test boolean, currency text, total bigint, outstanding bigint, tax bigint,
        shipping bigint, discount bigint, tax_included boolean, discount_codes text, tags text, channel text,
        country text, known_at timestamptz, told_at timestamptz, item_count double precision,
        goods_total bigint, gift_card_total bigint""",
    "staged_lines": """order_ref text, order_no integer, row_no bigint, line_no integer, product_ref text,
        quantity double precision, kept_quantity double precision, unit_price bigint, discount bigint,
        total bigint, is_gift_card boolean, automatic_discounts text, bundle_product_id bigint""",
    "staged_refunds": """credit_ref text, row_no bigint, order_ref text, order_no integer, customer_ref text,
        product_ref text, quantity double precision, amount bigint, refunded_at timestamptz, currency text""",
    "placed_orders": """order_no integer PRIMARY KEY, order_id bigint, is_new boolean, applies boolean,
        old_customer_id bigint, customer_id bigint, lines_change boolean, version timestamptz,
        told_at timestamptz, tied boolean, changes boolean""",
    "refund_rows": """source_key text, ordinal integer, order_name text, order_id bigint, customer_id bigint,
        product_id bigint, quantity double precision, refunded_at timestamptz, currency text,
        amount bigint""",
    "refund_units": "source_key text PRIMARY KEY, applies boolean, version timestamptz",
    "touched_customers": "customer_id bigint PRIMARY KEY",
    "touched_names": "name text PRIMARY KEY",
    "loose_refunds": """id bigint PRIMARY KEY, customer_id bigint, product_id bigint,
        quantity double precision, refunded_at timestamptz, stated_id bigint""",
    "bought_products": """customer_id bigint, product_id bigint, order_id bigint, processed_at timestamptz,
        name text, quantity double precision""",
    "found_orders": "id bigint PRIMARY KEY, order_id bigint, found_by text",
}
_INDEXES = ("customer_turns (customer_id)", "staged_customers (email_hash)", "placed_orders (order_id)")
_MAKE = (
    *(f"CREATE TEMP TABLE {table} ({columns}) ON COMMIT DELETE ROWS" for table, columns in _TABLES.items()),
    *(f"CREATE INDEX ON {index}" for index in _INDEXES),
)
_LOOK = f"""
    SELECT to_regclass('pg_temp.{next(iter(_TABLES))}') IS NOT NULL,
           COALESCE(current_setting('app.staging', true), '') = 'open'"""
# A few rows of each table tell the planner enough, and it asks once a part.
_SETTINGS = (
    "work_mem = '64MB'",
    "default_statistics_target = 10",
    "statement_timeout = 0",
    "app.staging = 'open'",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where facts come from: their source's name, their rank (0 a file, 1 the interface) and their own time.

    ``at`` is how new they are and when they were told, where a row's ``known_at`` and ``told_at`` do not say.
    ``whole_orders`` says that an order comes with all its refunds, as Shopify's export has it; else a
    credit note stands for itself, under its own number. ``marks_dirty`` notes whose labels are to follow.
    """

    source: str
    rank: int
    at: datetime
    currency: str
    whole_orders: bool
    marks_dirty: bool = False

    def values(self) -> dict[str, object]:
        """Return what the statements bind."""
        return {"source": self.source, "rank": self.rank, "at": self.at, "currency": self.currency}


def open_staging(connection: Connection) -> None:
    """See to it that the tables are there: a connection makes them once, a transaction's end empties them.

    Raises
    ------
    RuntimeError
        This transaction has opened them before, and they may hold rows.
    """
    is_made, is_open = connection.execute(text(_LOOK)).one()
    if is_open:
        raise RuntimeError("One telling a transaction: the rows of an earlier one still wait.")
    connection.exec_driver_sql("; ".join(f"SET LOCAL {setting}" for setting in _SETTINGS))
    if not is_made:
        connection.exec_driver_sql("; ".join(_MAKE))


def fill(connection: Connection, table: str, frame: pl.DataFrame) -> None:
    """Append a frame to one of the tables; columns of which nothing is known are not sent."""
    if frame.height:
        known = [column.name for column in frame if column.null_count() < frame.height]
        copy_frame(connection, frame.select(known or frame.columns[:1]), table)


def count_rows(connection: Connection, tables: Iterable[str]) -> None:
    """Let the planner see what is in these tables: nobody else counts temporary ones."""
    connection.execute(text(f"ANALYZE {', '.join(tables)}"))


def empty(connection: Connection, *tables: str) -> None:
    """Make room for the next part of the file."""
    connection.execute(text(f"TRUNCATE {', '.join(tables)}"))
