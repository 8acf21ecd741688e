"""Which customer rows are one person."""

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

MAX_PEOPLE_PER_PHONE = 3
# Different e-mail addresses on one number: a couple and an office address happen; more is the shop's own
# number, a marketplace's or a row of zeros typed to get past the checkout.


def resolve_people(customers: pl.DataFrame) -> pl.DataFrame:
    """Find out which rows are one person, and which row stands for that person.

    Parameters
    ----------
    customers
        Every customer row of the shop: ``customer_id`` (Int64, unique), ``email_hash``, ``phone_hash``
        (Binary, null for none), ``merged_into_id`` (the row that Shopify merged this one into, null for
        none), ``kept_apart`` (somebody has said that this row is another person), ``shopify_id`` (null for
        none).

    Returns
    -------
    polars.DataFrame
        ``customer_id``, ``person_id`` (the ``customer_id`` of the row that stands for the person), in the
        order of ``customers``. The same rows in another order give the same people.

    Notes
    -----
    Evidence that two rows are one person is: the same e-mail address; the same phone, unless more than
    :data:`MAX_PEOPLE_PER_PHONE` different e-mail addresses share it; a merge done in Shopify. Evidence
    carries: if A is B by e-mail and B is C by phone, all three are one. A name is no evidence.

    A row kept apart is evidence for nobody and has none: it stands for itself. Setting ``kept_apart``
    therefore undoes a merge, and clearing it brings the merge back, since people are worked out anew from
    the rows.

    Of a person's rows, one that was not merged away comes first, then one that Shopify knows, then the
    smallest ``customer_id``: so the row that labels are pushed to exists over there.
    """
    rows = customers.with_row_index("row").with_columns(
        linked=~pl.col("kept_apart").fill_null(value=False), row=pl.col("row").cast(pl.Int64)
    )
    links = pl.concat([_same_email(rows), _same_phone(rows), _merged(rows)])
    people = rows.with_columns(person=pl.Series(_components(links, rows.height), dtype=pl.Int64))
    standing = people.sort(_was_merged_away(rows), pl.col("shopify_id").is_null(), "customer_id")
    faces = standing.group_by("person").agg(person_id=pl.col("customer_id").first())
    return people.join(faces, on="person", how="left", maintain_order="left").select("customer_id", "person_id")


def _same_email(rows: pl.DataFrame) -> pl.DataFrame:
    return _tied_by("email_hash", rows)


def _same_phone(rows: pl.DataFrame) -> pl.DataFrame:
    by_phone = rows.filter("linked").drop_nulls("phone_hash").group_by("phone_hash")
    personal = by_phone.agg(pl.col("email_hash").drop_nulls().n_unique()).filter(
        pl.col("email_hash") <= MAX_PEOPLE_PER_PHONE
    )
    return _tied_by("phone_hash", rows.join(personal, on="phone_hash", how="semi"))


def _merged(rows: pl.DataFrame) -> pl.DataFrame:
    """Link rows to the ones they were merged into; a target that is gone or kept apart links nothing."""
    linked = rows.filter("linked")
    targets = linked.select(merged_into_id="customer_id", other="row")
    return linked.join(targets, on="merged_into_id").select("row", "other")


def _tied_by(key: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Link every row to the first one of the same key."""
    known = rows.filter("linked").drop_nulls(key).select("row", key)
    firsts = known.group_by(key).agg(other=pl.col("row").min())
    return known.join(firsts, on=key).select("row", "other").filter(pl.col("row") != pl.col("other"))


def _components(links: pl.DataFrame, height: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    if height == 0:
        return np.zeros(0, dtype=np.int32)
    ones = np.ones(links.height, dtype=np.int8)
    graph = coo_array((ones, (links["row"].to_numpy(), links["other"].to_numpy())), shape=(height, height))
    labels: np.ndarray[tuple[int], np.dtype[np.int32]] = connected_components(graph, directed=False)[1]
    return labels


def _was_merged_away(rows: pl.DataFrame) -> pl.Expr:
    """Tell rows whose merge still holds: the target is there, and neither side is kept apart."""
    targets = rows.filter("linked")["customer_id"].implode()
    return pl.col("linked") & pl.col("merged_into_id").is_in(targets).fill_null(value=False)
