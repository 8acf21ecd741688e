"""A file's customers made ready for the database: hashes to find them by, versions, and sealed details."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from shop_app.storage.customer_hashes import email_hash, name_hash, phone_hash
from shop_app.storage.encryption import seal_all
from shop_app.storage.gone import subject_hash, table_key
from shop_app.storage.known_fields import Authority, version

_FIELDS = {
    "email": ("email", "email_hash"),
    "phone": ("phone", "phone_hash"),
    "name": ("first_name", "last_name", "details_hash"),
    "email_consent": ("email_consent",),
    "sms_consent": ("sms_consent",),
    "tags": ("tags",),
    "country": ("country",),
    "signup_source": ("signup_source",),
    "created_at": ("created_at",),
    "data_sale_opt_out": ("data_sale_opt_out",),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = ("email", "phone", "first_name", "last_name")


@dataclass(frozen=True, slots=True)
class ReadyCustomers:
    """``rows`` go to the staging table as they are; ``details`` never leave this process unsealed."""

    rows: pl.DataFrame
    refs: pl.DataFrame
    details: pl.DataFrame


def ready_customers(
    customers: pl.DataFrame, *, shop_id: int, source: str, authority: Authority, at: datetime
) -> ReadyCustomers:
    """Return one row for each identity in ``customers``, its details folded to what is known last.

    ``known_at`` says when a row's details were typed in, which is what counts for those that come with
    orders, and for what the interface tells; a list of customers is as old as the file, ``at``.
    """
    hashed = _hashed(customers, shop_id).with_columns(known=_version(authority, at))
    known = hashed.with_columns(identity=_identity()).drop_nulls("identity").with_row_index("seq")
    firsts = known.select("identity", first=pl.col("seq").min().over("identity").cast(pl.Int32))
    refs = known.select("customer_ref").with_columns(seq=firsts["first"]).drop_nulls("customer_ref").unique()
    folded = _fold(known.with_columns(seq=firsts["first"]))
    return ReadyCustomers(
        rows=folded.drop("customer_ref", *_PLAIN, "known", "known_at", "identity", strict=False).with_columns(
            subject_hash=_subjects(folded, shop_id, source)
        ),
        refs=refs,
        details=folded.select("seq", *_PLAIN),
    )


def sealed(details: pl.DataFrame, wanted: pl.DataFrame, shop_id: int) -> pl.DataFrame:
    """Return the details that are wanted (``seq`` and a flag for e-mail, phone and name), encrypted."""
    rows = wanted.join(details, on="seq", how="left", maintain_order="left")
    flags = {
        "email": "wants_email",
        "phone": "wants_phone",
        "first_name": "wants_name",
        "last_name": "wants_name",
    }
    columns = {}
    for column, flag in flags.items():
        values = rows.select(pl.when(pl.col(flag)).then(pl.col(column))).to_series().to_list()
        found = seal_all(values, table="customers", column=column, shop_id=shop_id)
        columns[column] = [None if value is None else _bytea(value) for value in found]
    return pl.DataFrame({"seq": rows["seq"], **columns}, schema_overrides=dict.fromkeys(columns, pl.String))


def _hashed(customers: pl.DataFrame, shop_id: int) -> pl.DataFrame:
    """Add the hashes; equal values are hashed once, for most buyers come back."""
    named = pl.any_horizontal(pl.col("first_name", "last_name").is_not_null())
    names = customers.select("first_name", "last_name").unique().filter(named)
    hashes = [_bytea(name_hash(first, last, shop_id)) for first, last in names.iter_rows()]
    names = names.with_columns(details_hash=pl.Series(hashes, dtype=pl.String))
    return customers.with_columns(
        email_hash=_each(customers["email"], lambda value: email_hash(value, shop_id)),
        phone_hash=_each(customers["phone"], lambda value: phone_hash(value, shop_id)),
    ).join(names, on=["first_name", "last_name"], how="left", nulls_equal=True, maintain_order="left")


def _each(values: pl.Series, make: Callable[[Any], bytes | None]) -> pl.Series:
    different = values.drop_nulls().unique()
    made = (make(value) for value in different.to_list())
    hashes = [None if found is None else _bytea(found) for found in made]
    return values.replace_strict(
        different, pl.Series(hashes, dtype=pl.String), default=None, return_dtype=pl.String
    )


def _subjects(folded: pl.DataFrame, shop_id: int, source: str) -> pl.Series:
    """Return by what each would be known if they were erased: Shopify's number, else the table's own key."""
    numbers = _each(folded["shopify_id"], lambda number: subject_hash("id", number, shop_id))
    keys = _each(folded["source_key"], lambda key: subject_hash("key", table_key(source, key), shop_id))
    return numbers.zip_with(folded["shopify_id"].is_not_null(), keys)


def _bytea(value: bytes) -> str:
    return "\\x" + value.hex()


def _version(authority: Authority, at: datetime) -> pl.Expr:
    if authority is Authority.LISTED:
        return pl.lit(version(authority, at), pl.Int64)
    unsaid = at if authority is Authority.LIVE else _EPOCH
    micros = pl.col("known_at").fill_null(unsaid).dt.epoch("us").clip(lower_bound=0).cast(pl.Int64)
    return micros + version(authority, _EPOCH)


def _identity() -> pl.Expr:
    """Return by what a row is told from others: Shopify's id, the table's own, the address, the phone."""
    return pl.coalesce(
        pl.format("i{}", "shopify_id"),
        pl.format("k{}", "source_key"),
        pl.format("e{}", "email_hash"),
        pl.format("p{}", "phone_hash"),
    )


def _fold(known: pl.DataFrame) -> pl.DataFrame:
    """Return one row an identity: of each field the value known last, with the version of that value."""
    known = known.with_columns(
        **{f"{name}_version": _when_known(columns[-1]) for name, columns in _FIELDS.items()}
    )
    if not known["seq"].is_duplicated().any():
        return known
    last = [
        pl.col(column).filter(pl.col(columns[-1]).is_not_null()).last()
        for name, columns in _FIELDS.items()
        for column in (*columns, f"{name}_version")
    ]
    return (
        known.sort("known", maintain_order=True)
        .group_by("seq")
        .agg(pl.col("shopify_id").first(), pl.col("source_key").first(), pl.col("told_at").max(), *last)
        .sort("seq")
    )


def _when_known(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_not_null()).then(pl.col("known"))
