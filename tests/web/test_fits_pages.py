import re
from datetime import timedelta

import pytest
from test_markup import check
from test_segment_pages import page
from web_stores import NOW, a_young_store

from shop_app.clock import utc_now
from shop_app.services.describe_fit import describe_fit, fit_overview
from shop_app.services.fit_states import move_on, reject_fit
from shop_app.services.live_models import SEGMENTATION
from shop_app.storage import model_fits
from shop_app.storage.engine import transaction

MISSING = "Loyalty members cannot be told yet: this shop does not know who is a member."
CHECKS = [
    {"check": "group_sizes", "name": "Group sizes", "passed": True, "needs_person": False, "words": "Fine."},
    {
        "check": "emptied",
        "name": "No group emptied",
        "passed": False,
        "needs_person": True,
        "words": "Nobody would be left in Dormant.",
    },
    {
        "check": "moves",
        "name": "Who would move",
        "passed": True,
        "needs_person": False,
        "words": "",
        "figures": {"limit_ratio": 0.15},
    },
    {
        "check": "differences",
        "name": "Differences that matter",
        "passed": False,
        "needs_person": False,
        "words": "The groups hardly differ in anything.",
    },
]
CANDIDATES = [
    {
        "method": "hybrid",
        "name": "Lifecycle and clusters",
        "group_count": 6,
        "smallest_ratio": 0.05,
        "largest_ratio": 0.4,
        "bootstrap_agreement": 0.97,
        "time_agreement": 0.8,
        "is_steady": True,
        "explained_ratio": 0.43,
        "more_than_rfm": 0.037,
        "is_chosen": True,
        "words": "Explains 43 %.",
    },
    {
        "method": "rfm",
        "name": "Plain RFM",
        "explained_ratio": 0.393,
        "more_than_rfm": 0.0,
        "is_chosen": False,
        "words": "Explains 39 %; all ways are held against it.",
    },
]
TRIED = {
    "count": 3,
    "bootstrap_agreement": 0.71,
    "time_agreement": None,
    "smallest_ratio": 0.2,
    "words": "not taken: other customers would be divided differently.",
    "is_chosen": False,
}
COUNTS = {
    "clusters": [TRIED],
    "hybrid": [{"words": "came back", "tried": [TRIED]}, {"words": "is new", "tried": []}],
}


@pytest.fixture(scope="module")
def store(database):
    return a_young_store("versioned")


@pytest.fixture
def another(store):
    """Make further versions with the groups of the live one; put aside afterwards whatever still waits."""
    made = []

    def another(state="validated", **measures):
        with transaction(store.shop_id) as connection:
            live = model_fits.find_live(connection, SEGMENTATION)
            measured = model_fits.read_measures(connection, live.id) | measures
            fit = model_fits.add_draft(
                connection,
                kind=SEGMENTATION,
                as_of=live.as_of,
                customer_count=60,
                reason="Asked for.",
                parameters=live.parameters,
                measures=measured,
            )
            if state == "validated":
                move_on(connection, fit, state, who="Kindred", at=NOW, note="Passed.")
        made.append(fit)
        return fit

    yield another
    for fit in made:
        if state_of(store, fit) in ("draft", "validated"):
            reject_fit(store.shop_id, fit.id, who="test", at=NOW)


@pytest.fixture
def decide(client, store, same_origin):
    def decide(path, note="Because."):
        return client.post(f"/fits/{path}", query_string=store.picked, data={"note": note}, headers=same_origin)

    return decide


def state_of(store, fit):
    with transaction(store.shop_id) as connection:
        return model_fits.find(connection, fit.id).state


def live_of(store):
    return fit_overview(store.shop_id, today=NOW.date()).live


def rows_of(html, region):
    table = html[html.index(f'aria-label="{region}"') :]
    rows = re.findall(r'<tr role="row">(.*?)</tr>', table[: table.index("</table>")], re.DOTALL)[1:]
    return [
        " | ".join(
            re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        )
        for row in rows
    ]


def test_every_version_is_listed_with_its_state_the_newest_first(client, store, another):
    older, newer = another(), another()
    rows = rows_of(page(client, store, "/fits"), "Table of versions")
    assert rows[0].startswith(f"Version {newer.version} | Waits for you")
    assert rows[1].startswith(f"Version {older.version} | Out of date")
    assert any("| Live |" in row for row in rows[2:])


def test_what_the_waiting_version_would_change_stands_above_all(client, store, another):
    fit = another(moved_ratio=0.224, checks=CHECKS[:3])
    html = page(client, store, "/fits")
    above = html[: html.index("All versions")]
    assert f"Version {fit.version} waits for you" in above
    assert "It would move 22.4% of the customers with an order to another group." in above
    moved = "It would move 22.4% of the customers with an order to another group. You allow 15.0%."
    assert rows_of(above, "Table of checks") == [
        "No group emptied | You decide | Nobody would be left in Dormant.",
        f"Who would move | You decide | {moved}",
    ]
    assert "1 other check passed." in above


def test_what_failed_stands_before_what_somebody_decides_and_that_before_what_passed(client, store, another):
    fit = another("draft", moved_ratio=0.1, checks=CHECKS)
    rows = rows_of(page(client, store, f"/fits/{fit.id}"), "Table of checks")
    assert [row.split(" | ")[1] for row in rows] == ["Failed", "You decide", "Passed", "Passed"]
    assert "Approve" not in page(client, store, f"/fits/{fit.id}")


def test_a_version_tells_what_each_way_explains_and_how_much_more_than_plain_rfm(client, store, another):
    fit = another(candidates=CANDIDATES, choice="It leads.")
    html = page(client, store, f"/fits/{fit.id}")
    assert "It leads." in html
    assert rows_of(html, "Ways of grouping") == [
        "Lifecycle and clusters Taken | 43.0% | +3.7 pts | 0.97 | 0.80 | 6, of 5.0% to 40.0% | Explains 43 %.",
        "Plain RFM | 39.3% | \u2013 | \u2013 | \u2013 | \u2013 | Explains 39 %; all ways are held against it.",
    ]


def test_the_tried_numbers_of_clusters_are_there(client, store, another):
    html = page(client, store, f"/fits/{another(counts=COUNTS).id}")
    words = "Not taken: other customers would be divided differently."
    for heading in ("Clusters", "Lifecycle and clusters: whoever came back"):
        assert rows_of(html, heading) == [f"3 | 0.71 | \u2013 | 20.0% | {words}"]
    assert "whoever is new" not in html


def test_the_groups_are_told_with_who_is_in_them(client, store):
    live = live_of(store)
    html = page(client, store, f"/fits/{live.id}")
    for group in describe_fit(store.shop_id, live.id).groups:
        assert group["name"] in html
        assert f"/segments/{group['slug']}?" in html
    assert html.count("Who belongs to it") == html.count('<article class="group">') > 1
    assert "Too few customers to tell who stands apart." in html


def test_what_cannot_be_told_and_why_is_there(client, store, another):
    assert MISSING in page(client, store, f"/fits/{another(missing={'members': MISSING}).id}")


def test_a_version_is_approved_and_the_log_says_by_whom(client, store, another, decide):
    fit = another()
    answer = decide(f"{fit.id}/approve", note="Looks  right.")
    assert answer.status_code == 303
    assert live_of(store).id == fit.id
    html = client.get(answer.location).text
    assert "It is live." in html
    newest = rows_of(html, "Decisions")[0]
    assert newest.endswith("this machine | went live | Looks right.")


def test_a_version_is_put_aside_and_nothing_changes(client, store, another, decide):
    live, fit = live_of(store), another()
    html = client.get(decide(f"{fit.id}/reject").location).text
    assert "It is put aside." in html
    assert state_of(store, fit) == "retired"
    assert live_of(store).id == live.id


def test_one_goes_back_to_a_version_that_was_live(client, store, another, decide):
    old, fit = live_of(store), another()
    decide(f"{fit.id}/approve")
    assert "Go back to this version" in page(client, store, f"/fits/{old.id}")
    answer = decide(f"{old.id}/restore")
    html = client.get(answer.location).text
    assert f"The same as version {old.version}." in html
    assert live_of(store).version == fit.version + 1


@pytest.mark.parametrize("deed", ["approve", "reject", "restore"])
def test_what_cannot_be_done_with_the_live_version_is_told_in_words(store, decide, deed):
    live = live_of(store)
    answer = decide(f"{live.id}/{deed}")
    assert answer.status_code == 409
    assert "Not done" in answer.text
    assert f"Version {live.version} cannot be" in answer.text
    assert live_of(store).id == live.id


def test_a_version_that_another_has_overtaken_is_not_approved(store, another, decide):
    older, newer = another(), another()
    answer = decide(f"{older.id}/approve")
    assert answer.status_code == 409
    assert f"version {newer.version} waits as well" in answer.text


def test_a_look_at_the_segments_is_reminded_of_when_it_is_due_and_noted_down(client, store, decide):
    live = live_of(store)
    with transaction(store.shop_id) as connection:
        yesterday = utc_now().date() - timedelta(days=1)
        model_fits.write_care(connection, live.id, owner="Mia", note=live.note, review_at=yesterday)
    assert "Time to look at your segments" in page(client, store, "/fits")
    assert "Time to look at it" in page(client, store, f"/fits/{live.id}")
    html = client.get(decide("review", note="All good.").location).text
    assert "Noted down." in html
    assert "Time to look at" not in html
    assert "The next look at the live segments is due on" in html
    assert "looked at | All good." in rows_of(page(client, store, f"/fits/{live.id}"), "Decisions")[0]


def test_the_page_of_a_version_keeps_the_laws_of_every_page(client, store, another):
    fit = another(candidates=CANDIDATES, checks=CHECKS[:3], counts=COUNTS, missing={"members": MISSING})
    check(client.get(f"/fits/{fit.id}", query_string=store.picked))
    check(client.get("/fits", query_string=store.picked))


def test_a_shop_that_has_learned_nothing_is_told_when_it_will(client, empty_store):
    html = page(client, empty_store, "/fits")
    assert "Nothing was learned yet." in html
    assert 'href="/goals' in html


def test_a_version_of_another_shop_is_not_there(client, store, small_store):
    live = live_of(store)
    assert client.get(f"/fits/{live.id}", query_string=small_store.picked).status_code == 404
