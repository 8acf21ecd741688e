"""Shopify's customers export: people with their consent, tags and dates."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from shop_app.contacts.cleaning import clean_phones, is_no_email
from shop_app.contacts.countries import country_codes
from shop_app.errors import InvalidInputError
from shop_app.facts import CUSTOMER_SCHEMA, LINE_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA, conform, empty
from shop_app.files.batch import Batch
from shop_app.files.contacts import clean_email, shopify_id
from shop_app.files.file_format import FileFormat
from shop_app.files.kinds import SHOPIFY_CUSTOMERS
from shop_app.files.line_table import Reading, read_times
from shop_app.files.line_table_format import describe_times, find_time_format
from shop_app.files.rows import Chunk, RowReader
from shop_app.files.sample import Sample, describe_opening
from shop_app.files.shopify_order_facts import consent, listed
from shop_app.files.shopify_orders_format import match_columns
from shop_app.files.sieve import Sieve

_COLUMNS = {
    "id": ("Customer ID", "Id"),
    "first_name": ("First Name",),
    "last_name": ("Last Name",),
    "email": ("Email",),
    "email_consent": ("Accepts Email Marketing", "Accepts Marketing", "Email Marketing Status"),
    "sms_consent": ("Accepts SMS Marketing", "SMS Marketing Status"),
    "phone": ("Phone",),
    "address_phone": ("Default Address Phone",),
    "country": ("Default Address Country Code", "Country Code", "Default Address Country", "Country"),
    "tags": ("Tags",),
    "created_at": ("Created At", "Customer Since", "Created"),
}
_LACKING = {
    "id": "Shopify's customer id",
    "created_at": "sign-up date",
    "email_consent": "e-mail consent",
    "sms_consent": "SMS consent",
    "tags": "tags",
}


def shopify_customers_format(sample: Sample) -> FileFormat:
    """Find out about a customers export, of today's header or an older one."""
    columns: dict[str, int] = {}
    for place in range(4):  # the likeliest name of each field first
        names = {field: known[place] for field, known in _COLUMNS.items() if place < len(known)}
        columns = match_columns(sample, names) | columns
    if not {"id", "email", "phone"} & columns.keys():
        raise InvalidInputError(
            "file: this looks like Shopify's customers export, but without Customer ID, Email and Phone "
            "nobody can be told apart. Export the customers again and import the file as it is.",
            field="file",
        )
    sentences = [
        *describe_opening(sample),
        "This is Shopify's customers export: one row a customer, and no orders.",
    ]
    times = {}
    if "created_at" in columns and not sample.column(columns["created_at"]).is_null().all():
        times["created_at"] = find_time_format(sample, columns["created_at"])
        label = sample.label(columns["created_at"])
        sentences.append(describe_times(times["created_at"], label, sample.options.timezone))
    else:
        columns.pop("created_at", None)
    missing = [words for field, words in _LACKING.items() if field not in columns] + ["orders"]
    return FileFormat(
        SHOPIFY_CUSTOMERS,
        sample.encoding,
        sample.dialect,
        columns,
        times,
        sentences=sentences,
        missing=missing,
    )


def read_shopify_customers(
    path: Path, file_format: FileFormat, reading: Reading, *, chunk_rows: int, block_bytes: int
) -> Iterator[Batch]:
    """Yield the customers in batches without orders."""
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
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in _COLUMNS if name not in chunk.frame.columns]
    sieve = Sieve(chunk.frame.with_columns(absent), chunk.rejects)
    _with_created_at(sieve, file_format, reading)
    _with_identity(sieve, file_format)
    return Batch(
        customers=_customers(sieve.frame),
        orders=empty(ORDER_SCHEMA),
        lines=empty(LINE_SCHEMA),
        refunds=empty(REFUND_SCHEMA),
        rejects=sorted(sieve.rejects, key=lambda reject: reject.line_number),
        rows_read=chunk.rows_read,
        bytes_read=chunk.bytes_read,
        complete=True,
    )


def _with_created_at(sieve: Sieve, file_format: FileFormat, reading: Reading) -> None:
    sieve.frame = sieve.frame.rename({"created_at": "created"})
    if file_format.times:
        read_times(sieve, "created", "created_at", file_format.label("created_at"), file_format, reading)


def _with_identity(sieve: Sieve, file_format: FileFormat) -> None:
    sieve.frame = sieve.frame.with_columns(
        shopify_id=shopify_id("id"), email=clean_email("email"), country=country_codes("country")
    )
    sieve.blank(is_no_email("email"), "email", "is no e-mail address", field=file_format.label("email"))
    no_id = pl.col("shopify_id").is_null() & pl.col("id").is_not_null()
    sieve.blank(no_id, "id", "is no id of Shopify's", field=file_format.label("id"))
    own, address = (
        clean_phones(sieve.frame[name], sieve.frame["country"]) for name in ("phone", "address_phone")
    )
    by_id = "id:" + pl.col("shopify_id").cast(pl.String)
    by_email, by_phone = "email:" + pl.col("email"), "phone:" + pl.col("phone")
    sieve.frame = sieve.frame.with_columns(phone=pl.coalesce(own, address)).with_columns(
        customer_ref=pl.coalesce(by_id, by_email, by_phone)
    )
    nobody = pl.col("customer_ref").is_null()
    sieve.refuse(nobody, "id", "names nobody: no id, e-mail address or phone", field=file_format.label("id"))


def _customers(rows: pl.DataFrame) -> pl.DataFrame:
    known = ("shopify_id", "email", "phone", "first_name", "last_name", "country", "tags")
    people = rows.with_columns(
        tags=listed("tags"), email_consent=consent("email_consent"), sms_consent=consent("sms_consent")
    )
    if "created_at" not in people.columns:
        people = people.with_columns(created_at=pl.lit(None))
    merged = people.group_by("customer_ref", maintain_order=True).agg(
        pl.col(*known, "email_consent", "sms_consent", "created_at").first(ignore_nulls=True)
    )
    return conform(merged, CUSTOMER_SCHEMA)
