"""Learned groups: live by themselves where nobody is surprised, else they wait; any day can be rebuilt."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from learned_shop import a_learned_shop, a_member_of, segments_of
from polars.testing import assert_frame_equal
from sqlalchemy import text
from stored_rows import an_order

from shop_app.errors import NotFoundError, RefusedError
from shop_app.services.compare_days import compare_days
from shop_app.services.describe_customer import describe_customer
from shop_app.services.describe_fit import describe_fit, fit_overview, newest_report
from shop_app.services.fit_segments import fit_segments
from shop_app.services.fit_states import approve_fit, reject_fit, restore_fit, review_segments
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.segment_choices import change_choices
from shop_app.services.segment_stability import segment_stability
from shop_app.services.segments_as_of import segments_as_of
from shop_app.storage import customer_scores, decisions, model_fits
from shop_app.storage.engine import transaction

CLOCK = datetime(2026, 7, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def learned(database, tmp_path_factory):
    return a_learned_shop(tmp_path_factory.mktemp("sample"), CLOCK)


@pytest.fixture
def shop(learned):
    """The learned shop with its first version live, whatever the test before has done."""
    yield learned
    with transaction(learned.shop_id) as connection:
        connection.execute(text("UPDATE shop_settings SET segmentation = '{}'"))
        connection.execute(text("DELETE FROM model_fits WHERE as_of > :as_of"), {"as_of": learned.as_of})
        customer_scores.forget_after(connection, learned.as_of, of=None)
        firsts = {"segmentation": learned.fitted.card, "rfm": model_fits.list_cards(connection, "rfm")[-1]}
        for kind, first in firsts.items():
            connection.execute(
                text("DELETE FROM model_fits WHERE kind = :kind AND id <> :id"), {"kind": kind, "id": first.id}
            )
            connection.execute(
                text("UPDATE model_fits SET live = true, state = 'live' WHERE id = :id"), {"id": first.id}
            )
    refresh_customers(learned.shop_id, None, as_of=learned.as_of)


def decided(shop_id):
    with transaction(shop_id) as connection:
        return [(line.who, line.about, line.to_state) for line in decisions.list_newest(connection, kind="fit")]


def groups_of(shop):
    return {group["slug"] for group in describe_fit(shop.shop_id, shop.fitted.card.id).groups}


def test_the_first_fit_of_a_shop_that_passes_its_checks_is_live_by_itself_and_the_record_says_so(shop):
    card = shop.fitted.card
    assert (card.version, card.state, card.live_from) == (1, "live", shop.as_of)
    assert decided(shop.shop_id)[-4:] == [
        ("Kindred", "version 1", "live"),
        ("Kindred", "version 1", "approved"),
        ("Kindred", "version 1", "validated"),
        ("Kindred", "version 1", "draft"),
    ]
    assert card.review_at == (CLOCK + timedelta(days=30)).date()


def test_everybody_with_an_order_is_in_one_of_the_groups_and_nobody_else(shop):
    scores = customer_scores.read_all(shop.shop_id)
    buyers, others = scores.filter(pl.col("order_count") > 0), scores.filter(pl.col("order_count") == 0)
    assert set(buyers["segment"]) == groups_of(shop)
    assert set(others["segment"]) <= {"prospects"}
    assert set(buyers["fit_id"]) == {shop.fitted.card.id}
    assert buyers["margin"].is_between(0, 1).all()
    assert buyers["rfm_group"].null_count() == 0


def test_any_sequence_of_refreshes_gives_the_rows_of_a_full_one(shop):
    at_once = customer_scores.read_all(shop.shop_id)
    ids = at_once["customer_id"].to_list()
    with transaction(shop.shop_id) as connection:
        connection.execute(text("DELETE FROM customer_scores WHERE customer_id % 3 = 0"))
    for begin in range(0, len(ids), 150):
        refresh_customers(shop.shop_id, ids[begin : begin + 150], as_of=shop.as_of)
    refresh_customers(shop.shop_id, ids[5:6], as_of=shop.as_of)
    settled = ("settled_segment", "segment_since")
    assert_frame_equal(
        customer_scores.read_all(shop.shop_id).drop(settled), at_once.drop(settled), check_exact=True
    )


def test_the_overview_counts_the_published_groups_and_the_rfm_groups_apart(shop):
    summary = segments_as_of(shop.shop_id, None)
    assert summary["grouping"]["version"] == 1
    assert {row["slug"] for row in summary["segments"]} == {*groups_of(shop), "prospects"}
    for name in ("segments", "rfm_groups"):
        assert sum(row["customer_count"] for row in summary[name]) == summary["customer_count"]
    assert all(row["advice"] and row["description"] for row in summary["segments"])


def test_a_fit_that_would_move_too_many_waits_and_changes_nothing_until_a_person_says_so(shop):
    before = segments_of(shop.shop_id)
    change_choices(shop.shop_id, {"goal": "win-back", "move_limit_ratio": 0.01}, who="ann", at=CLOCK)
    fitted = fit_segments(shop.shop_id, as_of=shop.as_of, at=CLOCK, reason="Asked for.")
    assert fitted.card.state == "validated"
    assert "Waits for you" in fitted.words
    refresh_customers(shop.shop_id, None, as_of=shop.as_of)
    assert segments_of(shop.shop_id) == before
    assert fit_overview(shop.shop_id, today=CLOCK.date()).waiting.id == fitted.card.id

    approve_fit(shop.shop_id, fitted.card.id, who="ann", at=CLOCK, note="as planned")
    assert segments_of(shop.shop_id) != before
    assert ("ann", f"version {fitted.card.version}", "live") in decided(shop.shop_id)
    assert ("ann", "version 1", "retired") in decided(shop.shop_id)
    with pytest.raises(RefusedError, match="it is live already"):
        approve_fit(shop.shop_id, fitted.card.id, who="bob", at=CLOCK)

    back = restore_fit(shop.shop_id, shop.fitted.card.id, who="ann", at=CLOCK)
    assert back.version == fitted.card.version + 1
    assert segments_of(shop.shop_id) == before


def test_a_fit_put_aside_cannot_be_approved_any_more_and_nobody_moves(shop):
    before = segments_of(shop.shop_id)
    change_choices(shop.shop_id, {"goal": "win-back", "move_limit_ratio": 0.01}, who="ann", at=CLOCK)
    fitted = fit_segments(shop.shop_id, as_of=shop.as_of, at=CLOCK)
    reject_fit(shop.shop_id, fitted.card.id, who="ann", at=CLOCK, note="not now")
    with pytest.raises(RefusedError, match="it is retired"):
        approve_fit(shop.shop_id, fitted.card.id, who="ann", at=CLOCK)
    with pytest.raises(RefusedError, match="not one that was live"):
        restore_fit(shop.shop_id, fitted.card.id, who="ann", at=CLOCK)
    assert segments_of(shop.shop_id) == before


def test_a_fit_of_another_shop_is_not_there(shop, shop_id):
    for deed in (approve_fit, reject_fit, restore_fit):
        with pytest.raises(NotFoundError):
            deed(shop_id, shop.fitted.card.id, who="ann", at=CLOCK)
    assert newest_report(shop_id) is None


def test_the_same_facts_fitted_again_move_nobody_and_go_live_by_themselves(shop):
    before = segments_of(shop.shop_id)
    again = fit_segments(shop.shop_id, as_of=shop.as_of, at=CLOCK)
    assert (again.card.state, again.measures["moved_ratio"]) == ("live", 0.0)
    refresh_customers(shop.shop_id, None, as_of=shop.as_of)
    assert segments_of(shop.shop_id) == before


def test_a_review_is_noted_and_the_next_one_is_due_after_the_chosen_time(shop):
    change_choices(shop.shop_id, {"review": "quarterly", "owner": "Ann"}, who="ann", at=CLOCK)
    card = review_segments(shop.shop_id, who="ann", at=CLOCK, note="VIPs are fine")
    assert (card.review_at, card.owner) == ((CLOCK + timedelta(days=91)).date(), "Ann")
    assert not fit_overview(shop.shop_id, today=CLOCK.date()).review_due
    assert fit_overview(shop.shop_id, today=card.review_at).review_due


def without_later(summary):
    """Leave out how the answer came about, and the one line of the ledger that tells of later orders."""
    ledger = [row for row in summary["ledger"] if row["verdict"] != "after_as_of"]
    return {**summary, "ledger": ledger, "stored": None, "computed_at": None}


def test_a_day_is_rebuilt_from_its_own_fit_whatever_came_later(shop):
    original = segments_as_of(shop.shop_id, shop.as_of)
    later = shop.as_of + timedelta(days=40)
    lost = a_member_of(shop.shop_id, "at-risk")
    order_id = an_order(shop.shop_id, lost, at=later, total=90_000, currency="USD")
    try:
        change_choices(shop.shop_id, {"goal": "win-back", "move_limit_ratio": 1.0}, who="ann", at=CLOCK)
        fitted = fit_segments(shop.shop_id, as_of=later, at=CLOCK)
        if not fitted.is_live:
            approve_fit(shop.shop_id, fitted.card.id, who="ann", at=CLOCK + timedelta(days=60))
        refresh_customers(shop.shop_id, None, as_of=later, refit=True)
        assert segments_as_of(shop.shop_id, None)["grouping"]["goal"] == "win-back"

        rebuilt = segments_as_of(shop.shop_id, shop.as_of)
        assert not rebuilt["stored"]
        assert without_later(rebuilt) == without_later(original)
    finally:
        with transaction(shop.shop_id) as connection:
            connection.execute(text("DELETE FROM orders WHERE id = :id"), {"id": order_id})


def test_what_moves_a_customer_by_their_page_does_move_them(shop):
    customer_id = a_member_of(shop.shop_id, "at-risk")
    story = describe_customer(shop.shop_id, customer_id, as_of=shop.as_of)
    assert story.segment == "at-risk"
    assert story.why
    assert story.reason.startswith(story.segment_name)
    with transaction(shop.shop_id) as connection:
        names = {
            group["name"]: group["slug"] for group in describe_fit(shop.shop_id, shop.fitted.card.id).groups
        }
        usual = connection.execute(
            text(
                "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY total) FROM orders WHERE customer_id = :id"
            ),
            {"id": customer_id},
        ).scalar_one()
    promised = next(slug for name, slug in names.items() if name in story.moves[0])
    order_id = an_order(shop.shop_id, customer_id, at=shop.as_of, total=usual, currency="USD")
    try:
        refresh_customers(shop.shop_id, [customer_id], as_of=shop.as_of)
        assert segments_of(shop.shop_id)[customer_id] == promised
    finally:
        with transaction(shop.shop_id) as connection:
            connection.execute(text("DELETE FROM orders WHERE id = :id"), {"id": order_id})


def test_two_days_are_compared_by_the_groups_of_today_where_those_are_younger(shop):
    found = compare_days(shop.shop_id, shop.as_of - timedelta(days=60), shop.as_of)
    assert found["with_todays_groups"]
    after = {row["slug"]: row["after_count"] for row in found["segments"] if row["after_count"]}
    now = segments_of(shop.shop_id)
    assert after == {slug: list(now.values()).count(slug) for slug in set(now.values())}
    assert found["moved_count"] > 0


def test_stability_is_known_only_after_the_first_week_of_a_fit(shop):
    told = segment_stability(shop.shop_id)
    assert (told["weeks"], told["verdict"]) == ([], "unknown")


def test_measures_hold_no_customer(shop):
    """What is kept of a fit is shown, exported and stored for good."""
    with transaction(shop.shop_id) as connection:
        measures = str(model_fits.read_measures(connection, shop.fitted.card.id))
    assert "@example" not in measures
    assert "customer_id" not in measures
