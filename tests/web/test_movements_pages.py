import csv
import re
from datetime import date
from io import StringIO

import pytest
from tellings import rows
from test_segment_pages import page

from shop_app.web import movements, summaries

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def compared(local_app, grouped_store):
    """The page as it opens: the newest day and the one thirty days before."""
    return local_app.test_client().get("/movements", query_string=grouped_store.picked).text


@pytest.fixture(scope="module")
def table(local_app, grouped_store):
    answer = local_app.test_client().get("/movements.csv", query_string=grouped_store.picked)
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))


def numbers(html, label):
    return [int(each.replace(",", "")) for each in re.findall(rf'data-label="{label}">([\d,]+)', html)]


def test_it_compares_the_newest_day_with_the_one_thirty_days_before(compared):
    assert "From 31 May 2026 to 30 Jun 2026" in compared
    assert 'name="from" label="From the end of" value="2026-05-31"' in compared


def test_the_picture_the_tables_and_the_file_tell_the_same(compared, table, grouped_store):
    everybody = len(rows(grouped_store.shop_id, "SELECT 1 FROM customer_scores"))
    assert sum(int(row["customer_count"]) for row in table) == everybody
    assert compared.count("<title>") == len(table) + 1  # and the page's own
    assert sum(numbers(compared, "Now")) == everybody
    movers = [row for row in table if row["from"] != row["to"]]
    assert movers
    assert sum(numbers(compared, "Customers")) == sum(int(row["customer_count"]) for row in movers)


def test_the_matrix_adds_up_along_rows_and_columns(compared):
    matrix = compared[compared.index('class="limits matrix"') :]
    lines = [
        [
            int(each.replace(",", "")) if each != "\u2013" else 0
            for each in re.findall(r"<td[^>]*>([^<]+)</td>", row)
        ]
        for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", matrix)
    ]
    *body, totals = lines
    assert all(sum(line[:-1]) == line[-1] for line in body)
    assert [sum(column) for column in zip(*(line[:-1] for line in body), strict=True)] == totals


def test_stayers_are_told_from_movers_by_more_than_a_colour(compared):
    assert "stayed in" in compared
    assert re.search(r'<path class="moves"[^>]*><title>[\d,]+ customers? from ', compared)


def test_the_greatest_movements_are_said_in_words(compared):
    assert re.search(r"\d+ customers? moved from ", compared)


def test_today_s_groups_are_said_to_be_used_where_they_are_younger(compared):
    assert "Compared by today&#39;s segments" in compared


def test_two_other_days_can_be_chosen(client, grouped_store):
    html = page(client, grouped_store, "/movements", **{"from": "2026-03-01", "to": "2026-04-01"})
    assert "From 1 Mar 2026 to 1 Apr 2026" in html
    assert "/movements.csv?from=2026-03-01&amp;to=2026-04-01" in html


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"from": "yesterday"}, "from", "Give a day, such as 2026-03-31."),
        ({"from": "2026-06-30"}, "from", "Give a day before the other one."),
        ({"to": "2030-01-01"}, "to", "Give 30 Jun 2026 or a day before it: nothing newer is known."),
        ({"to": "<b>"}, "to", "Give a day"),
    ],
)
def test_days_that_cannot_be_compared_are_said_beside_the_field(client, grouped_store, query, field, words):
    answer = client.get("/movements", query_string={**grouped_store.picked, **query})
    assert answer.status_code == 400
    assert words in re.search(rf'<s-date-field name="{field}"[^>]* error="([^"]*)"', answer.text).group(1)


def test_the_file_names_the_segments_and_its_money_is_in_units(table):
    flow = max(table, key=lambda row: int(row["customer_count"]))
    assert flow["currency"] == "EUR"
    assert re.fullmatch(r"\d+\.\d\d", flow["total_spent"])
    assert flow["from_name"]


def test_a_shop_too_large_for_a_page_is_told_what_to_type(client, grouped_store, monkeypatch):
    monkeypatch.setattr(summaries, "ON_A_PAGE_UP_TO", 10)
    html = page(client, grouped_store, "/movements")
    assert "takes longer than a page may" in html
    assert "kindred moves --shop" in html
    assert "<svg" not in html
    answer = client.get("/movements.csv", query_string=grouped_store.picked)
    assert answer.status_code == 409
    assert "kindred moves" in answer.text


def test_a_large_shop_is_compared_when_it_is_asked_for(client, grouped_store, monkeypatch):
    monkeypatch.setattr(movements, "AT_ONCE_UP_TO", 10)
    assert "<svg" not in page(client, grouped_store, "/movements")
    assert "<svg" in page(client, grouped_store, "/movements", **{"from": "2026-06-01"})


def test_a_shop_without_a_run_is_told_what_comes_first(client, empty_store):
    assert "kindred import" in page(client, empty_store, "/movements")
    assert client.get("/movements.csv", query_string=empty_store.picked).status_code == 409
