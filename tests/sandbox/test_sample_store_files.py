"""The files are in Shopify's own shape, and the same to the byte whenever they are made."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from sandbox.sample_store import make_store, write_exports

SHOPIFY_ORDER_COLUMNS = """
Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,
Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,
Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,
Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,
Billing Address2,Billing Company,Billing City,Billing Zip,Billing Province,Billing Country,
Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,
Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,
Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,
Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,
Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,
Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,
Payment References
""".replace("\n", "")
SHOPIFY_CUSTOMER_COLUMNS = """
Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,
Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,
Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,
Total Spent,Total Orders,Note,Tax Exempt,Tags
""".replace("\n", "")
LINE_COLUMNS = {name for name in SHOPIFY_ORDER_COLUMNS.split(",") if name.startswith("Lineitem")} | {"Vendor"}
ON_EVERY_ROW = LINE_COLUMNS | {"Name", "Email", "Created at"}
NEW_YORK = ZoneInfo("America/New_York")


def as_time(cell):
    return datetime.strptime(cell, "%Y-%m-%d %H:%M:%S %z")


def test_the_headers_are_shopifys(shop):
    assert ",".join(shop.orders.columns) == SHOPIFY_ORDER_COLUMNS
    assert len(shop.orders.columns) == 79
    assert ",".join(shop.customers.columns) == SHOPIFY_CUSTOMER_COLUMNS


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    for folder in ("once", "again"):
        write_exports(make_store(customers=300, seed=5, until=date(2026, 6, 30)), tmp_path / folder)
    for file in (tmp_path / "once").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


def test_the_bytes_are_the_same_on_every_machine(tmp_path):
    """The sums were taken once. They change only when the generator does: then take them anew."""
    exports = write_exports(make_store(customers=150, seed=1, until=date(2026, 6, 30), months=12), tmp_path)
    sums = [hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in exports]
    assert sums == ["20eb18c3fbd9bf66", "4255c2e9c74c872c", "f6e6a055a7e90b4c"]


def test_another_seed_gives_another_store():
    one, other = (make_store(customers=200, seed=seed, until=date(2026, 6, 30)) for seed in (1, 2))
    assert one.kinds.tolist() != other.kinds.tolist()


def test_a_larger_store_begins_with_the_same_people():
    small, large = (make_store(customers=size, until=date(2026, 6, 30)).truth.customers for size in (700, 900))
    assert small.equals(large.head(700))


def test_the_newest_order_comes_first(shop):
    numbers = [int(name[1:]) for name in shop.heads["Name"]]
    assert numbers == list(range(len(numbers) + 1000, 1000, -1))
    moments = [as_time(cell) for cell in shop.heads["Created at"]]
    assert moments == sorted(moments, reverse=True)
    ids = [int(cell) for cell in shop.heads["Id"]]
    assert ids == sorted(set(ids), reverse=True)


def test_an_orders_own_columns_stand_on_its_first_row_only(shop):
    first = pl.col("Name") != pl.col("Name").shift(1).fill_null("")
    later = shop.orders.with_columns(first=first).filter(~pl.col("first"))
    assert later.height > 10_000
    filled = {name for name in shop.orders.columns if later[name].is_not_null().any()}
    assert filled <= ON_EVERY_ROW
    assert shop.heads["Name"].is_unique().all()


def test_times_are_told_in_the_shops_own_offset(shop):
    for name in ("Created at", "Paid at", "Fulfilled at", "Cancelled at"):
        for cell in shop.heads[name].drop_nulls().sample(200, seed=1, with_replacement=True):
            moment = as_time(cell)
            assert moment.utcoffset() == moment.astimezone(NEW_YORK).utcoffset(), cell
    offsets = shop.heads["Created at"].str.slice(-5).unique().sort().to_list()
    assert offsets == ["-0400", "-0500"]


def test_nothing_happens_after_the_last_second(shop):
    end = datetime(2026, 11, 1, tzinfo=NEW_YORK).astimezone(UTC)
    for name in ("Created at", "Fulfilled at", "Cancelled at"):
        assert max(as_time(cell) for cell in shop.heads[name].drop_nulls()) < end
    paid = max(as_time(cell) for cell in shop.heads["Paid at"].drop_nulls())
    assert paid < end + timedelta(minutes=1)


def test_postal_codes_and_foreign_phones_are_shielded_from_spreadsheets(shop):
    for name in ("Billing Zip", "Shipping Zip"):
        assert shop.heads[name].drop_nulls().str.starts_with("'").all()
    for name in ("Phone", "Billing Phone"):
        assert not shop.heads[name].drop_nulls().str.starts_with("+").any()
    national = shop.heads["Billing Phone"].drop_nulls().str.contains(r"^\(\d{3}\) 555-\d{4}$")
    assert 0.2 < national.mean() < 0.45
    assert shop.customers["Customer ID"].str.contains(r"^'\d+$").all()


def test_empty_attributes_and_tags_are_two_quotes_as_shopify_writes_them(tmp_path):
    exports = write_exports(make_store(customers=20, until=date(2026, 6, 30)), tmp_path)
    lines = exports.orders.read_text(encoding="utf-8").splitlines()
    assert any(',"",' in line for line in lines[1:])


def test_awkward_text_is_quoted(shop):
    assert shop.heads["Notes"].drop_nulls().str.contains("\n").any()
    assert shop.heads["Billing Company"].drop_nulls().str.contains(r'[",]').any()
    assert shop.heads["Billing Street"].str.contains(", ").any()
    assert shop.heads["Billing Name"].drop_nulls().str.contains("[^\x00-\x7f]").any()


@pytest.mark.parametrize("customers", [0, 1, 10, 100])
@pytest.mark.parametrize("months", [1, 7, 60])
def test_tiny_and_short_stores_are_stores_too(customers, months, tmp_path):
    store = make_store(customers=customers, until=date(2026, 2, 27), months=months)
    exports = write_exports(store, tmp_path)
    assert exports.orders.read_text(encoding="utf-8").startswith("Name,Email,")
    assert store.truth.customers.height == customers
    assert store.truth.orders.height == store.orders.key.size


@pytest.mark.parametrize(("customers", "months"), [(-1, 30), (10, 0), (10, 121)])
def test_what_cannot_be_made_is_refused(customers, months):
    with pytest.raises(ValueError, match="customers must be 0 or more and months 1 to 120"):
        make_store(customers=customers, until=date(2026, 6, 30), months=months)


def test_the_catalogue_says_what_the_orders_say(shop):
    sold = shop.orders.select(sku="Lineitem sku", vendor="Vendor").drop_nulls("sku").unique()
    listed = shop.products.select(sku="Variant SKU", vendor=pl.col("Vendor").forward_fill()).drop_nulls("sku")
    assert sold.join(listed, on=["sku", "vendor"], how="anti").is_empty()
    lines = shop.products.group_by("Vendor").agg(pl.col("Type").drop_nulls().unique())
    assert lines.filter(pl.col("Vendor").is_in(["Thistledown Leaf", "Hearthwick"]))[
        "Type"
    ].list.len().to_list() == [1, 1]
    assert re.fullmatch(r"\d+\.\d\d", shop.products["Cost per item"][0])
