"""What a line-item table's columns are, and how its amounts, orders and customers are to be read."""

from collections.abc import Mapping

from shop_app.errors import InvalidInputError
from shop_app.files.amount_rules import find_amount_rules
from shop_app.files.column_names import candidates
from shop_app.files.date_formats import ORDER_WORDS, find_format, settle_order
from shop_app.files.file_format import DateFormat, FileFormat, LineRules
from shop_app.files.kinds import CREDIT_NOTE, LINE_TABLE, looks_like_summary
from shop_app.files.mapping import find_columns, looks_like_emails, looks_like_names
from shop_app.files.numbers import find_decimal
from shop_app.files.sample import Sample, describe_opening

_NUMBERS = ("quantity", "unit_price", "total", "discount")
_LACKING = {
    "order_id": "order number",
    "customer_id": "customer id",
    "email": "e-mail address",
    "product": "product",
    "quantity": "quantity",
    "status": "payment status",
    "discount": "discount",
    "channel": "sales channel",
    "country": "country",
}
_NEVER_THERE = [
    "test flag",
    "cancellation date",
    "tax",
    "shipping",
    "tags",
    "marketing consent",
    "gift card flag",
]


def line_table_format(sample: Sample) -> FileFormat:
    """Find everything out about a line-item table.

    Raises
    ------
    InvalidInputError
        A time, an amount, or both order and customer are missing, or something must be asked.
    """
    columns = find_columns(sample)
    _refuse_incomplete(columns, sample)
    columns, customer = _customer(columns, sample)
    decimal = find_decimal(
        [sample.column(columns[name]) for name in _NUMBERS if name in columns],
        sample.options.decimal,
        sample.exponent,
    )
    times = find_time_format(sample, columns["time"], columns.get("clock"))
    amount, discount, amount_sentences = find_amount_rules(sample, columns, decimal)
    rules = LineRules(amount, discount, customer, _has_credit_notes(columns, sample))
    sentences = [
        *describe_opening(sample),
        _describe_columns(columns, sample),
        describe_times(times, sample.label(columns["time"]), sample.options.timezone),
        *describe_decimal(decimal),
        *amount_sentences,
        *_describe_rules(rules, columns, sample),
    ]
    missing = [words for field, words in _LACKING.items() if not _has(field, columns)] + _NEVER_THERE
    return FileFormat(
        LINE_TABLE,
        sample.encoding,
        sample.dialect,
        columns,
        {"time": times},
        decimal,
        rules,
        sentences,
        missing,
    )


def find_time_format(sample: Sample, index: int, clock: int | None = None) -> DateFormat:
    """Return the form of a column's times, with the order of day and month settled."""
    column = sample.column(index)
    if clock is not None:
        column = (column + " " + sample.column(clock)).alias("time")
    found = find_format(column, sample.label(index))
    if found is None:
        raise InvalidInputError(
            f"time: the values of {sample.label(index)} are no times that can be read. Write them as "
            "2010-12-31 or 2010-12-31 08:30, or name another column: --map time=…",
            field="time",
        )
    pieces = sample.whole_column(index)
    return settle_order(found, sample.options.date_order, sample.label(index), pieces)


def describe_times(times: DateFormat, label: str, timezone: str) -> str:
    """Say in words how times are read."""
    if times.epoch:
        unit = "seconds" if times.epoch == "s" else "milliseconds"
        return f"Times in {label} are counted from 1970 in {unit}."
    order = f", {ORDER_WORDS[times.order]}" if times.order else ""
    forms = " or ".join(_in_words(pattern) for pattern in times.patterns[:3])
    zone = "they say their offset from UTC" if times.has_offsets else f"they are taken as times in {timezone}"
    clock = (
        ""
        if any("%M" in pattern for pattern in times.patterns)
        else "; there is no time of day: midnight is taken"
    )
    return f"Times in {label} are written {forms}{order}; {zone}{clock}."


def describe_decimal(decimal: str) -> list[str]:
    """Say that a comma parts the decimals, where it does."""
    return ["Amounts are written with a decimal comma."] if decimal == "," else []


def _in_words(pattern: str) -> str:
    words = {
        "%Y": "2010", "%y": "10", "%m": "12", "%d": "31", "%B": "Dec", "%H": "08", "%I": "08", "%M": "30",
        "%S": "59", "%.f": "", "%p": "AM", "%#z": "+01:00",
    }  # fmt: skip
    for mark, word in words.items():
        pattern = pattern.replace(mark, word)
    return pattern


def _has(field: str, columns: Mapping[str, int]) -> bool:
    others = {"product": ("product", "sku", "title"), "customer_id": ("customer_id",)}
    return any(name in columns for name in others.get(field, (field,)))


def _refuse_incomplete(columns: Mapping[str, int], sample: Sample) -> None:
    lacking = []
    if "time" not in columns:
        lacking.append("time")
    if not {"unit_price", "total"} & columns.keys():
        lacking.append("unit_price (or total)")
    if not {"order_id", "customer_id", "email", "phone"} & columns.keys():
        lacking.append("order_id or customer_id")
    if not lacking:
        return
    header = sample.dialect.header
    named_time = [sample.label(index) for index in candidates(header, "time")] if "time" in lacking else []
    blank = [sample.label(i) for i, name in enumerate(header) if name and sample.column(i).is_null().all()]
    looks = f" Nothing stands in {', '.join(blank)}." if blank else ""
    if named_time and not blank:
        looks += f" What stands in {', '.join(named_time)} is no time of a day in the calendar."
    if looks_like_summary(header):
        looks += " It looks like a summary with one row a customer; the orders behind it are needed."
    elif set(columns) <= {"order_id", "product", "title", "sku", "category"}:
        looks += " It looks like a list of baskets or products without times and amounts."
    raise InvalidInputError(
        f"map: this is no order history as it stands: no column is known to hold {', '.join(lacking)}. The "
        f"columns are: {sample.names}.{looks} If they are there, name them: "
        "--map time=…,unit_price=…,order_id=…,customer_id=…",
        field=lacking[0].split(" ", 1)[0],
    )


def _customer(columns: dict[str, int], sample: Sample) -> tuple[dict[str, int], str]:
    """Tell by what customers are known; addresses and names never serve as they stand as ids."""
    index = columns.get("customer_id")
    if index is None:
        return columns, "email" if "email" in columns else "phone" if "phone" in columns else "none"
    if looks_like_emails(sample.column(index)):
        others = {field: i for field, i in columns.items() if field != "customer_id"}
        return others | {"email": index}, "email"
    return columns, "name" if looks_like_names(sample.column(index)) else "id"


def _has_credit_notes(columns: Mapping[str, int], sample: Sample) -> bool:
    """Tell whether order numbers are digits, so that C before the digits marks a credit note."""
    if "order_id" not in columns:
        return False
    cells = sample.column(columns["order_id"]).drop_nulls()
    orders = cells.filter(~cells.str.contains(CREDIT_NOTE))
    return orders.str.contains(r"^\d+(\.0)?$").sum() * 2 > len(orders)


def _describe_columns(columns: Mapping[str, int], sample: Sample) -> str:
    pairs = ", ".join(f"{field} = {sample.label(index)}" for field, index in columns.items())
    return f"A table with one row a line of an order: {pairs}. If that is wrong, say it with --map."


def _describe_rules(rules: LineRules, columns: Mapping[str, int], sample: Sample) -> list[str]:
    sentences = []
    if "order_id" not in columns:
        sentences.append("There is no order number: rows of one customer with the same time are one order.")
    if rules.customer == "none":
        sentences.append("There is no customer column: orders are counted, but nobody can be put in a segment.")
    elif rules.customer == "name":
        sentences.append(
            f"{sample.label(columns['customer_id'])} holds names: equal names are taken as one customer."
        )
    elif rules.customer in ("email", "phone"):
        sentences.append(
            f"There is no customer id: customers are known by {sample.label(columns[rules.customer])}."
        )
    if not {"product", "sku", "title"} & columns.keys():
        sentences.append("There is no product column: orders have amounts, but no products.")
    if "quantity" not in columns:
        sentences.append("There is no quantity column: each row counts as one.")
    credit_notes = " and order numbers that begin with C" if rules.has_credit_notes else ""
    sentences.append(f"Negative quantities{credit_notes} are returns.")
    if "status" in columns:
        sentences.append(
            f"{sample.label(columns['status'])}: cancelled orders count as cancelled at once (no date is "
            "given), unpaid and returned ones as pending and refunded; other words say nothing."
        )
    return sentences
