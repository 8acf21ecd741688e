"""The facts that labels are made of: orders, refunds, categories and people, read as whole frames.

Read over Arrow and joined in Polars: two frames side by side are faster put together here than in the
database, and the same lines serve the whole shop, a few people, and a page of orders.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import polars as pl

from shop_app.segments.ledger import LedgerRules
from shop_app.storage.engine import iter_frames, read_frame

_ORDER_COLUMNS = """o.id AS order_id, o.customer_id AS row_id, o.processed_at, o.cancelled_at,
    o.financial_status, o.test, o.currency, o.total, o.outstanding, o.tax, o.shipping, o.discount,
    o.gift_card_total, o.goods_total, o.item_count, o.channel"""
_REFUND_COLUMNS = "r.id AS refund_id, r.order_id, r.customer_id AS row_id, r.refunded_at, r.amount, r.currency"


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What is known of orders and people; ``customer_id`` is the person, null for a guest nobody knows."""

    orders: pl.DataFrame
    refunds: pl.DataFrame
    categories: pl.DataFrame
    customers: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which rows are meant: one condition a table, on its own columns."""

    customers: str
    orders: str
    refunds: str


_EVERYTHING = _Scope("true", "true", "true")


def read_ledger_facts(shop_id: int, person_ids: Sequence[int] | None, rules: LedgerRules) -> LedgerFacts:
    """Read the facts of these people, or of the whole shop with its guests for ``None``."""
    scope = _EVERYTHING if person_ids is None else _people(person_ids)
    with closing(iter_frames(shop_id, *_line_queries(scope), *_ledger_queries(scope, rules))) as frames:
        products, lines = next(frames), next(frames)
        firsts, categories = _first_products(lines), _categories(lines, products)
        del lines  # the largest of them: used up before the orders come
        customers, refunds, orders = frames
    people = _people_of_rows(customers)
    return LedgerFacts(
        orders=_with_person(_looked_up(orders, "order_id", firsts), people),
        refunds=_with_person(refunds, people).drop("refund_id"),
        categories=categories,
        customers=_customers(customers),
    )


def read_orders_and_refunds(shop_id: int, rules: LedgerRules) -> LedgerFacts:
    """Read what verdicts need of the whole shop, and leave lines and categories alone."""
    return _without_lines(shop_id, _EVERYTHING, rules)


def read_order_page(shop_id: int, rules: LedgerRules, *, after_order_id: int, limit: int) -> LedgerFacts:
    """Read the next orders by id with their refunds and people; no categories, no first product."""
    page = f"SELECT id FROM orders WHERE id > {int(after_order_id)} ORDER BY id LIMIT {int(limit)}"
    rows = f"SELECT customer_id FROM orders WHERE id IN ({page})"
    people = f"SELECT person_id FROM customers WHERE id IN ({rows})"
    scope = _Scope(f"c.person_id IN ({people})", f"o.id IN ({page})", f"r.order_id IN ({page})")
    return _without_lines(shop_id, scope, rules)


def _without_lines(shop_id: int, scope: _Scope, rules: LedgerRules) -> LedgerFacts:
    customers, refunds, orders = read_frame(shop_id, *_ledger_queries(scope, rules))
    people = _people_of_rows(customers)
    return LedgerFacts(
        orders=_with_person(orders, people)
        .with_columns(first_product_id=pl.lit(None, pl.Int64))
        .sort("order_id"),
        refunds=_with_person(refunds, people).drop("refund_id"),
        categories=pl.DataFrame(schema={"order_id": pl.Int64, "category": pl.String, "amount": pl.Int64}),
        customers=_customers(customers),
    )


def _people(person_ids: Sequence[int]) -> _Scope:
    ids = ",".join(str(int(person_id)) for person_id in person_ids)
    rows = f"SELECT id FROM customers WHERE person_id = ANY('{{{ids}}}'::bigint[])"
    orders = f"SELECT id FROM orders WHERE customer_id IN ({rows})"
    return _Scope(
        customers=f"c.person_id = ANY('{{{ids}}}'::bigint[])",
        orders=f"o.customer_id IN ({rows})",
        # Two branches under one id, since an OR of sub-selects would read the whole table.
        refunds=f"r.id IN (SELECT id FROM refunds WHERE order_id IN ({orders}) UNION "
        f"SELECT id FROM refunds WHERE customer_id IN ({rows}) AND order_id IS NULL)",
    )


def _ledger_queries(scope: _Scope, rules: LedgerRules) -> tuple[str, str, str]:
    row = "c.id AS row_id, c.person_id, c.deleted_at IS NULL AS present, c.signup_source"
    return (
        f"SELECT {row} FROM customers c WHERE {scope.customers}",
        f"SELECT {_REFUND_COLUMNS} FROM refunds r WHERE {scope.refunds}",
        f"SELECT {_ORDER_COLUMNS}, {_excluded_tag(rules)} AS excluded_tag FROM orders o WHERE {scope.orders}",
    )


def _line_queries(scope: _Scope) -> tuple[str, str]:
    lines, products = "true", "true"
    if scope is not _EVERYTHING:
        lines = f"l.order_id IN (SELECT o.id FROM orders o WHERE {scope.orders})"
        products = f"p.id IN (SELECT l.product_id FROM line_items l WHERE {lines})"
    category = "coalesce(nullif(p.category, ''), nullif(p.vendor, ''))"
    return (
        f"SELECT p.id AS product_id, {category} AS category FROM products p WHERE {products}",
        f"SELECT l.order_id, l.line_no, l.product_id, l.total FROM line_items l WHERE {lines}",
    )


def _excluded_tag(rules: LedgerRules) -> str:
    """Return the expression for "carries one of the merchant's excluded tags", letter case aside."""
    if not rules.excluded_tags:
        return "false"
    wanted = ", ".join(literal(tag.strip().lower()) for tag in sorted(rules.excluded_tags))
    return f"EXISTS (SELECT 1 FROM unnest(o.tags) AS tag WHERE lower(btrim(tag)) IN ({wanted}))"


def literal(value: str) -> str:
    """Write a text as hexadecimal digits: there is nothing in it to escape, whatever the text says."""
    return f"convert_from(decode('{value.encode().hex()}', 'hex'), 'UTF8')"


def _people_of_rows(customers: pl.DataFrame) -> pl.DataFrame:
    """Return each customer row's person, as long as one row of that person is still there."""
    present = customers.filter("present").select("person_id").unique()
    return customers.select("row_id", customer_id="person_id").join(
        present, left_on="customer_id", right_on="person_id", how="semi"
    )


def _with_person(facts: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    return _looked_up(facts, "row_id", people).drop("row_id")


def _looked_up(facts: pl.DataFrame, key: str, found: pl.DataFrame) -> pl.DataFrame:
    """Join without copying what is there: only the key goes through the join."""
    joined = facts.select(key).join(found, on=key, how="left", maintain_order="left")
    return facts.hstack(joined.drop(key))


def _first_products(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the product of each order's first line; nearly all of these lines bear the same number."""
    lowest = lines.filter(pl.col("line_no") == pl.col("line_no").min()).select(
        "order_id", first_product_id="product_id"
    )
    others = lines.join(lowest, on="order_id", how="anti").sort("order_id", "line_no")
    firsts = others.unique("order_id", keep="first", maintain_order=True)
    return pl.concat([lowest, firsts.select("order_id", first_product_id="product_id")])


def _categories(lines: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """Return what each order spent in each category (the vendor's name where a product has none)."""
    named = products.drop_nulls("category")
    names = named.select(pl.col("category").unique().sort()).with_row_index("number")
    numbered = named.join(names, on="category").select("product_id", "number")
    return (
        lines.lazy()
        .select("order_id", "product_id", "total")
        .join(numbered.lazy(), on="product_id")
        .group_by("order_id", "number")  # by number, since millions of texts take several times as long
        .agg(amount=pl.col("total").sum())
        .join(names.lazy(), on="number")
        .select("order_id", "category", "amount")
        .collect()
    )


def _customers(customers: pl.DataFrame) -> pl.DataFrame:
    """Return one row a person; where the person's own row states no sign-up source, the next one's holds."""
    return (
        customers.filter(pl.col("present").any().over("person_id"))
        .sort("person_id", pl.col("row_id") != pl.col("person_id"), "row_id")
        .group_by("person_id", maintain_order=True)
        .agg(pl.col("signup_source").drop_nulls().first())
        .rename({"person_id": "customer_id"})
    )
