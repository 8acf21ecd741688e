"""Reads a line-item table into batches; what is negative or a credit note is a refund."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from shop_app.contacts.cleaning import clean_phones, is_no_email
from shop_app.contacts.countries import country_codes
from shop_app.facts import CUSTOMER_SCHEMA, LINE_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA, conform
from shop_app.files.batch import Batch
from shop_app.files.contacts import LIKE_EMAIL, clean_email, clean_ids, fingerprint
from shop_app.files.dates import EARLIEST, parse_times
from shop_app.files.file_format import FileFormat
from shop_app.files.kinds import CREDIT_NOTE
from shop_app.files.line_amounts import with_amounts
from shop_app.files.order_words import cancelled_words, status_of
from shop_app.files.rows import Chunk, RowReader
from shop_app.files.sieve import Sieve


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for a whole reading: the shop's currency and time zone, and the last believable moment."""

    currency: str
    timezone: str
    latest: datetime

    @property
    def end(self) -> datetime:
        """A day later than ``latest``: clocks and zones may differ."""
        return self.latest + timedelta(days=1)


def read_line_table(
    path: Path, file_format: FileFormat, reading: Reading, *, chunk_rows: int, block_bytes: int
) -> Iterator[Batch]:
    """Yield a table's rows as batches; the rows of an order may lie in several of them."""
    reader = RowReader(
        path,
        file_format.encoding,
        file_format.dialect,
        dict(file_format.columns),
        chunk_rows=chunk_rows,
        block_bytes=block_bytes,
    )
    for chunk in reader.chunks():
        yield _batch(chunk, file_format, reading)


def _batch(chunk: Chunk, file_format: FileFormat, reading: Reading) -> Batch:
    sieve = Sieve(_with_all_fields(chunk.frame), chunk.rejects)
    _with_times(sieve, file_format, reading)
    with_amounts(sieve, file_format, reading.currency)
    _with_customers(sieve, file_format)
    _with_orders(sieve, file_format)
    rows = sieve.frame
    sales, returns = rows.filter(~pl.col("is_return")), rows.filter(pl.col("is_return"))
    return Batch(
        customers=_customers(rows),
        orders=_orders(sales),
        lines=conform(sales.with_columns(row_no="line_no"), LINE_SCHEMA),
        refunds=_refunds(returns),
        rejects=sorted(sieve.rejects, key=lambda reject: reject.line_number),
        rows_read=chunk.rows_read,
        bytes_read=chunk.bytes_read,
        complete=False,
    )


def _with_all_fields(frame: pl.DataFrame) -> pl.DataFrame:
    wanted = (
        "order_id", "customer_id", "email", "phone", "first_name", "last_name", "country", "status",
        "channel", "product", "sku", "title", "vendor", "category",
    )  # fmt: skip
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in wanted if name not in frame.columns]
    return frame.with_columns(absent)


def _with_times(sieve: Sieve, file_format: FileFormat, reading: Reading) -> None:
    label = file_format.label("time")
    text = pl.col("time")
    if "clock" in file_format.columns:
        text = pl.concat_str([text, pl.col("clock")], separator=" ", ignore_nulls=True)
        text = pl.when(pl.col("time").is_not_null()).then(text)
    sieve.frame = sieve.frame.with_columns(written_time=text)
    read_times(sieve, "written_time", "processed_at", label, file_format, reading)
    sieve.refuse(text.is_null(), "time", "is empty", field=label)


def read_times(
    sieve: Sieve, column: str, into: str, label: str, file_format: FileFormat, reading: Reading
) -> None:
    """Parse a column of times, and drop the rows whose time is none or cannot be."""
    form = file_format.times.get(into) or next(iter(file_format.times.values()))
    times = parse_times(sieve.frame[column], form, reading.timezone)
    sieve.frame = sieve.frame.with_columns(times.alias(into))
    order = f" with the {form.order[0].replace('d', 'day').replace('m', 'month')} first" if form.order else ""
    unread = pl.col(into).is_null() & pl.col(column).is_not_null()
    sieve.refuse(unread, column, f"is no time as the others of this file{order}", field=label)
    outside = ~pl.col(into).is_between(EARLIEST, reading.end)
    sieve.refuse(outside, column, f"lies outside 1970 to {reading.end:%Y-%m-%d}", field=label)


def _with_customers(sieve: Sieve, file_format: FileFormat) -> None:
    """Add ``customer_ref`` and ``source_key``: the table's own id, else the address, else the phone."""
    ids = pl.col("source_key")
    address = pl.when(ids.str.contains(LIKE_EMAIL)).then(ids.str.to_lowercase())
    sieve.frame = sieve.frame.with_columns(
        clean_ids(sieve.frame["customer_id"]).alias("source_key"),
        email=clean_email("email"),
        country=country_codes("country"),
    ).with_columns(
        source_key=pl.when(address.is_null()).then(ids),  # an address among ids is never stored as it stands
        email=pl.coalesce("email", address),
    )
    if file_format.rules.customer == "name":
        sieve.frame = sieve.frame.with_columns(source_key=fingerprint("source_key", "name"))
    sieve.blank(is_no_email("email"), "email", "is no e-mail address", field=file_format.label("email"))
    phones = clean_phones(sieve.frame["phone"], sieve.frame["country"])
    sieve.frame = sieve.frame.with_columns(
        phone=phones.alias("phone"),
        customer_ref=pl.coalesce("source_key", "email:" + pl.col("email"), pl.lit("phone:") + phones),
    )


def _with_orders(sieve: Sieve, file_format: FileFormat) -> None:
    number = pl.col("order_id")
    if "order_id" in file_format.columns:
        sieve.frame = sieve.frame.with_columns(clean_ids(sieve.frame["order_id"]))
        sieve.refuse(number.is_null(), "order_id", "is empty", field=file_format.label("order_id"))
    else:
        sieve.frame = sieve.frame.with_columns(known_as=_fit_to_show(sieve.frame))
        by_time = pl.concat_str("known_as", "written_time", separator=" ")
        number = pl.coalesce(by_time, pl.lit("row ") + pl.col("line_no").cast(pl.String))
    sieve.frame = sieve.frame.with_columns(order_ref=number, product_ref=pl.coalesce("product", "sku", "title"))
    if file_format.rules.has_credit_notes:
        is_note = pl.col("order_ref").str.contains(CREDIT_NOTE)
        sieve.frame = sieve.frame.with_columns(is_return=pl.col("is_return") | is_note)


def _fit_to_show(frame: pl.DataFrame) -> pl.Series:
    """Return by what an order may be named: an id as it is, addresses and phones only as a digest."""
    hidden = pl.when(pl.col("source_key").is_null()).then("customer_ref").alias("hidden")
    digest = frame.select(hidden).select(fingerprint("hidden", "guest")).to_series()
    return pl.select(pl.coalesce(frame["source_key"], digest)).to_series()


def _customers(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row a customer, each column by the first row that knows it."""
    known = ("source_key", "email", "phone", "first_name", "last_name", "country")
    people = (
        rows.filter(pl.col("customer_ref").is_not_null())
        .group_by("customer_ref", maintain_order=True)
        .agg(pl.col(*known).first(ignore_nulls=True))
    )
    return conform(people, CUSTOMER_SCHEMA)


def _orders(sales: pl.DataFrame) -> pl.DataFrame:
    columns = ("customer_ref", "processed_at", "currency", "status", "channel", "country")
    orders = sales.group_by("order_ref", maintain_order=True).agg(
        pl.col("line_no").first().alias("row_no"), pl.col(*columns).first(ignore_nulls=True)
    )
    cancelled = cancelled_words(pl.col("status"))
    return conform(
        orders.with_columns(
            name="order_ref",
            financial_status=status_of(pl.col("status")),
            cancelled_at=pl.when(cancelled).then(pl.col("processed_at")),
        ),
        ORDER_SCHEMA,
    )


def _refunds(returns: pl.DataFrame) -> pl.DataFrame:
    renamed = returns.select(
        pl.col("order_ref").alias("credit_ref"),
        pl.col("line_no").alias("row_no"),
        "customer_ref",
        "product_ref",
        "quantity",
        pl.col("total").alias("amount"),
        pl.col("processed_at").alias("refunded_at"),
        "currency",
    )
    return conform(renamed, REFUND_SCHEMA)
