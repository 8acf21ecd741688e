"""A person's rows as they are, column by column, with what is sealed opened: what a request for data gets.

The columns are the table's own, so that one that is added later is handed out without anybody thinking of it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

from shop_app.storage.encryption import open_sealed
from shop_app.storage.personal_tables import PERSONAL_TABLES
from shop_app.storage.sealed_columns import SEALED
from shop_app.storage.subjects import Subject

_WHOSE = {table.name: table.whose for table in PERSONAL_TABLES}
_OF_ORDERS = "order_id IN (SELECT id FROM orders WHERE {whose})"
_LEFT_OUT = frozenset({"shop_id", "field_versions"})
_AT_ONCE = 500


def iter_rows(connection: Connection, shop_id: int, table: str, subject: Subject) -> Iterator[dict[str, Any]]:
    """Yield one table's rows of a person, as JSON has them; hashes and marks of our own work are left out."""
    yield from _rows(connection, shop_id, table, _WHOSE[table], subject.binds())


def iter_lines(connection: Connection, subject: Subject) -> Iterator[dict[str, Any]]:
    """Yield the lines of a person's orders with what was bought."""
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(
        text(f"""
            SELECT to_jsonb(line) - 'shop_id' || jsonb_build_object(
                'product', COALESCE(product.title, product.sku), 'category', product.category) AS told
            FROM line_items AS line LEFT JOIN products AS product ON product.id = line.product_id
            WHERE line.{_OF_ORDERS.format(whose=_WHOSE["orders"])} ORDER BY line.order_id, line.line_no"""),
        subject.binds(),
    )
    yield from rows.scalars()


def _rows(
    connection: Connection, shop_id: int, table: str, whose: str, binds: Mapping[str, object]
) -> Iterator[dict[str, Any]]:
    rows = connection.execution_options(yield_per=_AT_ONCE).execute(
        text(f"SELECT to_jsonb(told) FROM {table} AS told WHERE {whose}"), binds
    )
    for row in rows.scalars():
        yield {
            column: _readable(shop_id, table, column, value)
            for column, value in row.items()
            if column not in _LEFT_OUT and not column.endswith("_hash")
        }


def _readable(shop_id: int, table: str, column: str, value: Any) -> Any:  # noqa: ANN401 (whatever a column holds)
    """Open a sealed value: PostgreSQL writes bytes into JSON as hexadecimal digits."""
    if value is None or column not in SEALED.get(table, ()):
        return value
    sealed = bytes.fromhex(str(value).removeprefix("\\x"))
    return open_sealed(sealed, table=table, column=column, shop_id=shop_id)
