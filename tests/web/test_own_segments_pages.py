import re

import pytest
from tellings import a_customer, an_order, frames, tell
from test_segment_pages import page
from web_stores import NOW, an_open_store

from shop_app.services.own_segments import get_own, list_own
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import decisions
from shop_app.storage.engine import transaction
from shop_app.storage.known_fields import Authority

NESTED = """\
kindred: 1
segments:
- slug: nested
  name: Nested
  description: ''
  when:
    any:
    - feature: order_count
      at_least: 2
    - all:
      - feature: total_spent
        at_least: 50
      - feature: recency_days
        at_most: 30
"""


@pytest.fixture(scope="module")
def store(database):
    """Four customers: one of three orders, one of two, one of one, and one of none."""
    store = an_open_store("own segments")
    people = [a_customer(f"{name}@example.com") for name in ("ann", "bob", "cat", "dan")]
    orders = [
        an_order(
            f"#{name}{days}",
            customer_ref=f"{name}@example.com",
            processed_at=NOW.replace(day=days),
            total=2000,
            financial_status="paid",
            currency="EUR",
        )
        for name, placed in (("ann", (1, 2, 3)), ("bob", (4, 5)), ("cat", (6,)))
        for days in placed
    ]
    tell(store.shop_id, frames(people, orders), at=NOW, authority=Authority.LISTED)
    renew_shop(store.shop_id, now=NOW)
    return store


@pytest.fixture
def send(client, store, same_origin):
    def send(path, *rows, **fields):
        for number, row in enumerate(rows):
            fields |= dict(
                zip((f"feature_{number}", f"operator_{number}", f"value_{number}"), row, strict=True)
            )
        return client.post(f"/own/{path}", query_string=store.picked, data=fields, headers=same_origin)

    return send


def kept(html):
    """Return the hidden fields that carry a checked segment to where it is saved."""
    form = html.partition('action="/own')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form))


def beside(html, field):
    return re.search(rf'<s-[a-z-]+ name="{field}"[^>]* error="([^"]*)"', html)[1]


def test_a_shop_without_any_is_told_what_one_looks_like(client, empty_store):
    html = page(client, empty_store, "/own")
    assert "ordered at least 3 times and last ordered 60 days ago or more" in html
    assert "Download the file" not in html


def test_a_segment_is_counted_before_it_is_kept(store, send):
    html = send("new", ("order_count", "at_least", "2"), ("total_spent", "more_than", "€50"), name="Often").text
    assert "Everybody who ordered at least twice and spent more than \u20ac50.00." in html
    assert "1 of 4 customers today" in html
    assert list_own(store.shop_id) == []


def test_what_was_checked_is_kept_and_listed_with_its_customers(client, store, send):
    fields = kept(send("new", ("order_count", "at_least", "2"), name="Twice", description="Why not").text)
    answer = send("new/save", **fields)
    assert answer.status_code == 303
    assert get_own(store.shop_id, "twice").description == "Why not"
    row = client.get(answer.location).text.partition(">Twice</a>")[2]
    assert "Everybody who ordered at least twice." in row
    assert 'data-label="Customers">2</td>' in row


def test_any_of_several_conditions_is_enough_where_one_says_so(store, send):
    rows = ("order_count", "at_least", "3"), ("recency_days", "unknown", "")
    html = send("new", *rows, name="Either", join="any").text
    assert "Everybody who ordered at least 3 times or has no known value for days since the last order." in html
    assert "2 of 4 customers today" in html


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        (("order_count", "at_least", "three"), "value_0", "Give a number, such as 3."),
        (("order_count", "at_least", "2.5"), "value_0", "Give a whole number."),
        (("order_count", "at_least", ""), "value_0", "Give a value, such as 3."),
        (("refund_rate_ratio", "at_least", "120"), "value_0", "Give a share from 0 to 100 %."),
        (("total_spent", "at_least", "1.234"), "value_0", "at most 2 digits behind the point"),
        (("top_category", "at_least", "Tea"), "operator_0", "With main category goes: is, is not, is one of"),
        (("shoe_size", "is", "42"), "feature_0", "Choose what to go by."),
        (("", "at_least", "42"), "feature_0", "Choose what to go by."),
        (("", "at_least", ""), "feature_0", "Choose what to go by: one condition is enough."),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field(store, send, row, field, words):
    answer = send("new", row, name="Wrong")
    assert answer.status_code == 400
    assert words in beside(answer.text, field)
    assert f"Condition 1: {words[:20]}" in answer.text or "digits" in words
    assert 'value="Wrong"' in answer.text


def test_a_segment_needs_a_name_that_none_other_has(store, send):
    condition = ("order_count", "is", "1")
    send("new/save", condition, name="Only once")
    assert beside(send("new", condition).text, "name") == "Give the segment a name."
    assert beside(send("new", condition, name="Only  ONCE!").text, "name").startswith(
        "You have a segment of that name"
    )
    assert beside(send("new", condition, name="x" * 81).text, "name") == "Take at most 80 characters."


def test_a_segment_is_changed_from_its_own_fields(client, store, send):
    send("new/save", ("refund_rate_ratio", "at_most", "12.5"), ("channel", "one_of", "web, pos"), name="Fields")
    html = page(client, store, "/own/edit/fields")
    for value in ("12.5", "web, pos"):
        assert f'value="{value}"' in html
    send("edit/fields/save", ("refund_rate_ratio", "at_most", "10"), name="Fewer refunds")
    changed = get_own(store.shop_id, "fields")
    assert (changed.version, changed.name) == (2, "Fewer refunds")


def test_what_the_law_protects_needs_a_confirmation(store, send):
    condition = ("order_count", "at_least", "1")
    html = send("new", condition, name="Pregnant customers").text
    assert "may tell something about health" in html
    assert "I may use this" in html
    refused = send("new/save", condition, name="Pregnant customers")
    assert refused.status_code == 409
    assert "Nothing was saved" in refused.text
    assert "I may use this" in refused.text
    assert send("new/save", condition, name="Pregnant customers", confirm="yes").status_code == 303
    with transaction(store.shop_id) as connection:
        (line,) = decisions.list_newest(connection, kind="confirmation")
    assert line.who == "local"


def test_an_ordinary_segment_asks_for_none(send):
    assert "I may use this" not in send("new", ("order_count", "is", "1"), name="Once").text


def test_a_file_is_checked_before_it_is_taken_in(client, store, send):
    html = send("file", text=NESTED).text
    assert "Everybody who ordered at least twice, or (spent at least \u20ac50.00 and last ordered" in html
    assert "2 of 4 customers today" in html
    assert send("file/save", text=NESTED).status_code == 303
    assert ">Unchanged</s-badge>" in send("file", text=NESTED).text
    answer = client.get("/own/edit/nested", query_string=store.picked)
    assert answer.status_code == 302
    assert "slug: nested" in client.get(answer.location).text


def test_a_mistake_in_a_file_is_told_with_its_place(store, send):
    answer = send("file", text=NESTED.replace("order_count", "orders_count"))
    assert answer.status_code == 400
    assert "segments[0].when.any[0].feature: there is no &#39;orders_count&#39;" in answer.text
    assert "did you mean order_count" in answer.text
    assert "feature: orders_count" in answer.text


def test_the_file_that_is_downloaded_can_be_taken_in_again(client, store, send):
    send("new/save", ("total_spent", "at_least", "12.50"), name="Round trip")
    answer = client.get("/own/segments.yaml", query_string=store.picked)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="segments.yaml"'
    assert "at_least: 12.5" in answer.text
    again = send("file", text=answer.text).text
    assert set(re.findall(r'<s-badge tone="info">([^<]*)', again)) == {"Unchanged"}


def test_a_retired_segment_is_gone_and_one_is_told_how_to_bring_it_back(client, store, send):
    send("new/save", ("order_count", "is", "3"), name="Short lived")
    html = client.get(send("edit/short-lived/retire").location).text
    assert "Its versions are kept." in html
    assert "Short lived" not in html
    send("new/save", ("order_count", "is", "3"), name="Short lived")
    assert get_own(store.shop_id, "short-lived").version == 2


@pytest.mark.parametrize("path", ["edit/nothing", "edit/nothing/save", "edit/nothing/retire"])
def test_a_segment_that_is_not_there_is_not_found(send, path):
    assert send(path, ("order_count", "is", "3"), name="X").status_code == 404


def test_a_name_without_a_letter_we_know_gets_a_number(store, send):
    send("new/save", ("order_count", "is", "3"), name="常連")
    assert get_own(store.shop_id, "segment-1").name == "常連"
