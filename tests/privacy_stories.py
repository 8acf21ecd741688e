"""A person with a trace of themselves in every table, requests about them, and a look for what is left."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from stored_rows import a_customer, a_refund, an_order
from tellings import rows

from shop_app.services.privacy_requests import receive_privacy_request
from shop_app.storage import access_log, dirty_customers, gone, refetches, shops
from shop_app.storage.encryption import seal_bytes
from shop_app.storage.engine import shopless, transaction

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
CANARY = "zebrafinch"
EMAIL = f"{CANARY}@example.com"
PHONE = "+4930900817"
NUMBER = 191_167_000_000
ORDER = 299_938_000_000


def domain(shop_id):
    with shopless() as connection:
        return shops.domain_of(connection, shop_id)


def a_body(shop_id, *, number=NUMBER, email=EMAIL, phone=PHONE, orders=(), asked=None):
    """A compliance body; ``asked`` is the number of a request for data, which names its orders otherwise."""
    body = {
        "shop_id": 954889,
        "shop_domain": domain(shop_id),
        "customer": {"id": number, "email": email, "phone": phone},
    }
    if asked is None:
        return body | {"orders_to_redact": list(orders)}
    return body | {"orders_requested": list(orders), "data_request": {"id": asked}}


def receive(shop_id, topic, body, *, at=NOW):
    with transaction(shop_id) as connection:
        receive_privacy_request(connection, shop_id, topic, body, at)


def requests(shop_id):
    return rows(shop_id, "SELECT * FROM privacy_requests ORDER BY id")


def a_webhook(shop_id, topic, body, *, state="done", at=NOW):
    """Put a webhook into the inbox, as it came; return its id."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with transaction(shop_id) as connection:
        return connection.execute(
            text("""
                INSERT INTO webhook_inbox (shop_id, topic, webhook_id, triggered_at, received_at, body,
                    body_hash, state, applied_at)
                VALUES (:shop, :topic, gen_random_uuid()::text, :at, :at, :body, :hash, :state, :applied)
                RETURNING id"""),
            {
                "shop": shop_id,
                "topic": topic,
                "at": at,
                "body": seal_bytes(raw, table="webhook_inbox", column="body", shop_id=shop_id),
                "hash": hashlib.sha256(raw).digest()[:16],
                "state": state,
                "applied": at if state == "done" else None,
            },
        ).scalar_one()


def an_order_body(*, number=NUMBER, email=EMAIL, order=ORDER):
    return {
        "id": order,
        "email": email,
        "customer": {"id": number, "email": email, "phone": PHONE},
        "line_items": [{"id": 1, "title": "Tea"}],
        "updated_at": NOW.isoformat(),
    }


def a_person_everywhere(shop_id, *, number=NUMBER, email=EMAIL, order=ORDER):
    """Write somebody into every table that may hold a person; return their customer row's id."""
    person = a_customer(
        shop_id,
        email=email,
        phone=PHONE,
        first_name=CANARY,
        last_name="Finch",
        shopify_id=number,
        source="shopify",
        tags=[CANARY],
    )
    bought = an_order(
        shop_id,
        person,
        at=NOW - timedelta(days=3),
        total=5000,
        shopify_id=order,
        source="shopify",
        tags=[CANARY],
        discount_codes=[f"{CANARY}10"],
    )
    a_refund(shop_id, order_id=bought, customer_id=person, amount=700, at=NOW, source="shopify")
    with transaction(shop_id) as connection:
        for statement in (
            """INSERT INTO customer_scores (shop_id, customer_id, as_of, segment, rfm_group, segment_since,
                   order_count, total_spent) VALUES (:shop, :person, :at, 'loyal', 'loyal', :at, 1, 5000)""",
            """INSERT INTO membership_changes (shop_id, customer_id, to_segment, changed_at)
               VALUES (:shop, :person, 'loyal', :at)""",
            """INSERT INTO checkouts (shop_id, kind, token_hash, customer_shopify_id, customer_id, started_at,
                   fact_at, told_at, value)
               VALUES (:shop, 'cart', :token, :number, :person, :at, :at, :at, 900)""",
        ):
            values = {
                "shop": shop_id,
                "person": person,
                "number": number,
                "at": NOW,
                "token": email.encode()[::-1],
            }
            connection.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
        dirty_customers.mark_ids(connection, [person])
        refetches.ask(connection, shop_id, "customer", [number], reason="thin", at=NOW)
        gone.bury(connection, "customer", [number], at=NOW)
        access_log.record(connection, shop_id, at=NOW, user_id="7", what="customer", customer_id=person)
    a_webhook(shop_id, "orders/updated", an_order_body(number=number, email=email, order=order))
    return person


_UNNAMED = frozenset({"shop_id", "mark", "fact_rank", "position"})


def everything(shop_id, tables):
    """Every value of every row of these tables as text, with what is sealed opened."""
    from shop_app.storage.encryption import open_sealed_bytes
    from shop_app.storage.sealed_columns import SEALED

    found = []
    for table in tables:
        for row in rows(shop_id, f"SELECT * FROM {table}"):
            for column, value in row.items():
                plain = value
                if value is not None and column in SEALED.get(table, ()):
                    plain = open_sealed_bytes(bytes(value), table=table, column=column, shop_id=shop_id)
                if column not in _UNNAMED:
                    found.append((table, column, plain))
    return found


def traces(shop_id, tables):
    """Where something of the person can still be found, by table and column."""
    needles = [CANARY, PHONE.removeprefix("+"), str(NUMBER)]
    return sorted(
        {
            (table, column)
            for table, column, value in everything(shop_id, tables)
            if any(needle in _as_text(value) for needle in needles)
        }
    )


def _as_text(value):
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
