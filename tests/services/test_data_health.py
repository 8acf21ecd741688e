"""The health report: what is there, what is odd, and a way out for each."""

import pytest
from shop_files import write_orders, write_table
from tellings import a_customer, a_line, an_order, day, frames, tell

from shop_app.services.data_health import data_health
from shop_app.services.import_file import import_file
from shop_app.services.open_shop import open_shop
from shop_app.services.plan_import import ImportOptions
from shop_app.services.set_rates import set_rates
from shop_app.storage import imports
from shop_app.storage.engine import transaction

HEADER = "order_id,customer_id,time,product,title,quantity,unit_price"


def findings(report):
    return {finding["kind"]: finding for finding in report["findings"]}


def test_an_empty_shop_has_no_history_and_nothing_odd(shop_id, as_of):
    report = data_health(shop_id, as_of=as_of)
    assert (report["customers"], report["orders"], report["months"], report["first_order_at"]) == (
        0,
        0,
        0.0,
        None,
    )
    assert report["tier"]["name"] == "rules_only"
    assert report["findings"] == []


def test_counts_and_months_are_those_of_the_orders_up_to_the_moment(shop_id, as_of):
    orders = [
        an_order(f"#{month}", customer_ref="a@example.com", processed_at=day(15, month)) for month in (1, 3, 5)
    ]
    later = an_order("#9", customer_ref="a@example.com", processed_at=day(15, 9))
    tell(
        shop_id,
        frames([a_customer("a@example.com")], [*orders, later], [a_line("#1"), a_line("#3")]),
        at=as_of,
    )
    report = data_health(shop_id, as_of=as_of)
    assert (report["customers"], report["buyers"], report["orders"], report["lines"]) == (1, 1, 3, 2)
    assert report["months"] == pytest.approx(120 / 30.436875, abs=0.05)
    assert report["last_order_at"] == "2026-05-15T12:00:00+00:00"


def test_each_oddity_of_a_file_is_counted_with_a_way_out(shop_id, as_of, tmp_path):
    rows = [
        "1,K,2026-05-01 10:00,T1,Green tea,2,1.50",
        "1,K,2026-05-01 10:00,T1,Green tea,2,1.50",
        "2,K,2026-05-02 10:00,T1,Black tea,2,1.50",
        "3,,2026-05-03 10:00,T2,Cup,1,4.00",
        "4,K,2026-05-04 10:00,T2,CUP ,1,4.00",
        "C5,K,2026-05-05 10:00,T2,Cup,-1,4.00",
        "C6,K,2026-05-05 10:00,T3,Spoon,-1,2.00",
        "7,K,2099-05-04 10:00,T2,Cup,1,4.00",
    ]
    path = write_table(tmp_path / "t.csv", HEADER, *rows)
    report = import_file(path, shop_id, ImportOptions(rejects_path=tmp_path / "r.csv"), at=as_of)
    assert report.counts["rejects"] == 1
    health = data_health(shop_id, as_of=as_of)
    found = findings(health)
    assert {kind: finding["count"] for kind, finding in found.items()} == {
        "missing_fields": len(report.counts["missing"]),
        "rejected_rows": 1,
        "repeated_rows": 1,
        "conflicting_titles": 1,
        "orders_without_customer": 1,
        "refunds_without_order": 2,
    }
    assert all(finding["words"].endswith(".") and finding["advice"].endswith(".") for finding in found.values())
    assert "2. 1 went to" in found["refunds_without_order"]["words"]
    with transaction(shop_id) as connection:
        assert imports.list_newest(connection)[0]["health"] == health


def test_foreign_money_is_named_until_a_rate_is_given(shop_id, as_of, tmp_path):
    orders = (
        {"Name": "#1", "Currency": "USD"},
        {"Name": "#2", "Currency": "EUR"},
        {"Name": "#3", "Currency": "USD"},
    )
    import_file(write_orders(tmp_path / "o.csv", *orders), shop_id, ImportOptions(), at=as_of)
    foreign = findings(data_health(shop_id, as_of=as_of))["foreign_currency"]
    assert (foreign["count"], "USD (2)" in foreign["words"], "--rate USD=" in foreign["advice"]) == (
        2,
        True,
        True,
    )
    set_rates(shop_id, {"USD": "0.92"})
    assert "foreign_currency" not in findings(data_health(shop_id, as_of=as_of))


def test_money_without_a_name_is_a_finding(as_of, tmp_path):
    shop_id = open_shop(f"plain {tmp_path.name}").shop_id
    path = write_table(tmp_path / "t.csv", HEADER, "1,K,2026-05-01 10:00,T1,Tea,2,1.50")
    import_file(path, shop_id, ImportOptions(), at=as_of)
    assert findings(data_health(shop_id, as_of=as_of))["unknown_currency"]["count"] == 1
