"""What files say, put together by hand: frames in a reader's shape, and the whole of a shop read back."""

import os
from datetime import UTC, datetime
from itertools import count

import polars as pl
from sqlalchemy import text

from shop_app.facts import CUSTOMER_SCHEMA, LINE_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA
from shop_app.services.open_shop import open_shop
from shop_app.storage import encryption
from shop_app.storage.engine import transaction
from shop_app.storage.intake import Intake, ready_part
from shop_app.storage.known_fields import Authority
from shop_app.storage.staging import Origin

_numbers = count(1)


def day(number, month=1):
    return datetime(2026, month, number, 12, tzinfo=UTC)


def a_customer(ref, **known):
    return {"customer_ref": ref, "email": ref if "@" in ref else None, **known}


def an_order(name, **known):
    return {"order_ref": name, "name": name, "row_no": 1, "processed_at": day(1), "test": False, **known}


def a_line(order, product="TEA", quantity=1.0, total=1000, **known):
    return {
        "order_ref": order,
        "row_no": 1,
        "product_ref": product,
        "quantity": quantity,
        "unit_price": round(total / quantity) if quantity else total,
        "discount": 0,
        "total": total,
        "is_gift_card": False,
        **known,
    }


def a_refund(credit, amount, **known):
    return {"credit_ref": credit, "row_no": 1, "amount": amount, **known}


def frames(customers=(), orders=(), lines=(), refunds=()):
    """The four frames of a batch; rows are numbered in the order in which they are given."""
    numbered = [
        [row | {"row_no": number} if "row_no" in schema else row for number, row in enumerate(rows, start=1)]
        for rows, schema in (
            (customers, CUSTOMER_SCHEMA),
            (orders, ORDER_SCHEMA),
            (lines, LINE_SCHEMA),
            (refunds, REFUND_SCHEMA),
        )
    ]
    schemas = (CUSTOMER_SCHEMA, ORDER_SCHEMA, LINE_SCHEMA, REFUND_SCHEMA)
    return tuple(pl.DataFrame(rows, schema=schema) for rows, schema in zip(numbered, schemas, strict=True))


SHOPIFY = {"source": "shopify", "whole_orders": True}
TABLE = {"source": "table", "whole_orders": False}


def tell(shop_id, *parts, at, rank=0, authority=Authority.GLEANED, source="shopify", whole_orders=True):
    """Take these parts in as one file of its own time."""
    origin = Origin(source=source, rank=rank, at=at, currency="EUR", whole_orders=whole_orders)
    with transaction(shop_id) as connection:
        intake = Intake(connection, shop_id, origin)
        for part in parts:
            intake.add(ready_part([part], shop_id=shop_id, authority=authority, origin=origin))
            if whole_orders:
                intake.settle()
        return intake.finish()


def rows(shop_id, query):
    with transaction(shop_id) as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def one(shop_id, query):
    (row,) = rows(shop_id, query)
    return row


def customers(shop_id):
    """Every customer with what opens, by id."""
    found = rows(shop_id, "SELECT * FROM customers ORDER BY id")
    for row in found:
        for column in ("email", "phone", "first_name", "last_name"):
            if row[column] is not None:
                row[column] = encryption.open_sealed(
                    bytes(row[column]), table="customers", column=column, shop_id=shop_id
                )
    return found


def another_shop():
    return open_shop(f"rival {next(_numbers)} {os.getpid()}", currency="EUR").shop_id


TABLES = ("customers", "products", "orders", "line_items", "refunds")


def versions_of_rows(shop_id):
    """Which transaction wrote each row: equal before and after means that nothing was written."""
    return {
        table: rows(shop_id, f"SELECT xmin::text, ctid::text FROM {table} ORDER BY 1, 2") for table in TABLES
    }
