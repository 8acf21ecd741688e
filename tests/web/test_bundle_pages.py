import csv
import io
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from bundle_shop import SEGMENT, BundleShop
from test_fits_pages import rows_of
from test_markup import check
from test_own_segments_pages import beside
from test_segment_pages import page

from shop_app.bundles.terms import Form
from shop_app.clock import utc_now
from shop_app.services.ask_for_bundles import BUNDLES
from shop_app.services.bundle_choices import change_bundle_choices, read_bundle_choices
from shop_app.services.decide_bundles import approve_bundle
from shop_app.services.describe_offers import describe_offer, list_offers
from shop_app.services.draft_bundles import draft_bundle
from shop_app.storage import basket_findings, bundles, due_work
from shop_app.storage.engine import shopless, transaction

RULES = {
    "level": "variant",
    "window_days": "14",
    "patience_days": "180",
    "most_discount_percent": "20",
    "least_stock": "10",
    "margin_floor_percent": "30",
    "assumed_cost_percent": "",
    "uptake_low_percent": "25",
    "uptake_percent": "50",
    "uptake_high_percent": "100",
    "never_together": "",
    "never_discounted": "",
    "seasons": "",
    "left_out": "",
    "kept_in": "",
}
OFFER = {
    "title": "Tea time",
    "discount_percent": "15",
    "segment": "",
    "code": "",
    "uses_per_order": "1",
    "uses_most": "",
    "starts_on": "",
    "ends_on": "",
}


@pytest.fixture
def store(shop_id):
    return BundleShop(shop_id)


@pytest.fixture
def found(store):
    store.looked_at()
    return store


@pytest.fixture
def post(client, store, same_origin):
    def post(path, **fields):
        return client.post(f"/bundles{path}", query_string=store.picked, data=fields, headers=same_origin)

    return post


def drafted(store, form=Form.BUY_GET, **changes):
    made = store.made(form)
    terms = made.terms if not changes else type(made.terms).from_json(made.terms.to_json() | changes)
    return draft_bundle(store.shop_id, terms, title="Tea time", facts=made.to_json(), who="local", at=utc_now())


def words_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def lines_of(html, caption):
    """Return the lines of a table that leads to a sum, as text."""
    table = html[html.index(caption) :]
    rows = re.findall(r"<tr>(.*?)</tr>", table[table.index("<tbody") : table.index("</table>")], re.DOTALL)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
    return [" | ".join(re.sub(r"<[^>]*>", "", cell).strip() for cell in row) for row in cells]


def bundle(store, bundle_id):
    return describe_offer(store.shop_id, bundle_id).bundle


def test_a_shop_whose_baskets_nobody_has_looked_at_is_told_when_that_is_done(client, store):
    for path in ("/bundles", "/bundles/pairs", "/bundles/sequences"):
        html = page(client, store, path)
        assert "The baskets have not been looked at yet." in html
        assert "Nobody has looked at the baskets yet." in html


def test_a_shop_with_too_few_orders_is_told_what_is_missing(client, store):
    missing = "There are 12 orders with two things or more. From about 300 on it can be told."
    store.looked_at(
        store.pair(), enough=False, words=[missing], baskets_of_several=12, baskets_needed=300, days=[100, 200]
    )
    html = page(client, store, "/bundles")
    assert missing in html
    assert "At the pace so far that is reached in about 2,400 days, on 24 Jan 2033." in html


def test_a_new_look_is_asked_for_with_one_button(client, found, post):
    answer = post("/look-again")
    assert answer.status_code == 303
    assert "A look has been asked for." in client.get(answer.location).text
    with shopless() as connection:
        assert BUNDLES in due_work.list_of_shop(connection, found.shop_id)


def test_candidates_stand_by_the_margin_that_they_are_expected_to_bring(client, found):
    rows = rows_of(page(client, found, "/bundles"), "Candidates")
    assert [row.split(" | ")[2][:7] for row in rows] == ["€900.00", "€561.00", "€200.00"]
    assert rows[0].startswith("Tea pot, with Cup 15 % offBuy one, get another | Champions | ")
    assert "€187.00 to €1,122.00" in rows[1]
    assert "€30.5062.9% of the price | 15 %€48.50 paid | 50sales | 3.2\u00d72.9\u00d7 to 3.5\u00d7" in rows[1]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({"segment": SEGMENT}, ["Tea pot, with Cup 15 % off"]),
        ({"segment": "everybody"}, ["Tea pot, then Cup", "Tea pot &amp; Cup set"]),
        ({"form": "fixed"}, ["Tea pot &amp; Cup set"]),
        ({"form": "third"}, None),
    ],
)
def test_candidates_are_filtered_by_whom_they_are_for_and_by_form(client, found, asked, titles):
    html = page(client, found, "/bundles", **asked)
    if titles is None:
        assert "Nothing of this kind can be offered." in html
    else:
        assert re.findall(r'<a class="strong" href="[^"]*">([^<]*)</a>', html) == titles


def test_what_is_not_offered_stands_with_its_reason(client, found):
    html = page(client, found, "/bundles", show="left-out")
    assert rows_of(html, "Not offered") == ["Spoon + Cup | Too little stock."]
    assert rows_of(html, "Goods left out") == ["Gift card | Money, no goods."]


def candidate_page(client, found, **query):
    made = found.made(query.pop("form", Form.BUY_GET))
    return page(client, found, "/bundles/candidate", key=made.key, **query)


def test_a_candidate_shows_its_arithmetic_step_by_step(client, found):
    html = candidate_page(client, found)
    assert lines_of(html, "worked out, step by step") == [
        "Orders with Tea pot in 90 days | 1,000",
        "Assumed: take Cup because it is cheaper | 5.0%",
        "Expected extra margin in 90 days | €561.00",
    ]
    words = words_of(html)
    assert "With 1 \u00d7 Tea pot in the cart, 1 \u00d7 Cup costs 15 % less. For everybody." in words
    assert "€187.00 to €1,122.00 in 90 days" in words


def test_a_candidate_shows_its_evidence_in_words_and_who_would_have_bought_anyway(client, found):
    words = words_of(candidate_page(client, found))
    assert "412 of 10,000 orders (4.1 %) since both are sold hold both." in words
    assert "That is 3.2\u00d7 what orders of these sizes would hold by chance" in words
    assert "in 95 of 100 cases the truth lies between 2.9\u00d7 and 3.5\u00d7." in words
    assert "90 of 600 customers (15.0 %) who bought Tea pot bought Cup soon after." in words
    assert "about 78 would have bought all of it anyway" in words


def test_a_candidate_shows_stock_and_both_ways_of_offering_it_side_by_side(client, found):
    html = candidate_page(client, found)
    assert rows_of(html, "Parts") == [
        "Tea pot | €40.00 | €15.00 | €25.00 | 60",
        "Cup | €10.00 | €3.00 | €7.00 | 400",
    ]
    words = words_of(html)
    assert "Tea pot: 60 in stock, of which 10 are kept back; enough for 50 sales." in words
    assert "All in one set (pure)" in html
    assert "Single, cheaper together (mixed)" in html
    assert "€45.00 instead of €50.00" in words
    assert "€48.50 instead of €50.00" in words
    assert "Look at it: Tea pot & Cup set" in words


def test_a_candidate_that_is_no_more_is_not_found(client, found):
    answer = client.get("/bundles/candidate", query_string={**found.picked, "key": "gone"})
    assert answer.status_code == 404
    assert "not among those of the newest look" in answer.text


def test_a_draft_is_made_with_the_terms_that_were_chosen_and_waits(client, found, post):
    made = found.made(Form.BUY_GET)
    ends = (utc_now() + timedelta(days=30)).date()
    fields = OFFER | {
        "discount_percent": "12",
        "code": "TEATIME",
        "uses_most": "100",
        "ends_on": ends.isoformat(),
    }
    answer = post("/candidate", key=made.key, found_in="", **fields)
    assert answer.status_code == 303
    words = words_of(client.get(answer.location).text)
    assert "It waits for your approval below." in words
    assert "With 1 \u00d7 Tea pot in the cart, 1 \u00d7 Cup costs 12 % less." in words
    assert "With the code TEATIME, typed in at the checkout." in words
    assert "It is paused after 100 orders." in words
    (draft,) = list_offers(found.shop_id)
    assert (draft.state, draft.title, draft.facts["key"]) == ("draft", "Tea time", made.key)
    assert draft.terms.ends_at == datetime.fromisoformat(f"{ends}T23:59:59+00:00")


def test_a_fixed_set_costs_what_its_discount_makes_of_its_parts(client, found, post):
    made = found.made(Form.FIXED)
    html = candidate_page(client, found, form=Form.FIXED)
    assert "it is for everybody" in html
    assert 'name="code"' not in html
    answer = post("/candidate", key=made.key, found_in="", title="Set", discount_percent="11")
    assert answer.status_code == 303
    assert list_offers(found.shop_id)[0].terms.price == 4450
    assert "as one product for €44.50; singly €50.00, so €5.50 less." in words_of(
        client.get(answer.location).text
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("discount_percent", "101", "Give a whole number from 0 to 100."),
        ("discount_percent", "90", "Your rules allow 20 percent at the most."),
        ("title", "", "Give it a title"),
        ("code", "no spaces", "A code has 3 to 30 letters"),
        ("uses_most", "many", "Give a whole number"),
        ("ends_on", "tomorrow", "Give a day as 2026-12-24."),
        ("starts_on", "0001-01-01", "Give a day as 2026-12-24."),
        ("ends_on", "2020-01-01", "It would end before it begins"),
    ],
)
def test_terms_that_cannot_be_are_told_beside_their_field_and_no_draft_is_made(
    found, post, field, value, words
):
    found.connected()
    answer = post("/candidate", key=found.made(Form.BUY_GET).key, found_in="", **(OFFER | {field: value}))
    assert answer.status_code == 400
    assert words in beside(answer.text, field)
    assert list_offers(found.shop_id) == []


def test_pairs_stand_by_evidence_and_those_that_may_be_chance_only_when_asked_for(client, found):
    html = page(client, found, "/bundles/pairs")
    (row,) = rows_of(html, "Pairs")
    assert row.startswith("Tea pot + Cup | 412of 10,000 orders | 4.1% | 34.3%19.6% the other way | 3.2\u00d7")
    assert row.endswith("2.9\u00d7 to 3.5\u00d7 | €32.0064.0% of the price | 60")
    every = rows_of(page(client, found, "/bundles/pairs", show="all"), "Pairs")
    assert [row.split(" | ")[0] for row in every] == ["Tea pot + Cup", "Tea pot + Spoonmay be chance"]
    by_lift = rows_of(page(client, found, "/bundles/pairs", show="all", sort="lift"), "Pairs")
    assert by_lift[0].startswith("Tea pot + Spoon")
    assert rows_of(html, "Sets")[0].startswith("Tea pot + Cup + Spoon | 120 | ")


def test_pairs_of_a_segment_stand_beside_the_store(client, found):
    html = page(client, found, "/bundles/pairs", segment=SEGMENT)
    assert "In Champions, beside the whole store." in html
    assert "150of 2,000 orders | 7.5%4.1% in the store" in rows_of(html, "Pairs")[0]
    assert "1.8\u00d71.5\u00d7 to 2.1\u00d7" in rows_of(html, "Pairs")[0]


def test_a_segment_with_too_little_says_so_instead_of_a_range(client, store):
    words = "8 orders: 30 are needed."
    store.looked_at(store.segment_pair(is_enough=False, is_found=False, enough_words=words))
    assert words in page(client, store, "/bundles/pairs", segment=SEGMENT, show="all")


def test_sequences_second_purchases_and_first_products_of_one_time_buyers_are_told(client, found):
    html = page(client, found, "/bundles/sequences")
    assert "Bought within 14 days after" in html
    (row,) = rows_of(html, "Sequences")
    assert row.startswith(
        "Tea pot → Cupin this order | 90of 600 | 15.0% | 6for half of them at most | 2.2\u00d7"
    )
    assert row.endswith("1.8\u00d7 to 2.8\u00d7 | €32.0064.0% of the price | 60")
    second = rows_of(html, "Table of second purchases")[0]
    assert second.startswith("Tea pot | Cup | 210 | 30.0% | 20.0% | 1.5\u00d7")
    assert rows_of(html, "Table of third purchases")[0].startswith("Whatever came first | Cup")
    assert rows_of(html, "First products") == ["Spoon | 300 | 80.0%75.0% to 84.0% | 60.0%"]
    assert "Tea + Teaware | 500€210.00 each" in rows_of(html, "Table of two lines")[0]


def test_a_sequence_whose_order_is_not_certain_claims_none(client, store):
    store.looked_at(store.sequence(is_ordered=False))
    row = rows_of(page(client, store, "/bundles/sequences"), "Sequences")[0]
    assert "either way round (31 the other way)" in row


def test_pairs_sequences_and_bundles_are_downloaded_as_files(client, found):
    drafted(found)
    rows = {}
    for what in ("pairs", "sequences", "bundles"):
        answer = client.get(f"/export/{what}.csv", query_string=found.picked)
        assert answer.status_code == 200
        rows[what] = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows["pairs"][0]["support"] == "0.0412"
    assert (rows["sequences"][0]["customers"], rows["sequences"][0]["unit_margin"]) == ("90", "3200")
    assert (rows["bundles"][0]["state"], rows["bundles"][0]["title"]) == ("draft", "Tea time")
    answer = client.get("/export/pairs.csv", query_string={**found.picked, "segment": SEGMENT})
    assert '"lift_over_store"' not in answer.text
    assert "lift_over_store" in answer.text


def test_a_draft_says_what_keeps_it_from_being_approved(client, found):
    made = drafted(found)
    html = page(client, found, f"/bundles/live/{made.id}")
    assert "It can be approved once this is seen to" in html
    assert "This shop is not connected to Shopify" in html
    assert 'name="fingerprint"' not in html


def test_exactly_what_was_shown_is_approved(client, found, post):
    made = drafted(found.connected())
    html = page(client, found, f"/bundles/live/{made.id}")
    assert f'name="fingerprint" value="{made.fingerprint}"' in html
    assert "Kindred makes a discount on the one with the other in Shopify, exactly by the terms above" in html
    answer = post(f"/live/{made.id}/approve", fingerprint="0" * 64)
    assert answer.status_code == 409
    assert "It was changed since it was shown" in answer.text
    answer = post(f"/live/{made.id}/approve", fingerprint=made.fingerprint, note="Looks  right.")
    assert answer.status_code == 303
    html = client.get(answer.location).text
    assert "exactly as it stands here" in html
    assert "Note: Looks right." in html
    assert rows_of(html, "Decisions")[-1].startswith("approvedLooks right. | this machine | ")
    assert bundle(found, made.id).state == "approved"


def test_a_draft_is_changed_or_put_aside(client, found, post):
    made = drafted(found.connected())
    answer = post(f"/live/{made.id}/change", **(OFFER | {"title": "Tea for two", "discount_percent": "10"}))
    assert answer.status_code == 303
    assert "1 \u00d7 Cup costs 10 % less" in words_of(client.get(answer.location).text)
    refused = post(f"/live/{made.id}/change", **(OFFER | {"discount_percent": "55"}))
    assert refused.status_code == 400
    assert "Your rules allow 20 percent" in beside(refused.text, "discount_percent")
    assert bundle(found, made.id).terms.discount_percent == 10
    answer = post(f"/live/{made.id}/discard")
    assert "nothing of it ever was in Shopify" in client.get(answer.location).text
    assert bundle(found, made.id).state == "retired"


def approved(store):
    made = drafted(store.connected())
    return approve_bundle(store.shop_id, made.id, who="local", at=utc_now(), fingerprint=made.fingerprint)


def went_live(store, **result):
    made = approved(store)
    now = utc_now()
    with transaction(store.shop_id) as connection:
        bundles.go_live(connection, made.id, at=now - timedelta(days=40))
        bundles.settle(connection, made.id)
        if result:
            bundles.write_result(connection, made.id, result, at=now)
    return made


def test_a_live_bundle_is_paused_goes_on_and_is_taken_down_after_a_question(client, found, post):
    made = went_live(found)
    html = page(client, found, f"/bundles/live/{made.id}")
    assert f"Pause {made.title}" in html
    assert "It is out of sight." in client.get(post(f"/live/{made.id}/pause").location).text
    assert bundle(found, made.id).state == "paused"
    client.get(post(f"/live/{made.id}/resume").location)
    assert bundle(found, made.id).state == "live"
    html = page(client, found, f"/bundles/live/{made.id}/retire")
    assert "Take “Tea time” down?" in unescape(html)
    assert bundle(found, made.id).state == "live"
    html = client.get(post(f"/live/{made.id}/retire").location).text
    assert "takes everything of it out of Shopify" in html
    assert bundle(found, made.id).state == "retired"
    assert "There is nothing to take down" in page(client, found, f"/bundles/live/{made.id}/retire")


def test_what_cannot_be_decided_any_more_is_refused_in_words(found, post):
    made = went_live(found)
    for deed in ("discard", "approve", "change"):
        answer = post(f"/live/{made.id}/{deed}", **OFFER, fingerprint=made.fingerprint)
        assert answer.status_code in (400, 409)
        assert "Not done" in answer.text


RESULT = {
    "window_days": 45,
    "days_live": 40,
    "until": "2026-06-30T00:00:00+00:00",
    "account": {
        "order_count": 230,
        "use_count": 240,
        "customer_count": 220,
        "list_price": 1_200_000,
        "discount": 36_000,
        "paid": 1_164_000,
        "refunded": 4_850,
        "net_revenue": 1_159_150,
        "cost": 430_200,
        "uncosted_order_count": 2,
        "uncosted_revenue": 9_700,
        "other_costs": 0,
        "margin": 719_250,
        "discount_to_anyway": 28_000,
        "order_value": 5039.8,
        "margin_ratio": 0.626,
    },
    "orders": 230,
    "times": 240,
    "attach_ratio": 0.23,
    "attach_low": 0.2,
    "attach_high": 0.26,
    "attach_eligible": 1000,
    "extra_low": -50.0,
    "extra": 300.0,
    "extra_high": 650.0,
    "method": "holdout",
    "words": "It may bring more; the range holds nothing as well.",
    "verdict": "scale",
    "reasons": [{"words": "After the goods and other costs it has left:", "amount": 719_250}],
    "arms": {
        "treatment": {"customers": 3600, "revenue_per_customer": 5210},
        "control": {"customers": 400, "revenue_per_customer": 5100},
    },
    "table": [
        {
            "segment": SEGMENT,
            "customers": 400,
            "baseline_orders": 300,
            "baseline_order_value": 4100,
            "bundle_orders": 120,
            "bundle_order_value": 4850,
            "retention_ratio": 0.42,
            "churn_ratio": 0.11,
        }
    ],
    "related_segments": ["loyal"],
}


def test_a_bundle_tells_whether_it_worked_to_the_cent_and_with_its_interval(client, found):
    made = went_live(found, **RESULT)
    html = page(client, found, f"/bundles/live/{made.id}")
    words = words_of(html)
    assert 'heading="Offer it to more"' in html
    assert "After the goods and other costs it has left: €7,192.50." in words
    assert "The same sells together in loyal, who do not have it yet." in words
    assert "Spent more, each €3.00 \u2212€0.50 to €6.50 in 95 of 100 cases" in words
    assert "Attach rate 23.0% of 1,000 orders that could; 20.0% to 26.0%" in words
    assert "It is looked at over 45 days, as was fixed before it began; it has been live for 40 days." in words
    assert "measured against customers who were left out by lot" in words
    assert lines_of(html, "Profit and loss of") == [
        "At list price what the goods cost without it | €12,000.00",
        "Discount given about €280.00 of it to people who would have bought it all anyway | \u2212€360.00",
        "Paid | €11,640.00",
        "Returned | \u2212€48.50",
        "Net revenue | €11,591.50",
        "Of unknown cost 2 orders; nothing is earned on them | \u2212€97.00",
        "Cost of the goods | \u2212€4,302.00",
        "Margin 62.6% of the revenue | €7,192.50",
    ]
    segments = rows_of(html, "Table of segments")
    assert segments == ["Champions400 customers | €41.00300 orders | €48.50120 orders | 42.0% | 11.0%"]
    assert lines_of(html, "beside those without it") == [
        "Customers | 3,600 | 400",
        "Spent per customer | €52.10 | €51.00",
    ]
    row = rows_of(page(client, found, "/bundles/live"), "Bundles")[0]
    assert "Live" in row
    assert "23023.0% of orders that could" in row
    assert "Offer it to more" in row


def test_what_cannot_be_measured_shows_no_number(client, found):
    facts = RESULT | {"extra": None, "extra_low": None, "extra_high": None, "arms": {}, "table": []}
    reason = {"words": "Under 2,000 customers it cannot be measured.", "amount": None}
    facts |= {"verdict": "keep", "reasons": [reason]}
    made = went_live(found, **facts)
    words = words_of(page(client, found, f"/bundles/live/{made.id}"))
    assert "Under 2,000 customers it cannot be measured." in words
    assert "cannot be measured, so no number is shown" in words
    assert "There is nobody yet to set beside its customers." in words
    assert "Not enough orders to tell segments apart." in words


def test_a_bundle_measured_against_its_past_carries_the_caveat(client, found):
    arms = {"before": {"customers": 9, "revenue_per_customer": 1}, "since": {"customers": 9}}
    caveat = "Nobody was left out, so nobody knows what would have happened anyway."
    reasons = [{"words": caveat, "amount": None}]
    made = went_live(found, **(RESULT | {"method": "before", "arms": arms, "reasons": reasons}))
    html = page(client, found, f"/bundles/live/{made.id}")
    assert caveat in html
    assert "which proves no cause" in html
    assert lines_of(html, "beside those without it")[0] == "Customers | 9 | 9"


def test_what_somebody_has_to_see_to_stands_on_the_page_and_in_the_list(client, found):
    made = went_live(found)
    with transaction(found.shop_id) as connection:
        words = "Shopify does not let Kindred change discounts yet."
        bundles.put_off(connection, made.id, until=utc_now(), trouble=words, failed=True)
    html = page(client, found, f"/bundles/live/{made.id}")
    assert words in html
    assert '<s-badge tone="critical">Live</s-badge>' in html
    assert f"Try again: {made.title}" in html
    assert words in rows_of(page(client, found, "/bundles/live"), "Bundles")[0]


def test_a_live_bundle_that_was_not_measured_yet_says_when_it_is(client, found):
    made = went_live(found)
    html = page(client, found, f"/bundles/live/{made.id}")
    assert "the first time in the night after it went live" in html
    assert "No order has used it yet." in html


def test_shopify_asks_for_the_leave_that_an_offer_needs_when_it_is_approved(client, found):
    found.connected()
    discount, fixed = drafted(found), drafted(found, Form.FIXED)
    assert "data-scopes" not in page(client, found, f"/bundles/live/{discount.id}")
    html = page(client, found, f"/bundles/live/{fixed.id}")
    assert 'data-scopes="write_publications"' in html


def test_rules_are_kept_as_they_were_typed_and_known_by_names_and_skus(client, found, post):
    fields = RULES | {
        "margin_floor_percent": "35",
        "assumed_cost_percent": "40",
        "never_together": "Tea pot + Teaware",
        "never_discounted": "cup",
        "seasons": "Tea pot: Nov, 12",
        "left_out": "Spoon <silver>",
    }
    html = client.get(post("/rules", **fields).location).text
    assert "A worker looks at all baskets again" in html
    choices = read_bundle_choices(found.shop_id)
    assert choices.rules.margin_floor_ratio == 0.35
    assert choices.rules.assumed_cost_ratio == 0.4
    assert choices.rules.never_together == ((str(found.pot), "Teaware"),)
    assert choices.rules.never_discounted == (str(found.cup),)
    assert choices.rules.seasons == ((str(found.pot), (11, 12)),)
    assert choices.left_out == (found.spoon,)
    assert 'value="Tea pot + Teaware"' in html
    assert 'value="Tea pot: Nov, Dec"' in html


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("margin_floor_percent", "120", "Give a number from 0 to 100."),
        ("window_days", "0", "Give a whole number from 1 to 90."),
        ("never_together", "Tea pot", "write two names"),
        (
            "never_together",
            "Tea pot + Nothing",
            "“Nothing” is no item, SKU, category or collection",
        ),
        ("never_discounted", "Unicorn", "“Unicorn” is no item"),
        ("seasons", "Cup: Smarch", "“Smarch” is no month"),
        ("uptake_percent", "150", "the low figure must not be above"),
        ("left_out", "Unicorn", "“Unicorn” is no item"),
    ],
)
def test_rules_that_cannot_be_are_told_beside_their_field(found, post, field, value, words):
    answer = post("/rules", **(RULES | {field: value}))
    assert answer.status_code == 400
    assert words in unescape(beside(answer.text, field))
    assert read_bundle_choices(found.shop_id).rules.margin_floor_ratio == 0.3


def test_a_rule_that_a_draft_goes_against_is_said_on_its_page(client, found):
    made = drafted(found.connected())
    changes = {"never_discounted": [str(found.cup)]}
    change_bundle_choices(found.shop_id, changes, who="local", at=utc_now())
    assert "It can be approved once this is seen to" in page(client, found, f"/bundles/live/{made.id}")


@pytest.fixture
def fitting(small_store, store):
    """A shop with segments in which something could be offered to one; nothing of it stays."""
    kept = store.shop_id
    store.shop_id = small_store.shop_id
    store.looked_at(store.candidate(segment="best-customers", title="Tea pot, with Cup 15 % off"))
    yield small_store
    with transaction(small_store.shop_id) as connection:
        basket_findings.write(connection, as_of=utc_now(), at=utc_now(), facts={}, findings=[])
    store.shop_id = kept


def test_a_segment_s_page_names_the_bundles_that_fit_it(client, fitting):
    html = page(client, fitting, "/segments/best-customers")
    part = words_of(html.partition('heading="Bundles that fit"')[2])
    assert "Tea pot, with Cup 15 % off : €561.00 more margin expected in 90 days" in part
    assert "All candidates for it" in part
    check(client.get("/segments/best-customers", query_string=fitting.picked))
    assert "Bundles that fit" not in page(client, fitting, "/segments/prospects")


@pytest.mark.parametrize("path", ["", "/retire"])
def test_a_bundle_that_there_is_not_is_not_found(client, store, path):
    assert client.get(f"/bundles/live/999999999{path}", query_string=store.picked).status_code == 404


def test_the_pages_keep_the_laws_of_every_page(client, found):
    live, draft = went_live(found, **RESULT), drafted(found)
    key = found.made(Form.BUY_GET).key
    for path, query in (
        ("", {}),
        ("", {"show": "left-out"}),
        ("/candidate", {"key": key}),
        ("/pairs", {"show": "all"}),
        ("/pairs", {"segment": SEGMENT}),
        ("/sequences", {}),
        ("/live", {}),
        (f"/live/{live.id}", {}),
        (f"/live/{live.id}/retire", {}),
        (f"/live/{draft.id}", {}),
        ("/rules", {}),
    ):
        check(client.get(f"/bundles{path}", query_string={**found.picked, **query}))


def test_a_page_full_of_findings_is_still_small(client, store):
    pairs = [store.pair(rank=rank, a_name=f"Thing {rank}", count=500 - rank) for rank in range(1, 400)]
    store.looked_at(*pairs)
    answer = client.get("/bundles/pairs", query_string=store.picked)
    check(answer)
    assert "The first 50 of 399; the file has them all." in answer.text
