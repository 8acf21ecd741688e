"""Shopify's orders export: which of its columns are there, and what they cannot tell."""

from shop_app.errors import InvalidInputError
from shop_app.files.column_names import plain
from shop_app.files.file_format import FileFormat
from shop_app.files.kinds import SHOPIFY_ORDERS
from shop_app.files.line_table_format import describe_decimal, describe_times, find_time_format
from shop_app.files.numbers import find_decimal
from shop_app.files.sample import Sample, describe_opening

ORDER_COLUMNS = {
    "email": "Email",
    "financial_status": "Financial Status",
    "accepts_marketing": "Accepts Marketing",
    "currency": "Currency",
    "subtotal": "Subtotal",
    "shipping": "Shipping",
    "tax": "Taxes",
    "total": "Total",
    "discount_codes": "Discount Code",
    "discount": "Discount Amount",
    "created_at": "Created at",
    "billing_name": "Billing Name",
    "billing_country": "Billing Country",
    "billing_phone": "Billing Phone",
    "shipping_name": "Shipping Name",
    "shipping_country": "Shipping Country",
    "cancelled_at": "Cancelled at",
    "payment_method": "Payment Method",
    "refunded": "Refunded Amount",
    "outstanding": "Outstanding Balance",
    "id": "Id",
    "tags": "Tags",
    "source": "Source",
    "phone": "Phone",
}
LINE_COLUMNS = {
    "name": "Name",
    "quantity": "Lineitem quantity",
    "title": "Lineitem name",
    "unit_price": "Lineitem price",
    "sku": "Lineitem sku",
    "vendor": "Vendor",
    "line_discount": "Lineitem discount",
}
_REQUIRED = ("name", "created_at", "quantity", "unit_price")
_AMOUNTS = (
    "unit_price",
    "line_discount",
    "subtotal",
    "shipping",
    "tax",
    "total",
    "discount",
    "refunded",
    "outstanding",
)
_LACKING = {
    "email": "e-mail address",
    "financial_status": "payment status",
    "total": "order total",
    "cancelled_at": "cancellation date",
    "refunded": "refunded amount",
    "id": "Shopify's order id",
    "tags": "tags",
    "source": "sales channel",
    "accepts_marketing": "marketing consent",
    "discount": "discount",
    "tax": "tax",
    "shipping": "shipping",
    "outstanding": "outstanding balance",
}
_NEVER_THERE = ["test flag", "refund date", "Shopify's customer id", "gift card flag", "product category"]


def shopify_orders_format(sample: Sample) -> FileFormat:
    """Find out about an orders export; columns may be missing, more, or in another order.

    Raises
    ------
    InvalidInputError
        One of the columns is missing without which there is no order, or times must be asked about.
    """
    columns = match_columns(sample, ORDER_COLUMNS | LINE_COLUMNS)
    lacking = [(ORDER_COLUMNS | LINE_COLUMNS)[name] for name in _REQUIRED if name not in columns]
    if lacking or not {"title", "sku"} & columns.keys():
        names = ", ".join(lacking or ["Lineitem name"])
        raise InvalidInputError(
            f"file: this looks like Shopify's orders export, but without the column {names}. Export the "
            "orders again (Orders, Export, plain CSV) and import the file as it is.",
            field="file",
        )
    decimal = find_decimal(
        [sample.column(columns[name]) for name in _AMOUNTS if name in columns],
        sample.options.decimal,
        sample.exponent,
    )
    created = find_time_format(sample, columns["created_at"])
    times = {"created_at": created, "cancelled_at": created}
    sentences = [
        *describe_opening(sample),
        "This is Shopify's orders export: one row a line item, the order's own columns on its first row.",
        describe_times(created, sample.label(columns["created_at"]), sample.options.timezone),
        *describe_decimal(decimal),
        *_describe_judgements(columns),
    ]
    missing = [words for name, words in _LACKING.items() if name not in columns] + _NEVER_THERE
    return FileFormat(
        SHOPIFY_ORDERS,
        sample.encoding,
        sample.dialect,
        columns,
        times,
        decimal,
        sentences=sentences,
        missing=missing,
    )


def match_columns(sample: Sample, wanted: dict[str, str]) -> dict[str, int]:
    """Find columns by their names, whatever the case; two of one name are refused unless they are equal."""
    header = [plain(name) for name in sample.dialect.header]
    columns = {}
    for field, name in wanted.items():
        places = [index for index, given in enumerate(header) if given == plain(name)]
        if any(not sample.column(places[0]).equals(sample.column(other)) for other in places[1:]):
            numbers = " and ".join(str(index + 1) for index in places)
            raise InvalidInputError(
                f"file: the header has {name!r} more than once (columns {numbers}) with different content. "
                "Export the file again, or delete the wrong column.",
                field="file",
            )
        if places:
            columns[field] = places[0]
    return columns


def _describe_judgements(columns: dict[str, int]) -> list[str]:
    """Say what is told from signs, because the export does not state it."""
    sentences = [
        "The time of an order is when it was created.",
        "Lines whose name says gift card are taken as gift cards: the export has no flag for them.",
    ]
    if "payment_method" in columns:
        sentences.append(
            "Orders paid with the bogus gateway are test orders: the export has no flag for other tests."
        )
    if "refunded" in columns:
        sentences.append("A refunded amount is one refund without a date: it is taken as always known.")
    return sentences
