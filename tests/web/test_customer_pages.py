import re
from html import unescape

import pytest
from predicted import predictions, read_measures, set_measures
from tellings import rows
from web_stores import NOW

from shop_app.services.describe_customer import describe_customer
from shop_app.services.find_customer import find_customer


def page(client, store, path="/customers", status=200, **query):
    answer = client.get(path, query_string={**store.picked, **query})
    assert answer.status_code == status, answer.text
    return answer.text


def of(store, email):
    return find_customer(store.shop_id, email)


def shown(html):
    return [int(number) for number in re.findall(r'<a class="strong" href="/customers/(\d+)', html)]


def following(html):
    found = re.search(r'<s-button href="([^"]*)">Next 50</s-button>', html)
    return found and found.group(1).replace("&amp;", "&")


def turn_all_pages(client, store, **query):
    html = page(client, store, **query)
    people = shown(html)
    while link := following(html):
        html = client.get(link).text
        people += shown(html)
    return people


@pytest.mark.parametrize("sort", ["spent", "orders", "recent"])
def test_turning_the_pages_shows_everybody_exactly_once(client, busy_store, sort):
    people = turn_all_pages(client, busy_store, sort=sort)
    stored = rows(busy_store.shop_id, "SELECT customer_id FROM customer_scores")
    assert len(people) == len(set(people)) == len(stored)


def test_the_greatest_come_first(client, busy_store):
    people = turn_all_pages(client, busy_store)
    spent = {
        row["customer_id"]: row["total_spent"]
        for row in rows(busy_store.shop_id, "SELECT customer_id, total_spent FROM customer_scores")
    }
    amounts = [spent[person] for person in people]
    assert amounts == sorted(amounts, reverse=True)


def test_a_cell_of_the_grid_lists_the_people_it_counts(client, busy_store):
    html = client.get("/", query_string=busy_store.picked).text
    cell = re.search(r'href="(/customers\?[^"]*r=5[^"]*v=5[^"]*)"[^>]*>.*?<span>(\d+)</span>', html, re.DOTALL)
    listed = client.get(cell.group(1).replace("&amp;", "&")).text
    assert len(shown(listed)) == int(cell.group(2))
    assert f"{cell.group(2)} customers with the last order less than" in listed


@pytest.mark.parametrize(
    "query",
    [
        {"r": "6", "v": "1"},
        {"r": "1"},
        {"v": "x", "r": "1"},
        {"after": "x"},
        {"after": "1.2.3"},
        {"after": "9" * 30},
    ],
)
def test_a_place_that_is_none_is_refused_in_words(client, busy_store, query):
    html = page(client, busy_store, status=400, **query)
    assert "That cannot be used" in html
    assert f"{next(iter(query))}" in html


@pytest.mark.parametrize("query", ["ann@example.com", "ANN@Example.com ", "#1001", "1001", "501"])
def test_a_search_leads_straight_to_the_customer(client, small_store, same_origin, query):
    answer = client.post("/customers", query_string=small_store.picked, data={"q": query}, headers=same_origin)
    assert answer.status_code == 303
    assert f"/customers/{of(small_store, 'ann@example.com')}?" in answer.location


def test_what_was_searched_for_stands_in_no_address(client, small_store, same_origin):
    answer = client.post(
        "/customers", query_string=small_store.picked, data={"q": "ann@example.com"}, headers=same_origin
    )
    assert "ann" not in answer.location


@pytest.mark.parametrize(
    "query", ["nobody@example.com", "#9999", "<script>", "%", "'; DROP TABLE customers", "x" * 400]
)
def test_a_search_without_a_find_says_so_and_keeps_the_words(client, small_store, query):
    html = page(client, small_store, q=query)
    assert "error=" in html
    assert "<script>\n" not in html
    assert 'role="search"' in html


def test_every_order_stands_on_the_page_with_its_verdict(client, small_store):
    html = page(client, small_store, f"/customers/{of(small_store, 'ann@example.com')}")
    orders = html[html.index('<ol class="orders">') :]
    names = re.findall(r"<b>(#\d+)</b>", orders)
    assert names == ["#1001", "#1002", "#1003", "#1004", "#1005"]
    left_out = re.findall(r'<li class="left-out">\s*<div class="order-head"><b>(#\d+)</b>', orders)
    assert left_out == ["#1003", "#1004", "#1005"]
    for reason in ("Cancelled.", "A test order, not a sale.", "Not paid."):
        assert reason in orders


def test_a_refund_and_a_code_stand_beside_their_order(client, small_store):
    html = page(client, small_store, f"/customers/{of(small_store, 'ann@example.com')}")
    assert "€10.00 refunded on 26 May 2026" in html
    assert "€5.00 off with SPRING" in html
    assert "€60.00" in html


def test_the_reason_for_the_segment_is_told_in_words(client, small_store):
    html = page(client, small_store, f"/customers/{of(small_store, 'ann@example.com')}")
    assert "2 orders" in html
    assert "mark 5 of 5 (less than 30 days ago)" in html


@pytest.mark.parametrize("path", ["/customers", "/customers/{bob}"])
def test_hostile_names_stay_text(client, small_store, path):
    html = page(client, small_store, path.format(bob=of(small_store, "bob@example.com")))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert" not in html
    assert "&#34;Bob&#34; &amp; Sons" in html


@pytest.mark.parametrize("number", [10**9, 2**63 - 1, 2**63, 10**30])
def test_nobody_of_that_id_is_a_plain_page(client, small_store, number):
    assert "There is no customer" in page(client, small_store, f"/customers/{number}", status=404)


def test_another_shop_s_customer_is_nobody(client, small_store, busy_store):
    stranger = of(busy_store, "p1@example.com")
    own = {row["id"] for row in rows(small_store.shop_id, "SELECT id FROM customers")}
    assert stranger not in own
    html = page(client, small_store, f"/customers/{stranger}", status=404)
    assert "p1@example.com" not in html
    assert "Person 1" not in html


def test_another_shop_s_customer_cannot_be_parted(client, small_store, busy_store, same_origin):
    stranger = of(busy_store, "p1@example.com")
    answer = client.post(
        f"/customers/{stranger}/keep-apart", query_string=small_store.picked, headers=same_origin
    )
    assert answer.status_code == 404


def test_two_accounts_of_one_person_can_be_parted_and_joined_again(client, small_store, same_origin):
    person = of(small_store, "cat@example.com")
    html = page(client, small_store, f"/customers/{person}")
    part = re.search(r'action="(/customers/\d+/keep-apart[^"]*)"', html).group(1)
    assert "same e-mail address" in html
    assert "#1007" in html
    assert "#1008" in html

    parted = client.post(part, headers=same_origin, follow_redirects=True).text
    assert "kept apart by you" in parted
    alone = page(client, small_store, f"/customers/{person}")
    assert ("#1007" in alone) != ("#1008" in alone)

    join = re.search(r'action="(/customers/\d+/rejoin[^"]*)"', parted).group(1)
    joined = client.post(join, headers=same_origin, follow_redirects=True).text
    assert "#1007" in joined
    assert "#1008" in joined


def test_somebody_who_is_not_merged_cannot_be_parted(client, small_store, same_origin):
    answer = client.post(
        f"/customers/{of(small_store, 'ann@example.com')}/keep-apart",
        query_string=small_store.picked,
        headers=same_origin,
    )
    assert answer.status_code == 409
    assert "not merged with anybody" in answer.text


@pytest.mark.parametrize("number", ["0", "-1", "99999", "x", "1e5", "\u0661"])
def test_a_page_of_orders_that_is_none_is_no_failure(client, small_store, number):
    page(client, small_store, f"/customers/{of(small_store, 'ann@example.com')}", page=number)


@pytest.fixture
def one(grouped_store):
    """Somebody with many orders in a shop whose groups were learned."""
    return of(grouped_store, "p21@example.com")


def test_the_segment_is_explained_by_facts_and_by_what_would_move_them(client, grouped_store, one):
    story = describe_customer(grouped_store.shop_id, one, as_of=NOW)
    html = unescape(page(client, grouped_store, f"/customers/{one}"))
    assert story.why
    assert all(words in html for words in (story.reason, *story.why, *story.moves))
    assert f'href="/segments/{story.segment}?' in html
    assert re.search(rf'RFM group: <a href="/rfm/{story.rfm_group}\?[^"]*">{story.rfm_group_name}</a>', html)


def test_what_is_expected_is_shown_as_ranges_and_never_as_one_day(client, grouped_store, one):
    with predictions(grouped_store):
        html = page(client, grouped_store, f"/customers/{one}")
    assert "40.0%" in html
    assert "60.0% risk that they do not" in html
    assert "between €40.00 and €300.00" in html
    assert re.search(r"Next order between</dt><dd>10 Jul 2026<small>and 4 Aug 2026, most likely", html)


def test_what_is_not_published_is_said_with_the_reason(client, grouped_store, one):
    before = read_measures(grouped_store)
    reasons = dict.fromkeys(("order_probability_90d", "next_order_from"), "298 of 300 came back.")
    set_measures(grouped_store, published=reasons)
    html = page(client, grouped_store, f"/customers/{one}")
    set_measures(grouped_store, published=before["published"])
    assert (
        "Not published yet: whether they order again; when the next order comes. 298 of 300 came back." in html
    )


def test_habits_are_told_in_words(client, grouped_store, one):
    story = describe_customer(grouped_store.shop_id, one, as_of=NOW)
    html = page(client, grouped_store, f"/customers/{one}")
    assert f"their usual gap of {int(story.usual_gap_days)} days" in html
    assert re.search(r"<dt>Best time to write</dt><dd>\w+days around \d+:00", html)
    assert re.search(r"<dt>Price sensitivity</dt><dd>(High|Medium|Low): they? ", html) or "helps now" in html


def test_somebody_without_an_order_is_not_predicted(client, grouped_store):
    person = of(grouped_store, "p220@example.com")
    assert "What to expect" not in page(client, grouped_store, f"/customers/{person}")
