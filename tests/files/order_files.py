"""Order files written by hand, and read to the end."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from shop_app.files.batch import Reject
from shop_app.files.file_format import FileFormat, ReadOptions
from shop_app.files.reading import inspect_file, read_batches

LATEST = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)

TABLE = """\
order_id,customer_id,time,product,quantity,unit_price
1001,anna,2025-03-01 10:00,Green tea,2,4.50
1001,anna,2025-03-01 10:00,Cup,1,12.00
1002,bert,2025-03-02 11:30,Green tea,1,4.50
1003,anna,2025-04-05 09:15,Pot,1,30.25
"""

_HEADER_LINE = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,"
    "Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,"
    "Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,"
    "Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,"
    "Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,"
    "Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References"
)
SHOPIFY_HEADER = _HEADER_LINE.split(",")


@dataclass
class Everything:
    """All batches of a file as one."""

    customers: pl.DataFrame
    orders: pl.DataFrame
    lines: pl.DataFrame
    refunds: pl.DataFrame
    rejects: list[Reject]
    rows_read: int
    file_format: FileFormat

    def reasons(self):
        """Line number, field and reason of what was rejected."""
        return [(reject.line_number, reject.field, reject.reason) for reject in self.rejects]


def read(
    path, *, currency="EUR", timezone="UTC", latest=LATEST, chunk_rows=15_000, block_bytes=1 << 20, **options
):
    """Inspect and read a file to its end."""
    file_format = inspect_file(path, ReadOptions(currency=currency, timezone=timezone, **options))
    batches = list(
        read_batches(
            path,
            file_format,
            currency=currency,
            timezone=timezone,
            latest=latest,
            chunk_rows=chunk_rows,
            block_bytes=block_bytes,
        )
    )
    frames = {
        name: pl.concat([getattr(batch, name) for batch in batches])
        for name in ("customers", "orders", "lines", "refunds")
    }
    rejects = [reject for batch in batches for reject in batch.rejects]
    return Everything(**frames, rejects=rejects, rows_read=batches[-1].rows_read, file_format=file_format)


def written(folder: Path, content, name="orders.csv", encoding="utf-8"):
    """Write text or bytes into a file, and return its path."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def table(*rows, header="order_id,customer_id,time,product,quantity,unit_price"):
    """A table of rows given as text."""
    return "\n".join([header, *rows]) + "\n"


def shopify_orders(*rows):
    """Shopify's export: each row a dict of the columns that are not empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, SHOPIFY_HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def head(name="#1001", **columns):
    """The first row of an order in Shopify's export: one pot of tea, paid."""
    row = {
        "Name": name,
        "Email": "anna@example.com",
        "Financial Status": "paid",
        "Accepts Marketing": "yes",
        "Currency": "EUR",
        "Subtotal": "9.00",
        "Shipping": "4.90",
        "Taxes": "1.71",
        "Total": "15.61",
        "Discount Amount": "0.00",
        "Created at": "2026-01-03 10:22:11 -0500",
        "Lineitem quantity": "2",
        "Lineitem name": "Green tea - 100 g",
        "Lineitem price": "4.50",
        "Lineitem sku": "TEA-1",
        "Lineitem discount": "0.00",
        "Billing Name": "Anna van Lee",
        "Billing Country": "DE",
        "Refunded Amount": "0.00",
        "Outstanding Balance": "0.00",
        "Vendor": "Tea House",
        "Id": f"'69400000{name.strip('#')}",
        "Source": "web",
        "Payment Method": "Shopify Payments",
    }
    return row | {column.replace("_", " "): value for column, value in columns.items()}


def line(name="#1001", title="Cup", price="12.00", quantity="1", **columns):
    """A further row of an order in Shopify's export."""
    row = {
        "Name": name,
        "Email": "anna@example.com",
        "Created at": "2026-01-03 10:22:11 -0500",
        "Lineitem quantity": quantity,
        "Lineitem name": title,
        "Lineitem price": price,
        "Lineitem discount": "0.00",
        "Vendor": "Tea House",
    }
    return row | {column.replace("_", " "): value for column, value in columns.items()}
