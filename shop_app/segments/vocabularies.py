"""Naming every customer's group, in one of three vocabularies a merchant may choose from."""

import polars as pl

from shop_app.segments.rfm import LEVELS, MARKS
from shop_app.segments.segment_groups import PROSPECTS, Group
from shop_app.segments.vocabulary_cells import KLAVIYO, PUTLER, SHOPIFY, Vocabulary

__all__ = ["LADDERS", "VOCABULARIES", "Group", "Vocabulary", "assign_groups", "ladder_for"]

VOCABULARIES = {vocabulary.slug: vocabulary for vocabulary in (SHOPIFY, PUTLER, KLAVIYO)}

LADDERS = {"three": 100, "five": 500}
# Buyers below which a shop gets three groups, and five: smaller groups would be a handful of people each.

FM_ROUNDINGS = ("half_up", "half_down", "half_even")


def ladder_for(buyer_count: int) -> str:
    """Say how finely a shop of so many buyers is divided: ``three``, ``five`` or ``all`` groups."""
    fitting = (ladder for ladder, below in LADDERS.items() if buyer_count < below)
    return next(fitting, "all")


def frequency_monetary(fm_rounding: str = "half_up") -> pl.Expr:
    """Combine the marks of frequency and money into FM = (F + M) / 2, as an expression over marks.

    Parameters
    ----------
    fm_rounding
        What becomes of a half: ``half_up`` (2.5 is 3), ``half_down`` (2), ``half_even`` (2, and 3.5 is 4).
        Shopify states the mean and not its rounding, so this is the free parameter of its definition.

    Raises
    ------
    ValueError
        ``fm_rounding`` is none of these.
    """
    if fm_rounding not in FM_ROUNDINGS:
        raise ValueError(f"fm_rounding must be one of {', '.join(FM_ROUNDINGS)}: {fm_rounding!r}")
    total = pl.col("frequency_mark") + pl.col("monetary_mark")
    upwards = {"half_up": pl.lit(1), "half_down": pl.lit(0), "half_even": (total // 2) % 2}[fm_rounding]
    return ((total + upwards) // 2).cast(pl.Int8)


def assign_groups(
    marks: pl.DataFrame, vocabulary: str, ladder: str, *, fm_rounding: str = "half_up"
) -> pl.DataFrame:
    """Name every customer's group.

    Parameters
    ----------
    marks
        ``customer_id`` with the marks of :func:`~shop_app.segments.rfm.score_rfm`; for ``klaviyo`` the levels
        of :func:`~shop_app.segments.rfm.score_levels`. Null marks: no counted order.
    vocabulary
        A key of :data:`VOCABULARIES`.
    ladder
        ``three``, ``five`` or ``all``, from :func:`ladder_for`.
    fm_rounding
        See :func:`frequency_monetary`.

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``rfm_group`` (a slug of the vocabulary's groups on this ladder, never null), in the
        order of ``marks``.

    Raises
    ------
    ValueError
        The vocabulary, ladder or rounding is unknown, or the marks are not those of the vocabulary.
    """
    if vocabulary not in VOCABULARIES:
        raise ValueError(f"vocabulary must be one of {', '.join(VOCABULARIES)}: {vocabulary!r}")
    if ladder not in (*LADDERS, "all"):
        raise ValueError(f"ladder must be three, five or all: {ladder!r}")
    chosen = VOCABULARIES[vocabulary]
    needed = LEVELS if chosen.has_levels else MARKS
    if missing := sorted(set(needed) - set(marks.columns)):
        raise ValueError(f"the groups of {chosen.name} need the columns {', '.join(missing)}")
    code = list(LEVELS) if chosen.has_levels else ["recency_mark", "fm_mark"]
    coded = marks if chosen.has_levels else marks.with_columns(fm_mark=frequency_monetary(fm_rounding))
    return coded.join(_cell_frame(chosen, ladder, code), on=code, how="left", maintain_order="left").select(
        "customer_id", rfm_group=pl.col("rfm_group").fill_null(PROSPECTS.slug)
    )


def _cell_frame(vocabulary: Vocabulary, ladder: str, code: list[str]) -> pl.DataFrame:
    cells = vocabulary.cells_at(ladder)
    marks = dict(zip(code, zip(*cells, strict=True), strict=True))
    return pl.DataFrame(
        marks | {"rfm_group": list(cells.values())},
        schema=dict.fromkeys(code, pl.Int8) | {"rfm_group": pl.String},
    )
