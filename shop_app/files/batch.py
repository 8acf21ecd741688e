"""What reading a file yields: frames of fixed columns, and the rows that could not be used."""

from dataclasses import dataclass

import polars as pl

Schema = dict[str, pl.DataType]

TIME = pl.Datetime("us", "UTC")

CUSTOMER_SCHEMA: Schema = {
    "customer_ref": pl.String(),
    "shopify_id": pl.Int64(),
    "source_key": pl.String(),
    "email": pl.String(),
    "phone": pl.String(),
    "first_name": pl.String(),
    "last_name": pl.String(),
    "email_consent": pl.String(),
    "sms_consent": pl.String(),
    "tags": pl.String(),
    "country": pl.String(),
    "signup_source": pl.String(),
    "created_at": TIME,
}

ORDER_SCHEMA: Schema = {
    "order_ref": pl.String(),
    "row_no": pl.Int64(),
    "shopify_id": pl.Int64(),
    "name": pl.String(),
    "customer_ref": pl.String(),
    "processed_at": TIME,
    "cancelled_at": TIME,
    "financial_status": pl.String(),
    "test": pl.Boolean(),
    "currency": pl.String(),
    "total": pl.Int64(),
    "outstanding": pl.Int64(),
    "tax": pl.Int64(),
    "shipping": pl.Int64(),
    "discount": pl.Int64(),
    "tax_included": pl.Boolean(),
    "discount_codes": pl.String(),
    "tags": pl.String(),
    "channel": pl.String(),
    "country": pl.String(),
}

LINE_SCHEMA: Schema = {
    "order_ref": pl.String(),
    "row_no": pl.Int64(),
    "product_ref": pl.String(),
    "title": pl.String(),
    "sku": pl.String(),
    "vendor": pl.String(),
    "category": pl.String(),
    "quantity": pl.Float64(),
    "unit_price": pl.Int64(),
    "discount": pl.Int64(),
    "total": pl.Int64(),
    "is_gift_card": pl.Boolean(),
}

REFUND_SCHEMA: Schema = {
    "credit_ref": pl.String(),
    "row_no": pl.Int64(),
    "order_ref": pl.String(),
    "customer_ref": pl.String(),
    "product_ref": pl.String(),
    "quantity": pl.Float64(),
    "amount": pl.Int64(),
    "refunded_at": TIME,
    "currency": pl.String(),
}

_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing in a file that could not be used: the whole row, or (``row_kept``) one cell of it."""

    line_number: int
    field: str
    value: str
    reason: str
    row_kept: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of a file. ``complete``: no later batch holds a row of an order of this one."""

    customers: pl.DataFrame
    orders: pl.DataFrame
    lines: pl.DataFrame
    refunds: pl.DataFrame
    rejects: list[Reject]
    rows_read: int
    bytes_read: int
    complete: bool


def conform(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Give a frame exactly the columns of a schema, null where it has none of that name."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )


def empty(schema: Schema) -> pl.DataFrame:
    """Return no rows, with every column there."""
    return pl.DataFrame(schema=schema)


def shown(value: str | None) -> str:
    """Make a cell fit to be shown: one line, nothing that a terminal would obey, not too long."""
    cut = (value or "")[:_SHOWN_CHARACTERS]
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in cut)
