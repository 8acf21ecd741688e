"""The segments page and a segment's page where groups were learned and are live."""

import re
from datetime import timedelta

import pytest
from predicted import predictions, read_measures, set_measures
from sqlalchemy import text
from tellings import rows
from test_segment_pages import names_in_table, page, summary_of
from web_stores import NOW

from shop_app.errors import InvalidInputError
from shop_app.services.playbook import read_plays, reset_play
from shop_app.storage.engine import transaction
from shop_app.web.play_changes import read_changes
from shop_app.web.segment_play import written_fields


def change_fit(store, sql, **values):
    with transaction(store.shop_id) as connection:
        connection.execute(text(f"UPDATE model_fits SET {sql} WHERE live AND kind = 'segmentation'"), values)


@pytest.fixture
def slug(grouped_store):
    """The segment with the most customers who have ordered."""
    segments = [each for each in summary_of(grouped_store)["segments"] if each["slug"] != "prospects"]
    return max(segments, key=lambda each: each["customer_count"])["slug"]


def test_the_published_segments_are_shown_with_what_they_are_for(client, grouped_store):
    html = page(client, grouped_store)
    summary = summary_of(grouped_store)
    assert sorted(names_in_table(html)) == sorted(each["name"] for each in summary["segments"])
    assert {each["slug"] for each in summary["segments"]} != {each["slug"] for each in summary["rfm_groups"]}
    assert "Keep the best" in html
    assert "Named rules" in html
    assert 'href="/goals?' in html


def test_the_segments_hold_everybody_once_prospects_among_them(client, grouped_store):
    html = page(client, grouped_store)
    table = html[html.index('class="tbl segments"') :]
    counts = [int(each.replace(",", "")) for each in re.findall(r'data-label="Customers">([\d,]+)<', table)]
    assert sum(counts[:-1]) == counts[-1] == summary_of(grouped_store)["customer_count"]
    assert "Prospects" in names_in_table(html)


def test_the_names_of_rfm_groups_are_chosen_on_their_own_page(client, grouped_store):
    html = page(client, grouped_store)
    assert "Names by" not in html
    assert 'href="/rfm?' in html


def test_a_first_version_proposes_what_to_begin_with(client, grouped_store):
    assert "Begin with these" in page(client, grouped_store)


def test_figures_that_are_not_published_have_no_column_and_a_reason(client, grouped_store):
    before = read_measures(grouped_store)
    set_measures(grouped_store, published={"churn_probability_90d": "two more customers are missing."})
    html = page(client, grouped_store)
    set_measures(grouped_store, published=before["published"])
    assert "Churn risk</a>" not in html
    assert "Churn risk and expected value are not published yet. Two more customers are missing." in html


def test_published_figures_stand_beside_every_segment_and_sort_the_table(client, grouped_store, slug):
    with predictions(grouped_store):
        html = page(client, grouped_store, sort="risk")
        group = page(client, grouped_store, f"/segments/{slug}")
    assert html.count('data-label="Churn risk">60.0%') == len(
        names_in_table(html)
    )  # all but prospects, and the total
    assert 'data-label="Expected value">€123.00' in html
    assert re.search(r'aria-sort="descending"><a href="[^"]*">Churn risk', html)
    assert "not published yet" not in html
    assert "do not order in the next 90 days" in group


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"review_at": NOW.date() - timedelta(days=1)}, "due for a review, since 29 Jun 2026"),
        ({"review_at": NOW.date() + timedelta(days=9_000)}, ""),
    ],
)
def test_a_review_is_asked_for_on_its_day(client, grouped_store, change, words):
    change_fit(grouped_store, "review_at = :review_at", **change)
    html = page(client, grouped_store)
    change_fit(grouped_store, "review_at = NULL")
    assert ("due for a review" in html) == bool(words)
    assert words in html


def test_a_version_that_waits_is_told_with_a_link_to_it(client, grouped_store):
    with transaction(grouped_store.shop_id) as connection:
        waiting = connection.execute(
            text("""
                INSERT INTO model_fits (shop_id, kind, version, state, as_of, fitted_at, customer_count,
                                        parameters, note)
                SELECT shop_id, kind, version + 1, 'validated', as_of, fitted_at, 1,
                       parameters, 'It moves many.'
                FROM model_fits WHERE live AND kind = 'segmentation' RETURNING id""")
        ).scalar_one()
    html = page(client, grouped_store)
    with transaction(grouped_store.shop_id) as connection:
        connection.execute(text("DELETE FROM model_fits WHERE id = :id"), {"id": waiting})
    assert "Version 2 of the segments waits for your approval" in html
    assert "It moves many." in html
    assert f'href="/fits/{waiting}?' in html


def test_a_segment_says_what_defines_it_and_what_sets_it_apart(client, grouped_store, slug):
    html = page(client, grouped_store, f"/segments/{slug}")
    fit = rows(grouped_store.shop_id, "SELECT parameters FROM model_fits WHERE live AND kind = 'segmentation'")[
        0
    ]["parameters"]
    group = next(each for each in fit["grouping"]["groups"] if each["slug"] == slug)
    assert group["definition"][0] in html
    assert html.count('<svg class="dot"') == len(group["drivers"])
    assert all(driver["words"] in html for driver in group["drivers"])


def test_a_segment_lists_its_customers_and_gives_them_out(client, grouped_store, slug):
    html = page(client, grouped_store, f"/segments/{slug}")
    count = next(each for each in summary_of(grouped_store)["segments"] if each["slug"] == slug)[
        "customer_count"
    ]
    assert len(re.findall(r'<a class="strong" href="/customers/\d+', html)) == min(count, 50)
    assert f"/export/customers.csv?segment={slug}" in html


def test_small_groups_inside_a_segment_stand_on_its_page_alone(client, grouped_store, slug):
    before = read_measures(grouped_store)
    few = {"group": slug, "words": "Whoever drinks oolong: 80 % of them ordered.", "customer_count": 31}
    set_measures(grouped_store, micro_segments=[few])
    own = page(client, grouped_store, f"/segments/{slug}")
    other = page(client, grouped_store, "/segments/prospects")
    set_measures(grouped_store, micro_segments=before["micro_segments"])
    assert "Whoever drinks oolong: 80 % of them ordered. 31 customers today." in own
    assert "oolong" not in other


def test_who_came_and_went_is_counted_since_the_version_went_live(client, grouped_store, slug):
    as_of = summary_of(grouped_store)["as_of"]
    with transaction(grouped_store.shop_id) as connection:
        connection.execute(
            text("""
                INSERT INTO membership_changes (shop_id, customer_id, from_segment, to_segment, changed_at)
                SELECT current_setting('app.shop_id')::bigint, 900000 + number, :one, :other,
                       CAST(:as_of AS timestamptz) + interval '1 hour'
                FROM generate_series(1, 7) AS number"""),
            {"one": "prospects", "other": slug, "as_of": as_of},
        )
    html = page(client, grouped_store, f"/segments/{slug}")
    with transaction(grouped_store.shop_id) as connection:
        connection.execute(text("DELETE FROM membership_changes WHERE customer_id > 900000"))
    assert "7 customers came and 0 went." in html
    assert "nobody came and nobody went" in page(client, grouped_store, f"/segments/{slug}")


def test_prospects_have_a_page_too(client, grouped_store):
    html = page(client, grouped_store, "/segments/prospects")
    assert "No order of theirs counts." in html
    assert "What sets them apart" not in html


# The play


@pytest.fixture
def play(grouped_store, slug):
    yield lambda: read_plays(grouped_store.shop_id, (slug,), now=NOW)[slug]
    reset_play(grouped_store.shop_id, slug, who="test", at=NOW)


@pytest.fixture
def send(client, grouped_store, slug, same_origin, play):
    """Send the play's form as it stands, but for some fields."""

    def send(**changes):
        fields = written_fields(play().play, NOW.date())
        fields["review_at"] = "2027-03-01"
        for name, value in changes.items():
            fields.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
        return client.post(
            f"/segments/{slug}", query_string=grouped_store.picked, data=fields, headers=same_origin
        )

    return send


def test_the_form_as_it_stands_changes_nothing(play):
    kept = play()
    with pytest.raises(InvalidInputError, match=r"Nothing was changed\."):
        read_changes(written_fields(kept.play, NOW.date()), kept)


def test_a_play_is_changed_with_a_day_to_look_at_it_again(client, grouped_store, slug, send, play):
    answer = send(message="Say hello first.", pause_days="21")
    assert answer.status_code == 303
    assert answer.location.endswith("#play")
    kept = play()
    assert kept.play.message == "Say hello first."
    assert {edit.field for edit in kept.play.edits} == {"message", "pause_days"}
    html = page(client, grouped_store, f"/segments/{slug}")
    assert "Say hello first." in html
    assert "To be looked at again on 2027-03-01." in html


def test_steps_can_be_added_and_dropped(send, play):
    number = len(play().play.steps)
    added = {"days": "300", "kind": "message", "words": "Call them."}
    send(**{f"step__{number}__{name}": value for name, value in added.items()}, step__0__words="")
    steps = play().play.steps
    assert len(steps) == number
    assert (steps[-1].after_days, steps[-1].words) == (300, "Call them.")


def test_whom_to_leave_out_can_be_chosen_but_for_those_who_said_no(send, play):
    assert send(exclude=["just-ordered"], exclude__days__just__ordered="5").status_code == 303
    excluded = {each.slug: each.days for each in play().play.exclusions}
    assert excluded == {"no-consent": None, "left-alone": None, "holdout": None, "just-ordered": 5}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"pause_days": "never"}, "pause_days", "Must be a whole number from 1 to 90."),
        ({"message": ""}, "message", "Must be text of 1 to 500 characters."),
        ({"review_at": "some day"}, "review_at", "Give a day, such as 2027-03-31."),
        ({"review_at": "2020-01-01", "message": "Hello."}, "review_at", "Must be a day after"),
        ({"max_depth_ratio": "80"}, "max_depth_ratio", "Must be a whole number from 0 to 50."),
        ({"channels": []}, "channels", "Must name one or more of"),
        ({"step__0__days": "999"}, "step-0-days", "Must be a whole number from 0 to 365."),
        ({"exclude__days__recent__refund": "0"}, "exclude-days-recent-refund", "Must be a whole number from 1"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(send, play, changes, field, words):
    if field.startswith("exclude"):
        changes = {**changes, "exclude": ["recent-refund"]}
    answer = send(**changes)
    assert answer.status_code == 400
    element = re.search(rf'<s-[a-z-]+ name="{field}"[^>]* error="([^"]*)"', answer.text)
    assert element, answer.text
    assert words in element.group(1)
    assert '<details class="more" open>' in answer.text
    assert not play().is_edited


def test_what_was_written_stands_there_still_after_a_refusal(send):
    answer = send(message="<b>Hello</b>", pause_days="x")
    assert "&lt;b&gt;Hello&lt;/b&gt;" in answer.text


def test_a_form_sent_as_it_stands_says_that_nothing_changed(send):
    answer = send()
    assert answer.status_code == 400
    assert "Nothing was changed." in answer.text


def test_one_can_go_back_to_what_is_recommended(client, grouped_store, slug, same_origin, send, play):
    send(message="Say hello first.")
    html = page(client, grouped_store, f"/segments/{slug}")
    action = re.search(rf'action="(/segments/{slug}/reset[^"]*)"', html).group(1)
    assert client.post(action, headers=same_origin).status_code == 303
    assert not play().is_edited
    assert "/reset" not in page(client, grouped_store, f"/segments/{slug}")


@pytest.mark.parametrize("path", ["/segments/champions", "/segments/champions/reset", "/segments/nobody"])
def test_there_is_no_play_to_change_where_no_groups_are_live(client, busy_store, same_origin, path):
    answer = client.post(path, query_string=busy_store.picked, headers=same_origin)
    assert answer.status_code == 404
