"""Asking a frame of customers whom a rule means."""

from functools import reduce

import polars as pl

from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.rule_tree import All, Condition, Rule, Single

UPWARD = ("at_least", "more_than")


def matches(frame: pl.DataFrame, rule: Rule, *, relaxed: bool = False) -> pl.Series:
    """Tell for every customer whether the rule holds.

    Parameters
    ----------
    frame
        One row a customer, with any of the catalogue's features. A column that is not there is unknown for
        everybody.
    rule
        What is asked.
    relaxed
        Whether borders give way by their slack, as for somebody who is already inside.

    Returns
    -------
    polars.Series
        Boolean, never null, in the order of ``frame``. What is unknown fulfils no condition but ``unknown``.
    """
    return holds(frame, rule, give=1.0 if relaxed else 0.0)


def holds(frame: pl.DataFrame, rule: Rule, *, give: float) -> pl.Series:
    """As :func:`matches`; ``give`` says how many slacks the borders move outwards (inwards below 0)."""
    return frame.with_columns(holds=holding(rule, frame.schema, give=give))["holds"]


def holding(rule: Rule, schema: pl.Schema, *, give: float = 0.0) -> pl.Expr:
    """Put :func:`holds` into an expression over a frame of this schema."""
    if isinstance(rule, Condition):
        return _condition(rule, schema, give)
    parts = [holding(part, schema, give=give) for part in rule.rules]
    return reduce(pl.Expr.and_ if isinstance(rule, All) else pl.Expr.or_, parts)


def _condition(condition: Condition, schema: pl.Schema, give: float) -> pl.Expr:
    column, value = _column(condition.feature, schema), condition.value
    if value is None:
        return column.is_not_null() if condition.operator == "known" else column.is_null()
    if isinstance(value, tuple):
        # Not is_in: it refuses a column of another number type than the values.
        inside = reduce(pl.Expr.or_, (column == pl.lit(one) for one in value))
        asked = inside if condition.operator == "one_of" else ~inside
    else:
        border = pl.lit(_border(value, condition, give))
        asked = _COMPARE[condition.operator](column, border)
    return asked.fill_null(value=False)


_COMPARE = {
    "at_least": pl.Expr.ge,
    "more_than": pl.Expr.gt,
    "at_most": pl.Expr.le,
    "less_than": pl.Expr.lt,
    "is": pl.Expr.eq,
    "is_not": pl.Expr.ne,
}


def _border(value: Single, condition: Condition, give: float) -> Single:
    """Move a border outwards by its slack; what has none stays where it is."""
    if not condition.slack_ratio or not give or isinstance(value, str | bool):
        return value
    outwards = -1.0 if condition.operator in UPWARD else 1.0
    return value + outwards * give * condition.slack_ratio * abs(value)


def _column(name: str, schema: pl.Schema) -> pl.Expr:
    feature = FEATURES[name]
    kinds: dict[str, type[pl.DataType]] = {"text": pl.String, "yes_no": pl.Boolean}
    if name not in schema:
        return pl.lit(None, kinds.get(feature.unit, pl.Float64))
    # Not-a-number would be larger than every border.
    return pl.col(name).fill_nan(None) if schema[name].is_float() else pl.col(name)
