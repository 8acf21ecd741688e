import csv
from io import StringIO

import pytest
from tellings import rows


def table(client, store, path, **query):
    answer = client.get(path, query_string={**store.picked, **query})
    assert answer.status_code == 200, answer.text
    return answer, list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.parametrize("path", ["/export/segments.csv", "/export/customers.csv", "/export/ledger.csv"])
def test_a_spreadsheet_sees_utf_8_and_a_file_to_keep(client, small_store, path):
    answer, _ = table(client, small_store, path)
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="small-web-shop')
    assert answer.headers["Content-Disposition"].endswith('.csv"')


def test_every_order_is_in_the_ledger_once(client, small_store):
    _, ledger = table(client, small_store, "/export/ledger.csv")
    assert len(ledger) == 10
    assert sum(row["verdict"] == "counts" for row in ledger) == 6


def test_all_customers_are_exported_or_those_of_one_segment(client, busy_store):
    _, everybody = table(client, busy_store, "/export/customers.csv")
    stored = rows(busy_store.shop_id, "SELECT segment FROM customer_scores")
    assert len(everybody) == len(stored)
    _, champions = table(client, busy_store, "/export/customers.csv", segment="champions")
    assert len(champions) == sum(row["segment"] == "champions" for row in stored)
    assert {row["segment"] for row in champions} == {"champions"}


def test_no_cell_is_run_as_a_formula(client, small_store):
    answer, people = table(client, small_store, "/export/customers.csv")
    assert any("SUM(A1)" in " ".join(row.values()) for row in people)
    cells = [cell for row in csv.reader(StringIO(answer.text)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "@", "\t"))] == []


def test_no_other_shop_s_people_leave_in_a_file(client, small_store, busy_store):
    _, people = table(client, small_store, "/export/customers.csv")
    assert {row["email"] for row in people} == {
        f"{name}@example.com" for name in ("ann", "bob", "cat", "dan", "eve")
    }


def test_a_shop_without_segments_says_so_instead_of_an_empty_file(client, empty_store):
    answer = client.get("/export/segments.csv", query_string=empty_store.picked)
    assert answer.status_code == 409
    assert answer.mimetype == "text/html"


def test_what_the_segments_are_defined_by_and_what_to_do_leaves_as_a_file(client, grouped_store):
    _, definitions = table(client, grouped_store, "/export/definitions.csv")
    _, plays = table(client, grouped_store, "/export/playbook.csv")
    assert {row["slug"] for row in plays} == {row["slug"] for row in definitions} | {"prospects"}
    assert all(row["definition"] and row["kind"] == "learned" for row in definitions)


def test_predictions_leave_for_all_or_for_one_segment(client, grouped_store):
    _, everybody = table(client, grouped_store, "/export/predictions.csv")
    _, some = table(client, grouped_store, "/export/predictions.csv", segment="one-and-done")
    assert {row["segment"] for row in some} == {"one-and-done"}
    assert 0 < len(some) < len(everybody)
