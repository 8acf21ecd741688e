import re
from html import unescape

import pytest
from predicted import read_measures, set_measures
from sqlalchemy import text
from test_segment_pages import page
from web_stores import NOW

from shop_app.segments.predictions import publishing
from shop_app.segments.predictions.model import fit_predictions
from shop_app.services.read_history import read_history
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction
from shop_app.web import summaries
from shop_app.web.formats import percent


def test_every_prediction_that_is_not_published_says_why(client, grouped_store):
    before = read_measures(grouped_store)
    set_measures(
        grouped_store,
        published={"order_probability_90d": "", "predicted_clv_365d": "a year of orders is missing."},
    )
    html = page(client, grouped_store, "/report")
    set_measures(grouped_store, published=before["published"])
    shown = re.findall(r'<s-badge tone="(\w+)">(Published|Not published)</s-badge>', html)
    assert shown == [("success", "Published"), ("warning", "Not published")]
    assert "A year of orders is missing." in html


@pytest.fixture(scope="module")
def tried(grouped_store):
    """The same shop as if it were large enough for its predictions to be tried on its past."""
    with pytest.MonkeyPatch.context() as patch:
        for least in ("MIN_REPEAT_BUYERS", "MIN_WEEKS", "LEAST_POSITIVES"):
            patch.setattr(publishing, least, 1)
        with transaction(grouped_store.shop_id) as connection:
            shop = shop_settings.read(connection)
        as_of = default_as_of(grouped_store.shop_id, NOW)
        history = read_history(grouped_store.shop_id, shop, as_of=as_of)
        report = fit_predictions(history, as_of=as_of).report
    before = read_measures(grouped_store)
    set_measures(grouped_store, report=report)
    yield grouped_store
    set_measures(grouped_store, report=before["report"])


def report_of(store):
    return read_measures(store)["report"]


def test_the_card_is_summed_up_in_words(client, tried):
    words = report_of(tried)["words"]
    html = unescape(page(client, tried, "/report"))
    assert words
    assert all(sentence in html for sentence in words)


def test_what_was_said_stands_beside_what_came_true(client, tried):
    bins = report_of(tried)["order_probability_90d"]["calibration"]["bins"]
    html = page(client, tried, "/report")
    chart = html[html.index('<svg class="calibration"') :]
    assert chart[: chart.index("</svg>")].count("<circle") == len(bins) > 0
    table = chart[chart.index('<table class="limits">') : chart.index("</table>")]
    assert table.count("<tr>") == len(bins) + 1
    assert sum(int(each.replace(",", "")) for each in re.findall(r">([\d,]+)</td></tr>", table)) == sum(
        each["count"] for each in bins
    )


def test_errors_stand_beside_those_of_plain_rules(client, tried):
    chance = report_of(tried)["order_probability_90d"]
    html = page(client, tried, "/report")
    table = html[html.index("Table: Whether they order, beside plain rules") :]
    table = table[: table.index("</table>")]
    errors = [float(each) for each in re.findall(r'data-label="Squared error">([\d.]+)', table)]
    assert errors == sorted(errors)
    assert len(errors) == len(chance["baselines"]) + 1
    assert f"{chance['brier']:.3f}" in table


def test_every_day_tried_and_every_kind_of_customer_has_its_line(client, tried):
    chance = report_of(tried)["order_probability_90d"]
    html = page(client, tried, "/report")
    assert html.count('data-label="Told apart"') == len(chance["origins"]) + len(chance["baselines"]) + 1
    kinds = html[html.index("Table: By kind of customer") :]
    assert kinds[: kinds.index("</table>")].count('scope="row"') == len(chance["groups"])


def test_the_share_inside_the_intervals_is_told_with_what_was_wanted(client, tried):
    card = report_of(tried)
    html = page(client, tried, "/report")
    for words, share in (
        ("Sums inside their interval", card["predicted_clv_365d"]["interval"]["coverage_ratio"]),
        ("Next orders inside their band of days", card["next_order"]["band"]["coverage_ratio"]),
    ):
        row = html[html.index(words) :]
        assert f'data-label="Found">{percent(share)}</td>' in row[:200]
        assert 'data-label="Wanted">80.0%</td>' in row[:300]


def test_a_prediction_that_is_published_says_by_how_much_it_is_better(client, tried):
    before = read_measures(tried)
    skill = {"ratio": 0.25, "low": 0.1, "high": 0.4}
    part = {**before["report"]["order_probability_90d"], "skill": skill, "best_baseline_words": "the time"}
    set_measures(
        tried,
        published={"order_probability_90d": ""},
        report={**before["report"], "order_probability_90d": part},
    )
    html = page(client, tried, "/report")
    set_measures(tried, published=before["published"], report=before["report"])
    assert "Its errors are 25.0% smaller than when going by the time (surely between 10.0% and 40.0%)." in html


def test_the_days_of_warning_gained_are_told(client, tried):
    before = report_of(tried)
    warning = {"words": "It warns about 5 weeks before.", "median_days": 35.0, "rfm_days": 266.1}
    set_measures(tried, report={**before, "warning": {**warning, "earlier_ratio": 0.75}})
    html = page(client, tried, "/report")
    set_measures(tried, report=before)
    assert "It warns about 5 weeks before. It was sooner for 75.0% of them." in html
    assert re.search(r"Churn risk</th>\s*<td[^>]*>231 days</td>", html)
    assert re.search(r"RFM mark of 2 or less</th>\s*<td[^>]*>266 days</td>", html)


@pytest.mark.parametrize("report", [{}, {"words": ["Nothing could be tried."], "order_probability_90d": {}}])
def test_a_card_of_which_nothing_could_be_tried_is_no_failure(client, tried, report):
    before = read_measures(tried)
    set_measures(tried, report=report)
    html = page(client, tried, "/report")
    set_measures(tried, report=before["report"])
    assert "<svg" not in html
    assert "What the data is enough for" in html


def test_what_is_missing_for_more_is_said(client, grouped_store):
    html = page(client, grouped_store, "/report")
    assert "too little to predict single customers" in html
    assert "more customers with a second order" in html


def test_the_drift_since_the_fit_is_measured(client, grouped_store):
    html = page(client, grouped_store, "/report")
    assert "Since this version was learned" in html
    assert set(re.findall(r'data-label="Drift">([\d.]+)', html)) == {"0.00"}
    assert "Much the same" in html


def test_a_customer_base_that_has_moved_is_told(client, grouped_store):
    with transaction(grouped_store.shop_id) as connection:
        connection.execute(text("UPDATE customer_scores SET total_spent = total_spent * 20"))
    html = page(client, grouped_store, "/report")
    with transaction(grouped_store.shop_id) as connection:
        connection.execute(text("UPDATE customer_scores SET total_spent = total_spent / 20"))
    assert re.search(r"Money spent</th>(.|\n)*?Moved far", html)
    assert "learn anew soon" in html


def test_the_drift_of_a_large_shop_keeps_nobody_waiting(client, grouped_store, monkeypatch):
    monkeypatch.setattr(summaries, "ON_A_PAGE_UP_TO", 10)
    html = page(client, grouped_store, "/report")
    assert "Since this version was learned" not in html
    assert "watched at night" in html


@pytest.mark.parametrize("path", ["/report", "/report/fairness"])
def test_before_the_first_fit_one_is_told_what_is_missing_and_how_it_comes(client, busy_store, path):
    html = page(client, busy_store, path)
    assert "Nothing to report yet" in html
    assert 'href="/goals?' in html
    assert "more customers with a second order" in html


@pytest.mark.parametrize("path", ["/report", "/report/fairness"])
def test_a_shop_without_a_run_is_told_what_comes_first(client, empty_store, path):
    assert "kindred import" in page(client, empty_store, path)


def test_the_audit_sets_each_group_beside_all_others(client, grouped_store):
    audit = read_measures(grouped_store)["fairness"]
    html = page(client, grouped_store, "/report/fairness")
    assert html.count('data-label="Verdict"') == audit["comparison_count"] > 0
    assert html.count(">Stands out<") == audit["flag_count"]
    assert all(words.split(":")[0] in html for words in audit["not_compared"])


def test_a_difference_stands_out_by_words(client, grouped_store):
    before = read_measures(grouped_store)["fairness"]
    row = {
        "measure": "offer_ratio",
        "dimension": "country",
        "group": "<FR>",
        "group_count": 40,
        "value": 0.9,
        "others_value": 0.3,
        "difference": 0.6,
        "low": 0.4,
        "high": 0.8,
        "is_flagged": True,
    }
    set_measures(grouped_store, fairness={**before, "rows": [row], "words": ["France gets more offers."]})
    html = page(client, grouped_store, "/report/fairness")
    set_measures(grouped_store, fairness=before)
    assert "France gets more offers." in html
    assert "Country: &lt;FR&gt;" in html
    assert '<s-badge tone="warning">Stands out</s-badge>' in html
