import re

import pytest
from test_segment_pages import grid_figures, names_in_table, page, summary_of
from web_stores import NOW

from shop_app.services.choose_vocabulary import choose_vocabulary
from shop_app.services.shop_clock import default_as_of


def people_in(html):
    return len(re.findall(r'<a class="strong" href="/customers/\d+', html))


def test_the_rfm_page_lists_every_rfm_group(client, grouped_store):
    names = names_in_table(page(client, grouped_store, "/rfm"))
    assert sorted(names) == sorted(group["name"] for group in summary_of(grouped_store)["rfm_groups"])


def test_its_grid_holds_every_buyer_once(client, grouped_store):
    figures = grid_figures(page(client, grouped_store, "/rfm"))
    assert len(figures) == 25
    assert sum(figures) == summary_of(grouped_store)["buyer_count"]


@pytest.mark.parametrize("query", [{"sort": "customers"}, {"sort": "-name"}, {"shade": "revenue"}, {"q": "x"}])
def test_its_links_stay_on_the_page(client, grouped_store, query):
    html = page(client, grouped_store, "/rfm", **query)
    sorts = re.findall(r'href="([^"]*sort=[^"]*)"', html)
    assert sorts
    assert all(link.startswith("/rfm?") for link in sorts)
    assert names_in_table(html)


def test_the_limits_of_the_marks_stand_on_it(client, grouped_store):
    assert "What the marks mean." in page(client, grouped_store, "/rfm")


@pytest.mark.parametrize("path", ["/rfm/champions", "/segments/regulars"])
def test_an_rfm_group_has_a_page_of_its_own(client, grouped_store, path):
    group = next(
        each for each in summary_of(grouped_store)["rfm_groups"] if each["slug"] == path.split("/")[-1]
    )
    answer = client.get(path, query_string=grouped_store.picked, follow_redirects=True)
    assert "with mark" in answer.text
    assert people_in(answer.text) == min(group["customer_count"], 50)
    assert '<s-link slot="breadcrumb-actions" href="/rfm?shop=' in answer.text


def test_the_list_of_an_rfm_group_can_be_sorted_and_turned(client, grouped_store):
    largest = max(summary_of(grouped_store)["rfm_groups"], key=lambda group: group["customer_count"])
    first = page(client, grouped_store, f"/rfm/{largest['slug']}", sort="orders")
    links = re.findall(r'href="(/rfm/[^"]*sort=recent[^"]*)"', first)
    assert links
    assert people_in(client.get(links[0].replace("&amp;", "&")).text) == min(largest["customer_count"], 50)


def test_a_group_that_nobody_calls_so_is_not_found(client, grouped_store):
    answer = client.get("/rfm/hibernating-people", query_string=grouped_store.picked)
    assert answer.status_code == 404
    assert "no RFM group called hibernating-people" in answer.text


def test_where_no_groups_were_learned_the_rfm_groups_are_the_segments(client, busy_store):
    html = page(client, busy_store, "/rfm")
    assert "These groups are this shop&#39;s segments." in html
    assert page(client, busy_store, "/rfm/champions").count("Export customers")


@pytest.mark.parametrize("path", ["/rfm", "/rfm/champions"])
def test_a_shop_without_a_run_is_told_what_comes_first(client, empty_store, path):
    assert "kindred import" in page(client, empty_store, path)


@pytest.fixture
def renamed(grouped_store):
    yield
    choose_vocabulary(grouped_store.shop_id, "shopify", as_of=default_as_of(grouped_store.shop_id, NOW))


def test_other_names_leave_the_segments_alone(client, grouped_store, same_origin, renamed):
    before = names_in_table(page(client, grouped_store))
    answer = client.post(
        "/vocabulary", query_string=grouped_store.picked, data={"vocabulary": "putler"}, headers=same_origin
    )
    assert answer.status_code == 303
    assert answer.location.startswith("/rfm?")
    assert answer.location.endswith("#groups")
    assert '<s-option value="putler" selected>' in page(client, grouped_store, "/rfm")
    assert names_in_table(page(client, grouped_store)) == before
