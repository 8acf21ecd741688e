"""Reads Shopify's orders export into batches of whole orders."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from shop_app.errors import InvalidInputError
from shop_app.files.batch import Batch, Reject, shown
from shop_app.files.file_format import FileFormat
from shop_app.files.line_table import Reading
from shop_app.files.rows import Chunk, RowReader
from shop_app.files.seen import Seen
from shop_app.files.shopify_order_facts import customers_of, lines_of, orders_of, read_orders, refunds_of
from shop_app.files.shopify_orders_format import LINE_COLUMNS, ORDER_COLUMNS
from shop_app.files.sieve import Sieve

_MOST_LINES = 10_000
"""Rows of one order. Shopify allows 500 lines; far more of one name is a damaged column of names."""

_ON_FIRST_ROW = ("financial_status", "total", "currency", "subtotal", "id")


def read_shopify_orders(
    path: Path, file_format: FileFormat, reading: Reading, *, chunk_rows: int, block_bytes: int
) -> Iterator[Batch]:
    """Yield whole orders: the rows of the last one are held back until the next chunk."""
    reader = RowReader(
        path,
        file_format.encoding,
        file_format.dialect,
        dict(file_format.columns),
        chunk_rows=chunk_rows,
        block_bytes=block_bytes,
    )
    names, orders = Seen(), Seen()
    held: pl.DataFrame | None = None
    for chunk in reader.chunks():
        rows = _with_all_columns(chunk.frame)
        rows = _in_orders(rows if held is None else pl.concat([held, rows]))
        held = None if chunk.is_last else rows.filter(pl.col("group") == pl.col("group").max()).drop("group")
        if held is not None:
            _refuse_endless(held)
            rows = rows.filter(pl.col("group") < pl.col("group").max())
        yield _batch(rows, chunk, file_format, reading, (names, orders))


def _with_all_columns(frame: pl.DataFrame) -> pl.DataFrame:
    wanted = [*LINE_COLUMNS, *ORDER_COLUMNS]
    return frame.select(
        "line_no",
        *(
            pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String).alias(name)
            for name in wanted
        ),
    )


def _in_orders(rows: pl.DataFrame) -> pl.DataFrame:
    """Give the rows of an order one number; the next begins where the name changes, or the id under it."""
    former_id = pl.col("id").forward_fill().shift(1)
    other_id = (pl.col("id") != former_id).fill_null(value=False)
    begins = pl.col("name").ne_missing(pl.col("name").shift(1)) | other_id
    return rows.with_columns(group=begins.cum_sum())


def _refuse_endless(held: pl.DataFrame) -> None:
    if held.height > _MOST_LINES:
        line = held["line_no"][0]
        raise InvalidInputError(
            f"file: more than {_MOST_LINES} rows from line {line} on have the same order name "
            f"({shown(held['name'][0]) or 'none'}). The column Name is damaged; export the orders again.",
            field="file",
        )


def _batch(
    rows: pl.DataFrame, chunk: Chunk, file_format: FileFormat, reading: Reading, seen: tuple[Seen, Seen]
) -> Batch:
    sieve = Sieve(rows, chunk.rejects)
    sieve.refuse(pl.col("name").is_null(), "name", "is empty", field=file_format.label("name"))
    orders = read_orders(_first_rows(sieve, seen), sieve.rejects, file_format, reading)
    _reject_rows_without_order(sieve, orders)
    return Batch(
        customers=customers_of(orders),
        orders=orders_of(orders),
        lines=lines_of(sieve, orders, file_format),
        refunds=refunds_of(orders),
        rejects=sorted(sieve.rejects, key=lambda reject: reject.line_number),
        rows_read=chunk.rows_read,
        bytes_read=chunk.bytes_read,
        complete=True,
    )


def _first_rows(sieve: Sieve, seen: tuple[Seen, Seen]) -> pl.DataFrame:
    """Return the row of each order that holds the order's own columns, under a name of its own."""
    holds = pl.any_horizontal(pl.col(*_ON_FIRST_ROW).is_not_null())
    heads = sieve.frame.unique("group", keep="first", maintain_order=True)
    if not heads.select(holds.all()).item():  # a sorted file: the row may stand anywhere among the order's
        ordered = sieve.frame.sort("group", ~holds, "line_no")
        heads = ordered.unique("group", keep="first", maintain_order=True)
    names, orders = seen
    full = pl.concat_str(pl.col("name"), pl.col("id").fill_null(""), separator="\n")
    heads = heads.with_columns(
        name_again=names.check_and_add(heads["name"]),
        order_again=orders.check_and_add(heads.select(full).to_series()),
    )
    other_order = pl.col("name_again") & ~pl.col("order_again") & pl.col("id").is_not_null()
    named_apart = pl.concat_str(pl.col("name"), pl.lit(" ("), pl.col("id").str.strip_prefix("'"), pl.lit(")"))
    heads = heads.with_columns(order_ref=pl.when(other_order).then(named_apart).otherwise(pl.col("name")))
    repeated = pl.col("name_again") & ~other_order
    for line_no, name in heads.filter(repeated).select("line_no", "name").iter_rows():
        reason = "was already read further up in this file; the rows of an order must stand together"
        sieve.rejects.append(Reject(line_no, "Name", shown(name), reason))
    return heads.filter(~repeated)


def _reject_rows_without_order(sieve: Sieve, orders: pl.DataFrame) -> None:
    """Drop the rows of orders that were not read; their first row has been told of already."""
    known = sieve.frame["group"].is_in(orders["group"].implode())
    if known.all():
        return
    told = {reject.line_number for reject in sieve.rejects if not reject.row_kept}
    for line_no, name in sieve.frame.filter(~known).select("line_no", "name").iter_rows():
        if line_no not in told:
            sieve.rejects.append(Reject(line_no, "Name", shown(name), "belongs to an order that was not read"))
    sieve.frame = sieve.frame.filter(known)
