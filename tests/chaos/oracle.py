"""What must be in the database, reckoned from the stand-in's own file: nothing of the app is used here."""

import json
import sqlite3

import psycopg

UNPAID = {"pending", "authorized", "voided", "expired"}


def stores(state_file):
    with sqlite3.connect(f"file:{state_file}?mode=ro", uri=True) as db:
        return [row[0] for row in db.execute("SELECT DISTINCT shop FROM documents WHERE kind = 'shop'")]


def documents(state_file, shop, kind):
    with sqlite3.connect(f"file:{state_file}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT body FROM documents WHERE shop = ? AND kind = ? ORDER BY id", (shop, kind))
        return [json.loads(body) for (body,) in rows]


def told_orders(state_file, shop, *, erased=()):
    """Each order as the store has it: money, owner, lines and refunds."""
    found = {}
    for order in documents(state_file, shop, "order"):
        owner = order["customerId"]
        found[order["id"]] = {
            "total": order["totalPrice"],
            "outstanding": order["outstanding"] or 0,
            "status": order["financialStatus"],
            "cancelled": bool(order["cancelledAt"]),
            "test": bool(order["test"]),
            "customer": None if owner in erased else owner,
            "lines": sorted(
                (float(line["quantity"]), line["quantity"] * line["price"], bool(line["isGiftCard"]))
                for line in order["lines"]
            ),
            "refunds": sorted(refund["amount"] for refund in order["refunds"] if refund["amount"]),
        }
    return found


def told_customers(state_file, shop, *, erased=()):
    return {
        customer["id"]: sorted(customer["tags"])
        for customer in documents(state_file, shop, "customer")
        if customer["id"] not in erased
    }


def _rows(owner_url, shop, query):
    with psycopg.connect(owner_url, autocommit=False) as connection:
        number = connection.execute("SELECT id FROM shops WHERE domain = %s", (shop,)).fetchone()
        if number is None:
            return []
        connection.execute("SELECT set_config('app.shop_id', %s, true)", (str(number[0]),))
        cursor = connection.execute(query)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def kept_orders(owner_url, shop):
    lines, refunds = {}, {}
    for row in _rows(
        owner_url,
        shop,
        "SELECT o.shopify_id, l.quantity, l.total + l.discount AS gross, l.is_gift_card FROM line_items l "
        "JOIN orders o ON o.id = l.order_id",
    ):
        lines.setdefault(row["shopify_id"], []).append((row["quantity"], row["gross"], row["is_gift_card"]))
    for row in _rows(
        owner_url,
        shop,
        "SELECT o.shopify_id, r.amount FROM refunds r JOIN orders o ON o.id = r.order_id WHERE r.amount > 0",
    ):
        refunds.setdefault(row["shopify_id"], []).append(row["amount"])
    return {
        row["shopify_id"]: {
            "total": row["total"],
            "outstanding": row["outstanding"] or 0,
            "status": row["financial_status"],
            "cancelled": row["cancelled_at"] is not None,
            "test": bool(row["test"]),
            "customer": row["customer"],
            "lines": sorted(lines.get(row["shopify_id"], [])),
            "refunds": sorted(refunds.get(row["shopify_id"], [])),
        }
        for row in _rows(
            owner_url,
            shop,
            "SELECT o.*, COALESCE(k.shopify_id, c.shopify_id) AS customer FROM orders o "
            "LEFT JOIN customers c ON c.id = o.customer_id LEFT JOIN customers k ON k.id = c.merged_into_id",
        )
    }


def kept_customers(owner_url, shop):
    return {
        row["shopify_id"]: sorted(row["tags"] or [])
        for row in _rows(
            owner_url,
            shop,
            "SELECT shopify_id, tags FROM customers WHERE deleted_at IS NULL AND merged_into_id IS NULL "
            "AND shopify_id IS NOT NULL",
        )
    }


def counted_sums(orders):
    """How many of these orders count for somebody known, and what they brought, by the plain rules."""
    count = money = 0
    for order in orders.values():
        paid = max(0, order["total"] - order["outstanding"]) if order["status"] not in UNPAID else 0
        goods = sum(gross for _, gross, _ in order["lines"])
        cards = sum(gross for _, gross, is_card in order["lines"] if is_card)
        back = min(paid, sum(order["refunds"]))
        only_cards = goods > 0 and cards >= goods
        left_out = order["test"] or order["cancelled"] or not paid or only_cards or back >= paid
        if order["customer"] and not left_out:
            count, money = count + 1, money + paid - back
    return count, money


def scored_sums(owner_url, shop):
    (row,) = _rows(
        owner_url,
        shop,
        "SELECT COALESCE(sum(order_count), 0)::bigint AS n, COALESCE(sum(total_spent), 0)::bigint AS money "
        "FROM customer_scores",
    )
    return row["n"], row["money"]


def left_over(owner_url, shop):
    """What still waits: new webhooks, customers to label, things to read again."""
    return {
        name: _rows(owner_url, shop, query)[0]["n"]
        for name, query in {
            "new webhooks": "SELECT count(*) AS n FROM webhook_inbox WHERE state = 'new'",
            "dirty customers": "SELECT count(*) AS n FROM dirty_customers",
            "to read again": "SELECT count(*) AS n FROM refetches",
            "running backfills": "SELECT count(*) AS n FROM backfills WHERE state = 'running'",
            "erasures": "SELECT count(*) AS n FROM privacy_requests WHERE state = 'open'",
            "due now": "SELECT count(*) AS n FROM due_work WHERE due_at <= now() + interval '90 seconds' "
            "AND kind IN ('webhooks', 'changes', 'compare', 'subscriptions', 'read-again', 'backfill', "
            "'erase') "
            "AND shop_id = current_setting('app.shop_id')::bigint",
        }.items()
    }


def why_still(owner_url, shop):
    """What to look at where something still waits: what was asked for and when the shop's work is due."""
    return {
        "refetches": _rows(
            owner_url, shop, "SELECT resource, reason, attempts, next_at - now() AS due_in FROM refetches"
        ),
        "work": _rows(
            owner_url,
            shop,
            "SELECT kind, due_at - now() AS due_in FROM due_work "
            "WHERE shop_id = current_setting('app.shop_id')::bigint",
        ),
        "checks": _rows(owner_url, shop, "SELECT kind, outcome FROM shop_checks WHERE kind = 'access'"),
    }


def deliveries(owner_url, shop):
    """Each delivery that was kept: its id, topic and state."""
    return _rows(owner_url, shop, "SELECT webhook_id, topic, state, outcome FROM webhook_inbox")
