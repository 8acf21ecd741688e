"""Features of the public CDNOW data set against the counts its notes state and the papers' own summary."""

from datetime import UTC, datetime

import polars as pl
import pytest
from segment_frames import NO_CATEGORIES, NO_REFUNDS, ORDER_SCHEMA, customers

from shop_app.segments.features import build_features
from shop_app.segments.labels import label_customers
from shop_app.segments.ledger import LedgerRules, judge_orders, loose_refunds
from shop_app.segments.rfm import fit_rfm
from shop_app.segments.vocabularies import VOCABULARIES

FREE_TOO = LedgerRules("USD", count_free_orders=True)  # the papers leave orders of nothing in
CALIBRATION = datetime(1997, 9, 30, 23, 59, 59, tzinfo=UTC)
END = datetime(1998, 6, 30, 23, 59, 59, tzinfo=UTC)


def read(path, names, *, header_lines=0):
    """Read a table whose columns stand apart by spaces."""
    lines = pl.read_csv(path, has_header=False, new_columns=["line"], separator="\0", skip_rows=header_lines)
    fields = pl.col("line").str.extract_all(r"\S+")
    return lines.select(fields.list.get(place).alias(name) for place, name in enumerate(names))


def as_orders(rows):
    cents = (pl.col("dollars").cast(pl.Float64) * 100).round().cast(pl.Int64)
    placed = rows.select(
        customer_id=pl.col("id").cast(pl.Int64),
        processed_at=pl.col("date").str.to_datetime("%Y%m%d", time_unit="us", time_zone="UTC"),
        total=cents,
        goods_total=cents,
        item_count=pl.col("discs").cast(pl.Float64),
        gift_card_total=pl.lit(0),
        excluded_tag=pl.lit(value=False),
    ).with_row_index("order_id")
    absent = [
        pl.lit(None, kind).alias(name) for name, kind in ORDER_SCHEMA.items() if name not in placed.columns
    ]
    return placed.with_columns(absent).select(*ORDER_SCHEMA).cast(ORDER_SCHEMA)


@pytest.fixture(scope="module")
def sample(reference):
    folder = reference / "data" / "cdnow"
    return as_orders(read(folder / "CDNOW_sample.txt.gz", ["master_id", "id", "date", "discs", "dollars"]))


@pytest.fixture(scope="module")
def master(reference):
    folder = reference / "data" / "cdnow"
    return as_orders(read(folder / "CDNOW_master.txt.gz", ["id", "date", "discs", "dollars"], header_lines=1))


@pytest.fixture(scope="module")
def published(reference):
    folder = reference / "data" / "cdnow"
    return pl.read_csv(folder / "cdnow_customers_summary_with_transactions.csv", infer_schema_length=None)


def features_of(placed, as_of, rules=FREE_TOO):
    judged = judge_orders(placed, NO_REFUNDS, rules, as_of=as_of)
    rest = placed.drop("order_id", "customer_id", "processed_at")
    counted = judged.hstack(rest).filter(pl.col("verdict") == "counts")
    loose = loose_refunds(NO_REFUNDS, rules, as_of=as_of)
    return build_features(counted, NO_CATEGORIES, loose, customers(), as_of=as_of, timezone="UTC")


def by_day(placed):
    """Merge a customer's orders of one day, as the data set's notes ask for before counting repeats."""
    return placed.unique(["customer_id", "processed_at"], keep="first", maintain_order=True)


def test_the_files_have_the_counts_their_notes_state(master, sample):
    assert (master.height, master["customer_id"].n_unique()) == (69_659, 23_570)
    assert (sample.height, sample["customer_id"].n_unique()) == (6_919, 2_357)
    for placed, free in ((master, 80), (sample, 8)):
        judged = judge_orders(placed, NO_REFUNDS, LedgerRules("USD"), as_of=END)
        assert judged["verdict"].value_counts().sort("count").rows() == [
            ("zero", free),
            ("counts", placed.height - free),
        ]
    assert (master.height - by_day(master).height, sample.height - by_day(sample).height) == (2_068, 223)


def test_free_orders_count_as_purchases_only_where_the_merchant_says_so(master):
    with_free, without = features_of(master, END), features_of(master, END, LedgerRules("USD"))
    assert (with_free["order_count"].sum(), without["order_count"].sum()) == (69_659, 69_659 - 80)
    assert with_free["total_spent"].sum() == without["total_spent"].sum() == master["total"].sum()


def test_repeats_and_ages_are_those_of_the_published_summary(sample, published):
    features = features_of(by_day(sample.filter(pl.col("processed_at") <= CALIBRATION)), CALIBRATION)
    weeks = (pl.col("last_order_at") - pl.col("first_order_at")).dt.total_days() / 7
    ours = features.select(
        x=pl.col("order_count") - 1, t_x=weeks, T=pl.col("tenure_days").floor() / 7, id="customer_id"
    )
    assert ours["id"].to_list() == published["ID"].to_list()
    assert ours["x"].to_list() == published["x"].to_list()
    assert ours["t_x"].to_list() == pytest.approx(published["t_x"].to_list(), abs=0.006)
    assert ours["T"].to_list() == pytest.approx(published["T"].to_list(), abs=0.006)


def test_mean_gaps_are_those_of_the_published_summary_without_merging_first(sample, published):
    features = features_of(sample.filter(pl.col("processed_at") <= CALIBRATION), CALIBRATION)
    repeaters = published.filter(pl.col("x") > 0)
    expected = (repeaters["t_x"] / repeaters["x"] * 7).to_list()
    known = features.drop_nulls("interval_mean_days")
    assert known["customer_id"].to_list() == repeaters["ID"].to_list()
    assert known["interval_mean_days"].to_list() == pytest.approx(expected, abs=0.05)


def test_every_customer_of_cdnow_has_a_group(master):
    features = features_of(master, END)
    edges = fit_rfm(features)
    labelled = label_customers(features, edges, "shopify", "all")
    assert edges.source == "quintiles"
    assert labelled.height == 23_570
    # One cohort of the first quarter of 1997: a year on nobody is new, and nobody is without an order.
    absent = {"new", "promising", "prospects"}
    named = {group.slug for group in VOCABULARIES["shopify"].groups_at("all")}
    assert set(labelled["rfm_group"]) == named - absent
    assert edges.order_count == (2, 3, 4, 5)
