import json
from datetime import UTC, datetime

from sqlalchemy import text

from shop_app.storage.engine import transaction


def page(client, store):
    answer = client.get("/data-health", query_string=store.picked)
    assert answer.status_code == 200
    return answer.text


def test_every_verdict_stands_with_its_orders(client, small_store):
    html = page(client, small_store)
    for words, orders in (
        ("Counts as a purchase.", 6),
        ("Cancelled.", 1),
        ("A test order, not a sale.", 1),
        ("Not paid.", 1),
        ("Refunded in full.", 1),
    ):
        row = html[html.index(words) :]
        assert f'data-label="Orders">{orders}</td>' in row[:200]


def test_the_orders_add_up(client, small_store):
    foot = page(client, small_store).split("All orders")[1]
    assert 'data-label="Orders">10</td>' in foot


def test_the_tier_says_what_is_missing(client, small_store):
    html = page(client, small_store)
    assert "Rules only" in html
    assert "customers with a second order" in html


def test_an_import_says_what_it_brought_and_what_failed(client, empty_store):
    moment = datetime(2026, 6, 1, 12, tzinfo=UTC)
    with transaction(empty_store.shop_id) as connection:
        connection.execute(
            text("""
                INSERT INTO imports (shop_id, file_name, kind, content_hash, options_hash, exported_at, state,
                    started_at, finished_at, counts, health, error)
                VALUES (:shop, :name, 'line_table', '\\x01', '\\x02', :at, 'failed', :at, :at,
                        CAST(:counts AS jsonb), CAST(:health AS jsonb), 'line 7: <b>no date</b>')"""),
            {
                "shop": empty_store.shop_id,
                "name": "<i>orders</i>.csv",
                "at": moment,
                "counts": json.dumps(
                    {"rows": 1200, "rejects": 3, "orders": {"new": 7, "updated": 0}, "missing": ["test flag"]}
                ),
                "health": json.dumps({"findings": [{"words": "3 duplicates", "advice": "Look at them."}]}),
            },
        )
    html = page(client, empty_store)
    assert "&lt;i&gt;orders&lt;/i&gt;.csv" in html
    assert "line 7: &lt;b&gt;no date&lt;/b&gt;" in html
    assert "1,200 rows · 3 rows rejected · 7 new orders · not in this file: test flag" in html
    assert "3 duplicates" in html
    assert "Look at them." in html
