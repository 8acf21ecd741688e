"""Order files, inspected and read: what the rest of the app calls."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from shop_app.errors import InvalidInputError
from shop_app.files.batch import Batch, Reject
from shop_app.files.file_format import FileFormat, ReadOptions
from shop_app.files.kinds import LINE_TABLE, SHOPIFY_CUSTOMERS, SHOPIFY_ORDERS, find_kind
from shop_app.files.line_table import Reading, read_line_table
from shop_app.files.line_table_format import line_table_format
from shop_app.files.opening import BLOCK_BYTES, content_hash
from shop_app.files.rows import CHUNK_ROWS
from shop_app.files.sample import Sample, take_sample
from shop_app.files.shopify_customers import read_shopify_customers, shopify_customers_format
from shop_app.files.shopify_orders import read_shopify_orders
from shop_app.files.shopify_orders_format import shopify_orders_format

__all__ = ["content_hash", "inspect_file", "read_batches"]

_FORMATS: dict[str, Callable[[Sample], FileFormat]] = {
    SHOPIFY_ORDERS: shopify_orders_format,
    SHOPIFY_CUSTOMERS: shopify_customers_format,
    LINE_TABLE: line_table_format,
}
_READERS: dict[str, Callable[..., Iterator[Batch]]] = {
    SHOPIFY_ORDERS: read_shopify_orders,
    SHOPIFY_CUSTOMERS: read_shopify_customers,
    LINE_TABLE: read_line_table,
}
_MOST_REJECTED = 0.9  # of the first rows, for one and the same reason


def inspect_file(path: Path, options: ReadOptions) -> FileFormat:
    """Find out how a file is written and what its columns are.

    Raises
    ------
    InvalidInputError
        It is no order file, or something must be asked; ``field`` and the sentence say what.
    """
    sample = take_sample(path, options)
    kind = LINE_TABLE if options.mapping else find_kind(sample.dialect.header)
    return _FORMATS[kind](sample)


def read_batches(
    path: Path,
    file_format: FileFormat,
    *,
    currency: str,
    timezone: str,
    latest: datetime,
    chunk_rows: int = CHUNK_ROWS,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Batch]:
    """Stream a file as batches.

    Parameters
    ----------
    currency, timezone
        What holds where the file says nothing: the shop's.
    latest
        The newest believable moment; times more than a day later are rejected.

    Raises
    ------
    InvalidInputError
        Nearly all of the first rows are unusable for the same reason.
    """
    reading = Reading(currency, timezone, latest)
    read = _READERS[file_format.kind]
    rows_before = 0
    for batch in read(path, file_format, reading, chunk_rows=chunk_rows, block_bytes=block_bytes):
        if not rows_before and batch.rows_read:
            _refuse_hopeless(batch)
        rows_before = batch.rows_read
        yield batch


def _refuse_hopeless(batch: Batch) -> None:
    reasons: dict[tuple[str, str], int] = {}
    for reject in batch.rejects:
        if not reject.row_kept:
            key = (reject.field, reject.reason)
            reasons[key] = reasons.get(key, 0) + 1
    if not reasons:
        return
    (field, reason), count = max(reasons.items(), key=lambda item: item[1])
    if count > _MOST_REJECTED * batch.rows_read:
        first = next(reject for reject in batch.rejects if (reject.field, reject.reason) == (field, reason))
        what = reason if field == "line" else f"{field} {reason}"
        raise InvalidInputError(
            f"{field}: {count} of the first {batch.rows_read} rows cannot be used, all for the same reason: "
            f"{what} (line {first.line_number}: {first.value or 'empty'}).{_earlier(batch, first)} Mend the "
            "file, or name other columns with --map.",
            field=field,
        )


def _earlier(batch: Batch, first: Reject) -> str:
    """Tell of what went wrong before, as it may be the cause."""
    before = [
        reject for reject in batch.rejects if reject.line_number < first.line_number and not reject.row_kept
    ]
    return f" It begins in line {before[0].line_number}: {before[0].reason}." if before else ""
