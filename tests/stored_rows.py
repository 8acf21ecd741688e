"""Customers, orders and refunds written straight into the tables: tests begin where an import ends."""

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import text

from shop_app.storage import shop_settings
from shop_app.storage.customer_hashes import email_hash, phone_hash
from shop_app.storage.encryption import seal
from shop_app.storage.engine import shopless, transaction

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = count(1)
_open = {}


def a_shop(*, timezone="UTC", currency="EUR"):
    """Open one more empty shop beside that of the fixture ``shop_id``; return its id."""
    with shopless() as connection:
        domain = f"more-{os.getpid()}-{next(_numbers)}.myshopify.com"
        fresh = connection.execute(
            text("INSERT INTO shops (domain) VALUES (:domain) RETURNING id"), {"domain": domain}
        ).scalar_one()
    with transaction(fresh) as connection:
        shop_settings.create(
            connection, fresh, title="More", currency=currency, timezone=timezone, source="file"
        )
    return fresh


@contextmanager
def together(shop_id):
    """Write all rows of this block in one transaction, which is much faster."""
    with transaction(shop_id) as connection:
        _open[shop_id] = connection
        try:
            yield
        finally:
            del _open[shop_id]


@contextmanager
def _writing(shop_id):
    if shop_id in _open:
        yield _open[shop_id]
    else:
        with transaction(shop_id) as connection:
            yield connection


def insert(shop_id, table, **values):
    """Write one row and return its id."""
    values = {"shop_id": shop_id, "source": "test", "fact_at": LONG_AGO, **values}
    columns, binds = ", ".join(values), ", ".join(f":{name}" for name in values)
    with _writing(shop_id) as connection:
        statement = text(f"INSERT INTO {table} ({columns}) VALUES ({binds}) RETURNING id")
        return connection.execute(statement, values).scalar_one()


def a_customer(shop_id, *, email=None, phone=None, first_name=None, last_name=None, **values):
    """Write a customer who is a person of their own until people are resolved."""
    plain = {"email": email, "phone": phone, "first_name": first_name, "last_name": last_name}
    details = {
        column: seal(value, table="customers", column=column, shop_id=shop_id)
        for column, value in plain.items()
        if value is not None
    }
    hashes = {
        "email_hash": email_hash(email, shop_id) if email else None,
        "phone_hash": phone_hash(phone, shop_id) if phone else None,
    }
    customer_id = insert(shop_id, "customers", **{"person_id": 0, **details, **hashes, **values})
    if "person_id" not in values:
        with _writing(shop_id) as connection:
            connection.execute(text("UPDATE customers SET person_id = id WHERE id = :id"), {"id": customer_id})
    return customer_id


def an_order(shop_id, customer_id, *, at, total=1000, lines=(), **values):
    """Write a paid order of that total; ``lines`` are (product id, total)."""
    order_id = insert(
        shop_id,
        "orders",
        **{
            "name": f"#{next(_numbers)}",
            "customer_id": customer_id,
            "processed_at": at,
            "financial_status": "paid",
            "currency": "EUR",
            "total": total,
            "goods_total": total,
            "item_count": float(max(1, len(lines))),
            **values,
        },
    )
    with _writing(shop_id) as connection:
        for number, (product_id, amount) in enumerate(lines, start=1):
            connection.execute(
                text(
                    "INSERT INTO line_items (shop_id, order_id, line_no, product_id, quantity, unit_price, "
                    "total) VALUES (:shop, :order, :number, :product, 1, :amount, :amount)"
                ),
                {
                    "shop": shop_id,
                    "order": order_id,
                    "number": number,
                    "product": product_id,
                    "amount": amount,
                },
            )
    return order_id


def a_refund(shop_id, *, order_id=None, customer_id=None, amount=100, at=None, **values):
    """Write a refund, of an order or of nobody's."""
    return insert(
        shop_id,
        "refunds",
        **{
            "source_key": f"R{next(_numbers)}",
            "order_id": order_id,
            "order_found_by": "none" if order_id is None else "stated",
            "customer_id": customer_id,
            "refunded_at": at,
            "currency": "EUR",
            "amount": amount,
            **values,
        },
    )


def a_product(shop_id, *, title="Tea", **values):
    """Write a product."""
    return insert(shop_id, "products", **{"source_key": f"P{next(_numbers)}", "title": title, **values})
