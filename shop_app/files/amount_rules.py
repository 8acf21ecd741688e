"""Whether a line's amount is its total or quantity times price, and what a discount column means."""

from collections.abc import Mapping

import polars as pl

from shop_app.errors import InvalidInputError
from shop_app.files.batch import shown
from shop_app.files.numbers import parse_numbers
from shop_app.files.sample import Sample

_AGREEING = 0.95  # share of the rows in which quantity times unit price must make the total
_TOLERANCE = 0.02  # major units: rounding of the total
_FEWEST_ORDERS = 20  # with several lines, before a repeated amount is believed to be the order's


def find_amount_rules(sample: Sample, columns: Mapping[str, int], decimal: str) -> tuple[str, str, list[str]]:
    """Return the rule for amounts ('price' or 'total'), for discounts, and the sentences that say so.

    Raises
    ------
    InvalidInputError
        The only amount there is belongs to whole orders and is repeated on each of their lines.
    """
    numbers = _numbers(sample, columns, decimal)
    discount = _discount_kind(numbers)
    signs = _sign_sentences(sample, columns)
    if "total" not in columns:
        return "price", discount, [*signs, _price_sentence(sample, columns, discount)]
    if "unit_price" not in columns:
        _refuse_repeated_total(sample, columns, numbers)
        unused = [_unused(sample, columns)] if discount != "none" else []
        return "total", "none", [*signs, f"A line's amount is {sample.label(columns['total'])}.", *unused]
    if _totals_agree(numbers, discount) or _is_named(sample, "total"):
        return "total", "none", [*signs, f"A line's amount is {sample.label(columns['total'])}."]
    total = sample.label(columns["total"])
    sentence = (
        f"{total} is not what quantity and price make, so it is left aside; --map total=… uses it instead."
    )
    return "price", discount, [*signs, _price_sentence(sample, columns, discount), sentence]


def _numbers(sample: Sample, columns: Mapping[str, int], decimal: str) -> pl.DataFrame:
    names = [name for name in ("quantity", "unit_price", "total", "discount") if name in columns]
    read = {name: parse_numbers(sample.column(columns[name]).str.strip_suffix("%"), decimal) for name in names}
    frame = pl.DataFrame(read)
    if "quantity" not in columns:
        frame = frame.with_columns(quantity=pl.lit(1.0))
    if "discount" in columns:
        percent = sample.column(columns["discount"]).str.ends_with("%").fill_null(value=False)
        part = pl.when(percent).then(pl.col("discount") / 100).otherwise(pl.col("discount"))
        frame = frame.with_columns(discount=part, percent=percent)
    return frame


def _discount_kind(numbers: pl.DataFrame) -> str:
    """Tell shares (some value between 0 and 1, none above) from amounts."""
    if "discount" not in numbers.columns:
        return "none"
    if numbers["percent"].any():
        return "share"
    values = numbers["discount"].drop_nulls()
    in_unit = values.is_between(0, 1).all()
    return "share" if in_unit and ((values > 0) & (values < 1)).any() else "amount"


def _totals_agree(numbers: pl.DataFrame, discount: str) -> bool:
    gross = pl.col("quantity") * pl.col("unit_price")
    wanted = [gross]
    if discount == "amount":
        wanted.append(gross - pl.col("discount"))
    elif discount == "share":
        wanted.append(gross * (1 - pl.col("discount")))
    shares = numbers.select(
        ((amount.abs() - pl.col("total").abs()).abs() <= _TOLERANCE).mean().alias(str(i))
        for i, amount in enumerate(wanted)
    ).row(0)
    return any((share or 0.0) >= _AGREEING for share in shares)


def _refuse_repeated_total(sample: Sample, columns: Mapping[str, int], numbers: pl.DataFrame) -> None:
    if "order_id" not in columns:
        return
    frame = numbers.select("total", order=sample.column(columns["order_id"]))
    orders = frame.group_by("order").agg(pl.len(), pl.col("total").n_unique().alias("different"))
    several = orders.filter(pl.col("len") > 1)
    if several.height >= _FEWEST_ORDERS and (several["different"] == 1).all():
        label = sample.label(columns["total"])
        raise InvalidInputError(
            f"total: {label} is the same on all lines of each order, so it is the order's amount and not the "
            "line's; adding it up would count it several times. Name the line's price (--map unit_price=…), "
            "or keep one line an order.",
            field="total",
        )


def _is_named(sample: Sample, field: str) -> bool:
    return field in (sample.options.mapping or {})


def _price_sentence(sample: Sample, columns: Mapping[str, int], discount: str) -> str:
    price = sample.label(columns["unit_price"])
    amount = f"quantity times {price}" if "quantity" in columns else price
    if discount == "none":
        return f"A line's amount is {amount}."
    less = sample.label(columns["discount"])
    if discount == "share":
        less = f"the share of it that {less} holds"
    return f"A line's amount is {amount}, less {less}; --map discount= leaves that aside."


def _unused(sample: Sample, columns: Mapping[str, int]) -> str:
    return f"{sample.label(columns['discount'])} is left aside: amounts are taken as what was paid."


def _sign_sentences(sample: Sample, columns: Mapping[str, int]) -> list[str]:
    """Say so where amounts carry a currency sign that no column explains."""
    if "currency" in columns:
        return []
    cells = pl.concat([sample.column(columns[name]) for name in ("unit_price", "total") if name in columns])
    signs = cells.str.extract(r"(\p{Sc}|\b[A-Z]{3}\b)", 1).drop_nulls().unique().sort()
    if not len(signs):
        return []
    currency = sample.options.currency or "the shop's currency"
    return [
        f"The signs before amounts ({shown(', '.join(signs))}) are not looked at: all is taken as {currency}."
    ]
