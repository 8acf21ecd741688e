"""A file into a shop: as a whole or not at all, once, and newer facts over older ones."""

import csv
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from shop_files import write_customers, write_orders, write_table
from tellings import customers, one, rows, versions_of_rows

from shop_app.errors import InvalidInputError, RefusedError
from shop_app.files.file_format import ReadOptions
from shop_app.services import import_file as story
from shop_app.services.import_file import import_file
from shop_app.services.open_shop import open_shop
from shop_app.services.plan_import import ImportOptions
from shop_app.storage import encryption, imports
from shop_app.storage.engine import transaction

AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
ANN = "ann@example.com"


@pytest.fixture
def take_in(shop_id, tmp_path):
    """Import a file into the test's shop; rejects go beside it."""

    def take(path, options=None, at=AT):
        options = options or ImportOptions()
        return import_file(path, shop_id, replace(options, rejects_path=tmp_path / "rejects.csv"), at=at)

    return take


@pytest.fixture
def newest(shop_id):
    def read():
        with transaction(shop_id) as connection:
            return imports.list_newest(connection)

    return read


def test_every_cent_of_shopifys_orders_export_arrives(shop_id, take_in, tmp_path):
    path = write_orders(
        tmp_path / "orders_export.csv",
        {
            "Name": "#1001",
            "Id": "5001",
            "Email": "Ann@Example.com",
            "Billing Name": "Ann Ash",
            "Subtotal": "24.98",
            "Shipping": "4.90",
            "Taxes": "4.77",
            "Total": "29.88",
            "Discount Code": "SPRING",
            "Discount Amount": "2.00",
            "Refunded Amount": "5.01",
            "Tags": "gift, wholesale",
            "Source": "web",
            "lines": [("TEA", 2, "9.99"), ("CUP", 1, "7.00")],
        },
        {"Name": "#1002", "Id": "5002", "Total": "10.00", "Financial Status": "pending", "Email": ANN},
    )
    report = take_in(path)
    assert (report.state, report.kind, report.rejects_path) == ("done", "shopify_orders", None)
    assert report.counts["orders"] == {"new": 2, "updated": 0, "unchanged": 0, "older": 0}
    assert report.counts["customers"] == {"new": 1, "updated": 0}
    first = one(shop_id, "SELECT * FROM orders WHERE name = '#1001'")
    assert (first["total"], first["shipping"], first["tax"], first["discount"]) == (2988, 490, 477, 200)
    assert (first["goods_total"], first["item_count"], first["shopify_id"]) == (2698, 3.0, 5001)
    assert (first["tags"], first["discount_codes"], first["test"]) == (
        ["gift", "wholesale"],
        ["SPRING"],
        None,
    )
    assert one(shop_id, "SELECT amount, order_found_by FROM refunds") == {
        "amount": 501,
        "order_found_by": "stated",
    }
    (ann,) = customers(shop_id)
    assert (ann["email"], ann["first_name"], ann["last_name"]) == (ANN, "Ann", "Ash")
    assert {row["customer_id"] for row in rows(shop_id, "SELECT customer_id FROM orders")} == {ann["id"]}


def test_the_row_of_an_import_tells_what_came_of_it(take_in, newest, tmp_path):
    exported_at = datetime(2026, 6, 1, tzinfo=UTC)
    report = take_in(write_orders(tmp_path / "o.csv", {"Name": "#1", "Email": ANN}, exported_at=exported_at))
    (row,) = newest()
    assert (row["state"], row["file_name"], row["kind"], row["exported_at"]) == (
        "done",
        "o.csv",
        "shopify_orders",
        exported_at,
    )
    assert row["counts"] == report.counts
    assert "test flag" in row["counts"]["missing"]


def test_the_same_file_again_changes_nothing(shop_id, take_in, newest, tmp_path):
    path = write_orders(tmp_path / "o.csv", {"Name": "#1", "Email": ANN, "Refunded Amount": "1.00"})
    take_in(path)
    before = versions_of_rows(shop_id)
    assert take_in(path.rename(tmp_path / "again.csv")).state == "unchanged"
    assert versions_of_rows(shop_id) == before
    assert len(newest()) == 1


def test_the_same_file_read_another_way_is_read_again(shop_id, take_in, tmp_path):
    path = write_table(
        tmp_path / "t.csv",
        "order_id,customer_id,time,product,quantity,unit_price",
        "1,K,2026-05-03 10:00,TEA,2,1.50",
    )
    take_in(path)
    assert one(shop_id, "SELECT processed_at, currency FROM orders") == {
        "processed_at": datetime(2026, 5, 3, 10, tzinfo=UTC),
        "currency": "EUR",
    }
    options = ImportOptions(timezone="Europe/Berlin", read=ReadOptions(currency="GBP"))
    assert take_in(path, options).counts["orders"]["updated"] == 1
    assert one(shop_id, "SELECT processed_at, currency FROM orders") == {
        "processed_at": datetime(2026, 5, 3, 8, tzinfo=UTC),
        "currency": "GBP",
    }


@pytest.mark.parametrize("stated", [True, False])
def test_a_files_own_date_or_the_stated_one_says_which_is_newer(shop_id, take_in, tmp_path, stated):
    older, newer = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 9, tzinfo=UTC)
    new = write_orders(tmp_path / "new.csv", {"Name": "#1", "Total": "12.00"}, exported_at=newer)
    old = write_orders(
        tmp_path / "old.csv", {"Name": "#1", "Total": "10.00"}, exported_at=newer if stated else older
    )
    take_in(new)
    report = take_in(old, ImportOptions(exported_at=older if stated else None))
    assert report.counts["orders"]["older"] == 1
    assert one(shop_id, "SELECT total FROM orders")["total"] == 1200


def test_a_file_dated_ahead_of_the_clock_counts_as_of_now(shop_id, take_in, tmp_path):
    path = write_orders(tmp_path / "o.csv", {"Name": "#1"}, exported_at=datetime(2027, 1, 1, tzinfo=UTC))
    take_in(path)
    assert one(shop_id, "SELECT fact_at FROM orders")["fact_at"] == AT


def test_customers_and_orders_meet_by_address_whichever_file_comes_first(take_in, tmp_path, make_shop):
    people = write_customers(
        tmp_path / "c.csv",
        {
            "Customer ID": "'77",
            "First Name": "Ann",
            "Email": ANN,
            "Accepts Email Marketing": "yes",
            "Tags": "vip",
        },
    )
    orders = write_orders(tmp_path / "o.csv", {"Name": "#1", "Email": ANN, "Billing Name": "A. Ash"})
    for files in ((people, orders), (orders, people)):
        shop_id = make_shop()
        for path in files:
            import_file(path, shop_id, ImportOptions(rejects_path=tmp_path / "r.csv"), at=AT)
        (ann,) = customers(shop_id)
        assert (ann["shopify_id"], ann["first_name"], ann["tags"], ann["email_consent"]) == (
            77,
            "Ann",
            ["vip"],
            "subscribed",
        )
        assert one(shop_id, "SELECT customer_id FROM orders")["customer_id"] == ann["id"]


def test_bad_rows_go_to_the_reject_file_and_the_others_come_in(shop_id, take_in, newest, tmp_path):
    path = write_table(
        tmp_path / "t.csv",
        "order_id,customer_id,time,product,quantity,unit_price",
        *(f"{number},K,2026-05-{number:02d} 10:00,TEA,2,1.50" for number in range(1, 21)),
        "21,K,yesterday,TEA,2,1.50",
        "22,K,2026-05-03 10:00,TEA,=1+1,1.50",
    )
    report = take_in(path)
    assert report.counts["orders"]["new"] == 20
    assert report.counts["rejects"] == 2
    assert report.rejects_path == tmp_path / "rejects.csv"
    content = report.rejects_path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rejects = csv.reader(content.decode("utf-8-sig").splitlines())
    assert header == ["line_number", "field", "value", "reason"]
    assert [(row[0], row[1], row[2]) for row in rejects] == [
        ("22", "time", "yesterday"),
        ("23", "quantity", "'=1+1"),
    ]
    assert all(row[3] for row in rejects)
    assert newest()[0]["counts"]["rejects"] == 2


def test_without_bad_rows_there_is_no_reject_file(take_in, tmp_path):
    take_in(write_orders(tmp_path / "o.csv", {"Name": "#1"}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.csv"]


def test_a_file_of_bad_rows_is_refused_and_says_where_the_reasons_are(shop_id, take_in, newest, tmp_path):
    path = write_table(
        tmp_path / "t.csv",
        "order_id,customer_id,time,product,quantity,unit_price",
        "1,K,2097-05-01 10:00,TEA,2,1.50",
        ",K,2026-05-02 10:00,TEA,2,1.50",
        "3,K,2098-05-03 10:00,TEA,2,1.50",
        ",K,2026-05-04 10:00,TEA,2,1.50",
    )
    with pytest.raises(InvalidInputError, match=r"None of the 4 rows of t\.csv can be used") as refusal:
        take_in(path)
    assert str(tmp_path / "rejects.csv") in str(refusal.value)
    assert (tmp_path / "rejects.csv").exists()
    assert rows(shop_id, "SELECT * FROM orders") == []
    (row,) = newest()
    assert (row["state"], row["error"]) == ("failed", str(refusal.value))


def test_what_breaks_in_the_middle_leaves_nothing_but_a_word_about_it(
    shop_id, take_in, newest, tmp_path, monkeypatch
):
    def break_down(*_):
        raise RuntimeError(f"somebody at {ANN}")

    monkeypatch.setattr(story, "_counts", break_down)
    with pytest.raises(RuntimeError):
        take_in(write_orders(tmp_path / "o.csv", {"Name": "#1", "Email": ANN}))
    assert [rows(shop_id, f"SELECT * FROM {table}") for table in ("orders", "customers", "products")] == [
        [],
        [],
        [],
    ]
    (row,) = newest()
    assert (row["state"], row["error"]) == ("failed", "RuntimeError")


def test_two_imports_into_one_shop_do_not_run_at_once(shop_id, take_in, tmp_path):
    path = write_orders(tmp_path / "o.csv", {"Name": "#1"})
    with transaction(shop_id) as connection:
        assert imports.hold_shop(connection, shop_id)
        with pytest.raises(RefusedError, match="Another import into this shop is running"):
            take_in(path)
    assert take_in(path).state == "done"


_KILLED = """
    import sys, time
    from datetime import UTC, datetime
    from pathlib import Path
    from shop_app.services.import_file import import_file
    from shop_app.services.plan_import import ImportOptions
    from shop_app.storage import encryption, engine, intake

    encryption.load_keys(sys.argv[3], sys.argv[4])
    engine.connect(sys.argv[5])
    intake.Intake.finish = lambda self: (self.settle(), print("written", flush=True), time.sleep(60))
    import_file(Path(sys.argv[1]), int(sys.argv[2]), ImportOptions(), at=datetime(2026, 6, 30, tzinfo=UTC))
"""


def test_killed_in_the_middle_nothing_of_it_is_kept(shop_id, take_in, newest, settings, tmp_path):
    path = write_orders(tmp_path / "o.csv", *({"Name": f"#{number}", "Email": ANN} for number in range(50)))
    secrets = (settings.keys, settings.hash_key, settings.database_url)
    killed = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_KILLED), str(path), str(shop_id), *secrets],
        stdout=subprocess.PIPE,
        text=True,
    )
    with killed:
        assert killed.stdout.readline() == "written\n"
        killed.send_signal(signal.SIGKILL)
    assert rows(shop_id, "SELECT * FROM orders") == []
    assert rows(shop_id, "SELECT * FROM customers") == []
    assert [row["state"] for row in newest()] == ["running"]
    deadline = time.monotonic() + 20
    while (report := _or_none(take_in, path)) is None and time.monotonic() < deadline:
        time.sleep(0.1)  # the server has yet to notice that nobody is there
    assert report.counts["orders"]["new"] == 50
    assert [row["state"] for row in newest()] == ["done", "failed"]
    assert "stopped before its end" in newest()[1]["error"]


def _or_none(take_in, path):
    try:
        return take_in(path)
    except RefusedError:
        return None


def test_a_shop_without_a_currency_takes_it_from_the_file_or_the_user(tmp_path):
    table = write_table(
        tmp_path / "t.csv",
        "order_id,customer_id,time,product,quantity,unit_price",
        "1,K,2026-05-03 10:00,TEA,2,1.50",
    )
    shop_id = open_shop(f"moneyless {tmp_path}"[:100]).shop_id
    import_file(table, shop_id, ImportOptions(), at=AT)
    assert one(shop_id, "SELECT o.currency, s.currency AS shops FROM orders o, shop_settings s") == {
        "currency": "XXX",
        "shops": "XXX",
    }
    orders = write_orders(tmp_path / "o.csv", {"Name": "#1", "Currency": "GBP"})
    import_file(orders, shop_id, ImportOptions(), at=AT)
    assert one(shop_id, "SELECT currency FROM shop_settings")["currency"] == "GBP"
    assert {row["currency"] for row in rows(shop_id, "SELECT currency FROM orders")} == {"GBP"}


def test_no_name_or_address_is_readable_in_the_stored_rows(shop_id, take_in, tmp_path):
    take_in(
        write_orders(
            tmp_path / "o.csv",
            {"Name": "#1", "Email": ANN, "Billing Name": "Ann Ash", "Phone": "+447700900123"},
        )
    )
    with transaction(shop_id) as connection:
        for table in ("customers", "orders", "imports"):
            stored = connection.exec_driver_sql(f"SELECT {table}::text FROM {table}").scalars().all()
            raw = connection.exec_driver_sql(
                "SELECT coalesce(email, '') || coalesce(phone, '') || coalesce(last_name, '') FROM customers"
            ).scalars()
            assert not any(secret in row for row in stored for secret in (ANN, "Ash", "7700900123"))
            assert not any(
                secret in bytes(row) for row in raw for secret in (ANN.encode(), b"Ash", b"7700900123")
            )
    (ann,) = customers(shop_id)
    assert ann["phone"] == "+447700900123"
    assert bytes(ann["email_hash"]) == encryption.match_hash(ANN, kind="email", shop_id=shop_id)


def test_progress_ends_at_the_end_of_the_file(shop_id, tmp_path):
    told = []
    path = write_orders(tmp_path / "o.csv", *({"Name": f"#{number}"} for number in range(30)))
    import_file(path, shop_id, ImportOptions(), at=AT, progress=lambda *what: told.append(what))
    size = path.stat().st_size
    assert told[-1] == (size, size, 30, "writing")
    assert all(done <= total for done, total, _, _ in told)
