import re
from datetime import datetime

import pytest

from shop_app.services.choose_vocabulary import choose_vocabulary
from shop_app.storage import segment_runs
from shop_app.storage.engine import transaction


def summary_of(store):
    with transaction(store.shop_id) as connection:
        return segment_runs.read_newest(connection)


def page(client, store, path="/", **query):
    answer = client.get(path, query_string={**store.picked, **query})
    assert answer.status_code == 200, answer.text
    return answer.text


def names_in_table(html):
    table = html[html.index('class="tbl segments"') :]
    return re.findall(r'<a class="strong" href="[^"]*">([^<]*)</a>', table)


def grid_figures(html):
    grid = html[html.index('class="rfm"') : html.index("</table>")]
    return [int(text.replace(",", "")) for text in re.findall(r"<span>([\d,]+)</span>", grid)]


@pytest.fixture
def renamed(busy_store):
    """The busy store under other names, and under Shopify's again afterwards."""
    as_of = datetime.fromisoformat(summary_of(busy_store)["as_of"])

    def rename(vocabulary):
        choose_vocabulary(busy_store.shop_id, vocabulary, as_of=as_of)

    yield rename
    rename("shopify")


def test_the_page_shows_every_segment_of_the_newest_run(client, busy_store):
    names = names_in_table(page(client, busy_store))
    assert sorted(names) == sorted(segment["name"] for segment in summary_of(busy_store)["segments"])


def test_the_grid_holds_every_buyer_once(client, busy_store):
    figures = grid_figures(page(client, busy_store))
    assert len(figures) == 25
    assert sum(figures) == summary_of(busy_store)["buyer_count"]


def test_the_grid_can_be_shaded_by_revenue(client, busy_store):
    html = page(client, busy_store, shade="revenue")
    assert 'aria-current="true">Revenue</a>' in html
    assert re.search(r"<span>€[\d,]+</span>", html)


@pytest.mark.parametrize(
    ("sort", "key", "upwards"),
    [
        ("customers", "customer_count", False),
        ("-customers", "customer_count", True),
        ("revenue", "revenue", False),
        ("-revenue", "revenue", True),
    ],
)
def test_the_table_sorts_by_a_figure_either_way(client, busy_store, sort, key, upwards):
    run = summary_of(busy_store)
    figures = {segment["name"]: segment[key] for segment in run["segments"]}
    shown = [figures[name] for name in names_in_table(page(client, busy_store, sort=sort))]
    assert shown == sorted(figures.values(), reverse=not upwards)


def test_names_sort_from_a_to_z_first(client, busy_store):
    names = names_in_table(page(client, busy_store, sort="name"))
    assert names == sorted(names, key=str.casefold)


@pytest.mark.parametrize("sort", ["nothing", "", "--revenue", "revenue;DROP TABLE customers"])
def test_an_unknown_sort_falls_back_to_revenue(client, busy_store, sort):
    assert names_in_table(page(client, busy_store, sort=sort)) == names_in_table(page(client, busy_store))


def test_the_search_finds_by_part_of_the_name(client, busy_store):
    assert set(names_in_table(page(client, busy_store, q="LOYAL "))) == {"Loyal", "Previously loyal"}


def test_a_search_that_finds_nothing_says_so_as_text(client, busy_store):
    html = page(client, busy_store, q="<script>alert(2)</script>")
    assert "No segment has \u201c&lt;script&gt;alert(2)&lt;/script&gt;\u201d in its name." in html
    assert "<script>alert(2)" not in html


def test_every_link_keeps_the_picked_shop(client, busy_store):
    html = page(client, busy_store)
    links = re.findall(r'href="(/[^"]*)"', html)
    ours = [link for link in links if not link.startswith("/static/")]
    assert ours
    assert [link for link in ours if "shop=" not in link] == []


def test_a_small_shop_is_told_why_it_sees_three_groups(client, small_store):
    html = page(client, small_store)
    assert "4 customers with an order so far" in html
    assert "Three groups are shown" in html
    assert "fixed limits in days, orders and money" in html
    assert names_in_table(html).count("Best customers") == 1


def test_a_large_shop_is_not_called_small(client, busy_store):
    assert "so far: a small store" not in page(client, busy_store)


def test_a_shop_without_a_run_says_what_to_type_next(client, empty_store):
    html = page(client, empty_store)
    assert "No segments yet" in html
    assert f"kindred import orders.csv --shop {empty_store.domain}" in html


@pytest.mark.parametrize("path", ["/segments/new", "/customers", "/customers/1", "/data-health"])
def test_no_page_of_an_empty_shop_is_blank(client, empty_store, path):
    assert "kindred import" in page(client, empty_store, path)


def test_an_unknown_shop_is_answered_with_the_known_ones(client, small_store):
    answer = client.get("/", query_string={"shop": "nobody"})
    assert answer.status_code == 404
    assert small_store.domain in answer.text
    assert "shop=nobody" not in answer.text


@pytest.mark.parametrize(
    ("vocabulary", "name"),
    [("putler", "Hibernating"), ("klaviyo", "Needs attention"), ("shopify", "Dormant")],
)
def test_the_names_can_be_chosen(client, busy_store, same_origin, renamed, vocabulary, name):
    answer = client.post(
        "/vocabulary", query_string=busy_store.picked, data={"vocabulary": vocabulary}, headers=same_origin
    )
    assert answer.status_code == 303
    html = page(client, busy_store)
    assert name in names_in_table(html)
    assert re.search(rf'<s-option value="{vocabulary}" selected>', html)


def test_an_unknown_vocabulary_changes_nothing(client, busy_store, same_origin):
    answer = client.post(
        "/vocabulary", query_string=busy_store.picked, data={"vocabulary": "latin"}, headers=same_origin
    )
    assert answer.status_code == 400
    assert "latin" in answer.text
    assert summary_of(busy_store)["vocabulary"] == "shopify"


def test_klaviyo_s_groups_are_defined_by_levels(client, busy_store, renamed):
    renamed("klaviyo")
    html = page(client, busy_store, "/segments/loyal")
    assert "3 being best: 331, 322, 321, 233, 232" in html
    assert "Level 3: last order less than" in html


def test_a_segment_says_who_it_is_in_days_and_how_it_differs(client, busy_store):
    html = page(client, busy_store, "/segments/champions")
    assert "with mark 4 or 5 for orders and spend" in html
    champions = next(each for each in summary_of(busy_store)["segments"] if each["slug"] == "champions")
    orders = champions["order_count"] / champions["customer_count"]
    row = html[html.index("Orders per customer") :]
    assert f'data-label="This segment"><b>{orders:.1f}</b>' in row[:200]


def test_prospects_are_compared_with_nothing(client, busy_store):
    html = page(client, busy_store, "/segments/prospects")
    assert "Compared with the whole store" not in html
    assert "No order of theirs counts" in html


def test_a_segment_of_other_names_is_not_found(client, busy_store):
    answer = client.get("/segments/hibernating", query_string=busy_store.picked)
    assert answer.status_code == 404
    assert "no segment called hibernating" in answer.text
