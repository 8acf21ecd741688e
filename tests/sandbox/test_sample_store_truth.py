"""What the truth says is what the files show."""

from datetime import date, timedelta

import polars as pl
import pytest

from sandbox.sample_store.kinds import SHARES, Kind
from sandbox.sample_store.planted import PAIRS, SEQUENCES

ALL_KINDS_PAIRS = [pair for pair in PAIRS if len(pair.kinds) > 1]
ONE_KIND_PAIRS = [pair for pair in PAIRS if len(pair.kinds) == 1]


def buyers(shop):
    counted = shop.store.truth.orders.filter(pl.col("verdict") == "counts")
    net = pl.col("total") - pl.col("refunded") - pl.col("outstanding")
    return (
        counted.group_by("person").agg(pl.len(), pl.first("kind"), net=net.sum()).sort("net", descending=True)
    )


def lift(baskets, first, second):
    orders = baskets["Name"].n_unique()
    with_first, with_second = (set(baskets.filter(pl.col("sku") == sku)["Name"]) for sku in (first, second))
    return len(with_first & with_second) * orders / (len(with_first) * len(with_second))


def test_kinds_are_mixed_as_stated(shop):
    shares = shop.store.truth.customers["kind"].value_counts()
    for kind in Kind:
        found = shares.filter(pl.col("kind") == kind.slug)["count"].sum() / 5000
        assert found == pytest.approx(SHARES[kind] / SHARES.sum(), abs=0.015), kind.slug


def test_most_customers_buy_once_and_few_bring_most(shop):
    people = buyers(shop)
    assert 0.55 <= (people["len"] == 1).mean() <= 0.65
    top = people["net"].head(people.height // 10).sum() / people["net"].sum()
    assert 0.40 <= top <= 0.52


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        ("one_and_done", 1, 1),
        ("habit", 9, 18),
        ("gift", 2, 4),
        ("bargain", 3.5, 7),
        ("rising", 6, 12),
        ("lapsing", 5, 8),
    ],
)
def test_each_kind_orders_as_often_as_its_nature_says(shop, kind, least, most):
    mean = buyers(shop).filter(pl.col("kind") == kind)["len"].mean()
    assert least <= mean <= most


def test_every_order_stands_in_file_and_truth_under_one_name(shop):
    truth = shop.store.truth.orders
    assert shop.heads["Name"].to_list() == truth["name"].to_list()
    assert shop.heads["Id"].cast(pl.Int64).to_list() == truth["order_id"].to_list()
    assert (shop.heads["Total"].cast(pl.Decimal(12, 2)) * 100 == truth["total"]).all()


def test_verdicts_are_seen_in_the_file(shop):
    told = shop.heads.with_columns(shop.store.truth.orders["verdict"])
    seen = {
        "test": pl.col("Payment Method") == "(for testing) Bogus Gateway",
        "cancelled": pl.col("Cancelled at").is_not_null(),
        "unpaid": pl.col("Paid at").is_null() & pl.col("Cancelled at").is_null(),
        "zero": pl.col("Total") == "0.00",
        "fully_refunded": (pl.col("Financial Status") == "refunded") & pl.col("Cancelled at").is_null(),
    }
    for verdict, sign in seen.items():
        told_so, shown_so = told.filter(pl.col("verdict") == verdict), told.filter(sign)
        assert told_so["Name"].to_list() == shown_so["Name"].to_list(), verdict
        assert told_so.height >= 5
    counts = told.filter(pl.col("verdict") == "counts")
    assert counts["Currency"].unique().to_list() == ["USD"]
    assert (counts["Email"].is_not_null() | counts["Phone"].is_not_null()).all()


def test_orders_of_gift_cards_only_hold_nothing_else(shop):
    lines = shop.orders.join(shop.store.truth.orders, left_on="Name", right_on="name")
    card = pl.col("Lineitem name").str.starts_with("Gift Card")
    only = lines.group_by("Name").agg(pl.first("fate"), only=card.all(), some=card.any())
    assert (only["only"] == (only["fate"] == "gift_card_only")).all()
    assert only.filter(pl.col("some") & ~pl.col("only")).height > 50


def test_mishaps_are_as_common_as_in_a_real_shop(shop):
    fates = shop.store.truth.orders["fate"].value_counts(normalize=True)
    shares = dict(fates.iter_rows())
    cancelled = shares["cancelled_and_refunded"] + shares["cancelled_and_voided"]
    assert 0.015 <= cancelled <= 0.025
    assert 0.03 <= shares["refunded"] + shares["partly_refunded"] <= 0.05
    assert set(shop.heads["Financial Status"]) == {
        *(
            "paid",
            "partially_paid",
            "partially_refunded",
            "refunded",
            "pending",
            "authorized",
            "voided",
            "expired",
        ),
    }
    euro = (shop.heads["Currency"] == "EUR").mean()
    assert 0.005 <= euro <= 0.03
    assert set(shop.heads["Source"]) == {"web", "pos", "shopify_draft_order", "7041189"}


def test_the_year_has_its_seasons(shop):
    created = pl.col("created_at").dt.convert_time_zone("America/New_York")
    orders = shop.store.truth.orders.filter(pl.col("verdict") == "counts", created.dt.year() == 2025)
    months = dict(orders.group_by(created.dt.month()).agg(pl.col("total").sum()).iter_rows())
    assert min(months, key=months.get) == 7
    assert sorted(months, key=months.get)[-2:] == [11, 12]
    assert months[12] > 2 * months[7]


def test_bargain_hunters_always_have_a_code_and_the_regulars_hardly_ever(shop):
    orders = shop.store.truth.orders.filter(pl.col("verdict") == "counts")
    coded = dict(orders.group_by("kind").agg((pl.col("discount") > 0).mean()).iter_rows())
    assert coded["bargain"] == 1
    assert max(coded["habit"], coded["rising"], coded["lapsing"]) < 0.06


def test_lapsed_customers_are_silent_and_habit_buyers_are_not(shop):
    orders = shop.store.truth.orders.filter(pl.col("verdict") == "counts")
    last = orders.group_by("person").agg(pl.first("kind"), pl.max("created_at"))
    silent = dict(
        last.group_by("kind")
        .agg((pl.col("created_at") < pl.lit(orders["created_at"].max()) - timedelta(days=90)).mean())
        .iter_rows()
    )
    assert silent["lapsing"] > 0.75
    assert silent["habit"] < 0.15
    assert silent["rising"] < 0.02


def test_most_presents_go_to_another_address(shop):
    gift = shop.store.truth.orders.filter(pl.col("kind") == "gift", pl.col("channel") == "web")["name"]
    sent = shop.heads.filter(pl.col("Name").is_in(gift.implode()), pl.col("Shipping Name").is_not_null())
    assert (sent["Shipping Name"] != sent["Billing Name"]).mean() > 0.8


def test_kinds_keep_their_own_hours(shop):
    local = pl.col("created_at").dt.convert_time_zone("America/New_York")
    orders = shop.store.truth.orders.with_columns(hour=local.dt.hour(), weekday=local.dt.weekday())
    hours = dict(orders.group_by("kind").agg(pl.col("hour").mode().first()).iter_rows())
    assert hours["habit"] == 7
    assert hours["bargain"] == 12
    assert 20 <= hours["gift"] <= 21
    weekend = dict(orders.group_by("kind").agg((pl.col("weekday") >= 6).mean()).iter_rows())
    assert weekend["rising"] > 2 * weekend["habit"]
    assert weekend["wholesale"] == 0


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.first_sku}+{pair.second_sku}")
def test_planted_pairs_are_bought_together_far_above_chance(shop, pair):
    assert lift(shop.baskets, pair.first_sku, pair.second_sku) > 3.5
    with_first = shop.baskets.filter(pl.col("kind").is_in([kind.slug for kind in pair.kinds]))
    names = with_first.filter(pl.col("sku") == pair.first_sku)["Name"]
    both = with_first.filter(pl.col("sku") == pair.second_sku, pl.col("Name").is_in(names.implode()))
    assert both.height >= 30
    confidence = both.height / names.len()
    launched_late = pair.second_sku.startswith("CNDL")
    assert confidence > (0.2 if launched_late else 0.85 * pair.myriadths / 10_000)


@pytest.mark.parametrize("pair", ONE_KIND_PAIRS, ids=lambda pair: pair.kinds[0].slug)
def test_a_pair_of_one_kind_is_chance_for_the_others(shop, pair):
    kind = pair.kinds[0].slug
    assert lift(shop.baskets.filter(pl.col("kind") == kind), pair.first_sku, pair.second_sku) > 2.5
    assert lift(shop.baskets.filter(pl.col("kind") != kind), pair.first_sku, pair.second_sku) < 1.3


def test_planted_pairs_take_the_first_places(shop):
    """By evidence (times seen, times the logarithm of lift) nothing else comes near."""
    baskets = shop.baskets.select("Name", "sku")
    pairs = baskets.join(baskets, on="Name").filter(pl.col("sku") < pl.col("sku_right"))
    seen = pairs.group_by("sku", "sku_right").len()
    times = baskets.group_by("sku").len().rename({"len": "times"})
    seen = seen.join(times, on="sku").join(times, left_on="sku_right", right_on="sku", suffix="_right")
    chance = pl.col("times") * pl.col("times_right") / baskets["Name"].n_unique()
    best = seen.sort(pl.col("len") * (pl.col("len") / chance).log(), descending=True).head(len(PAIRS))
    planted = {tuple(sorted((pair.first_sku, pair.second_sku))) for pair in PAIRS}
    assert set(best.select("sku", "sku_right").iter_rows()) == planted


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda sequence: sequence.then_sku)
def test_who_buys_the_first_comes_back_for_the_second_within_a_fortnight(shop, sequence):
    bought = shop.baskets.select("person", "sku", "created_at")
    first = bought.filter(pl.col("sku") == sequence.first_sku)
    then = bought.filter(pl.col("sku") == sequence.then_sku)
    gap = first.join(then, on="person").with_columns(gap=pl.col("created_at_right") - pl.col("created_at"))
    window = timedelta(days=sequence.within_days)
    after = gap.filter(pl.col("gap") > timedelta(0), pl.col("gap") <= window)["person"].n_unique()
    before = gap.filter(pl.col("gap") < timedelta(0), pl.col("gap") >= -window)["person"].n_unique()
    assert first["person"].n_unique() > 150
    assert after / first["person"].n_unique() > 0.3
    assert before <= 2


def test_the_dead_end_is_where_people_stop(shop):
    firsts = shop.baskets.sort("created_at", maintain_order=True).filter(
        pl.col("created_at") == pl.col("created_at").min().over("person")
    )
    once = firsts.group_by("sku").agg(pl.len(), once=(pl.col("kind") == "one_and_done").mean())
    worst = once.filter(pl.col("len") >= 50).sort("once", descending=True)
    assert worst["sku"][0] == shop.store.truth.dead_end_sku
    assert worst["once"][0] > worst["once"][1] + 0.15


def test_candles_were_launched_and_a_book_was_renamed_on_the_way(shop):
    told = shop.store.truth.to_json()
    created = pl.col("Created at").str.slice(0, 10)
    candles = shop.orders.filter(pl.col("Vendor") == "Hearthwick").select(created.min()).item()
    assert candles == told["launched"]["Hearthwick"]
    titles = (
        shop.orders.filter(pl.col("Lineitem sku") == "BOOK-012")
        .group_by("Lineitem name")
        .agg(created.min(), last=created.max())
    )
    assert titles.height == 2
    changed = told["renamed"]["BOOK-012"]
    assert titles["last"].min() < changed <= titles["Created at"].max()


def test_an_earlier_day_knows_less_and_nothing_else(shop):
    earlier = shop.store.as_at(date(2026, 9, 30)).truth.orders
    later = shop.store.truth.orders.tail(earlier.height)
    assert earlier["created_at"].max() < later["created_at"].max() + timedelta(seconds=1)
    same = [name for name in earlier.columns if name not in ("fate", "verdict", "refunded", "outstanding")]
    assert earlier.select(same).equals(later.select(same))
    changed = earlier.filter(earlier["fate"] != later["fate"])
    assert 0 < changed.height < 60
    assert set(changed["fate"]) <= {"plain", "pending", "authorized"}
    with pytest.raises(ValueError, match="the store runs from 2024-05-01 to 2026-10-31"):
        shop.store.as_at(date(2027, 1, 1))
