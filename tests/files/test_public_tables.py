"""Tables that anybody can download, read without a mapping."""

import pytest
from order_files import read, written

from shop_app.errors import InvalidInputError

ONLINE_RETAIL = """\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HOLDER,6,12/1/2010 8:26,2.55,17850.0,United Kingdom
536365,71053,WHITE LANTERN,6,12/1/2010 8:26,3.39,17850.0,United Kingdom
536370,22728,ALARM CLOCK,24,12/13/2010 8:45,3.75,12583,France
C536379,D,Discount,-1,12/1/2010 9:41,27.5,14527,United Kingdom
536414,22139,,56,12/1/2010 11:52,0,,United Kingdom
536589,21777,,-10,12/1/2010 16:50,0,,United Kingdom
A563186,B,Adjust bad debt,1,8/12/2011 14:51,-11062.06,,United Kingdom
"""


def test_online_retail(tmp_path):
    found = read(written(tmp_path, ONLINE_RETAIL, encoding="cp1252"), timezone="Europe/London", currency="GBP")
    assert found.orders["order_ref"].to_list() == ["536365", "536370", "536414"]
    assert found.orders["customer_ref"].to_list() == ["17850", "12583", None]
    assert found.lines["total"].to_list() == [1530, 2034, 9000, 0]
    assert found.lines["product_ref"].to_list() == ["85123A", "71053", "22728", "22139"]
    assert found.refunds.select("credit_ref", "quantity", "amount").rows() == [
        ("C536379", 1.0, 2750),
        ("536589", 10.0, 0),
    ]
    assert [(reject.line_number, reject.field) for reject in found.rejects] == [(8, "UnitPrice")]
    assert any("month first" in sentence for sentence in found.file_format.sentences)


def test_online_retail_of_the_second_edition(tmp_path):
    text = (
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n"
        "C489449,22087,PAPER,-12,2009-12-01 10:33:00,2.95,16321.0,Australia\n"
    )
    found = read(written(tmp_path, text))
    assert found.lines["total"].to_list() == [8340]
    assert found.refunds.select("customer_ref", "amount").rows() == [("16321", 3540)]


def test_the_whole_cdnow_cohort(reference):
    found = read(reference / "data/cdnow/CDNOW_master.txt.gz", currency="USD")
    assert (found.rows_read, found.lines.height, found.rejects) == (69_659, 69_659, [])
    assert found.customers["customer_ref"].n_unique() == 23_570
    assert found.lines["order_ref"].n_unique() == 69_659 - 2_068
    assert (found.lines["total"] == 0).sum() == 80
    assert (str(found.orders["processed_at"].min())[:10], str(found.orders["processed_at"].max())[:10]) == (
        "1997-01-01",
        "1998-06-30",
    )
    assert any("no product column" in sentence for sentence in found.file_format.sentences)


def test_the_cdnow_sample_without_a_header(reference):
    found = read(reference / "data/cdnow/CDNOW_sample.txt.gz", currency="USD")
    assert (found.rows_read, found.lines.height, found.rejects) == (6_919, 6_919, [])
    assert found.customers["customer_ref"].n_unique() == 2_357
    assert found.lines["order_ref"].n_unique() == 6_919 - 223
    assert (found.lines["total"] == 0).sum() == 8
    assert found.lines["row_no"].to_list() == list(range(1, 6_920))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cdnow/cdnow_customers_summary.csv", "summary with one row a customer"),
        ("cdnow/cdnow_customers_summary_with_transactions.csv", "summary with one row a customer"),
        ("donations/donations.csv", "summary with one row a customer"),
        ("groceries/groceries_baskets.csv.gz", r"time, unit_price \(or total\).*list of baskets"),
        ("groceries/groceries_items.csv", "no order history"),
        ("shopify_fixtures/order.json", "JSON"),
    ],
)
def test_what_is_no_order_history_is_refused_with_what_it_looks_like(reference, name, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        read(reference / "data" / name)


SHAPES = {
    "superstore": (
        [
            (
                "Row ID,Order ID,Order Date,Ship Date,Customer ID,Customer Name,Segment,Country,Product "
                "ID,Category,Sub-Category,Product Name,Sales,Quantity,Discount,Profit"
            ),
            (
                "1,CA-2016-1,11/8/2016,11/11/2016,CG-1,Ann Lee,Consumer,United "
                "States,FUR-1,Furniture,Chairs,Chair,261.96,2,0,41.9"
            ),
            (
                "2,CA-2016-2,11/18/2016,11/11/2016,CG-1,Ann Lee,Consumer,United "
                "States,FUR-2,Furniture,Tables,Desk,31.94,3,0.2,2.5"
            ),
        ],
        ["CA-2016-1", "CA-2016-2"],
        ["CG-1", "CG-1"],
        [26196, 3194],
    ),
    "retail sales": (
        [
            (
                "Transaction ID,Date,Customer ID,Gender,Age,Product Category,Quantity,Price per "
                "Unit,Total Amount"
            ),
            "1,2023-11-24,CUST001,Male,34,Beauty,3,50,150",
            "2,2023-02-27,CUST002,Female,26,Clothing,2,500,1000",
        ],
        ["1", "2"],
        ["CUST001", "CUST002"],
        [15000, 100000],
    ),
    "marketplace": (
        [
            (
                "order_id,customer_id,order_status,order_purchase_timestamp,order_item_id,product_id,pric"
                "e,freight_value,customer_unique_id"
            ),
            "e481,9ef4,delivered,2017-10-02 10:56:33,1,8728,29.99,8.72,7c39",
            "53cd,b083,delivered,2018-07-24 20:41:37,1,595f,118.7,22.76,af07",
        ],
        ["e481", "53cd"],
        ["7c39", "af07"],
        [2999, 11870],
    ),
    "monthly sales": (
        [
            "Order ID,Product,Quantity Ordered,Price Each,Order Date,Purchase Address",
            '176558,USB-C Cable,2,11.95,04/19/19 08:46,"917 1st St, Dallas, TX 75001"',
            ",,,,,",
            "Order ID,Product,Quantity Ordered,Price Each,Order Date,Purchase Address",
            '176559,Headphones,1,99.99,04/07/19 22:30,"682 Chestnut St, Boston, MA 02215"',
        ],
        ["176558", "176559"],
        [None, None],
        [2390, 9999],
    ),
    "clothes": (
        [
            "t_dat,customer_id,article_id,price,sales_channel_id",
            "2018-09-20,00a1,663713001,5.08,2",
            "2018-09-21,00a1,54,3.04,2",
        ],
        ["00a1 2018-09-20", "00a1 2018-09-21"],
        ["00a1", "00a1"],
        [508, 304],
    ),
    "event log": (
        [
            "event_time,order_id,product_id,category_code,brand,price,user_id",
            "2020-04-24 11:50:39 UTC,229,151,electronics.tablet,samsung,162.01,900",
        ],
        ["229"],
        ["900"],
        [16201],
    ),
    "data frame": (
        [
            ",user_id,order_dt,order_products,order_amount",
            "0,1,19970101,1,11.77",
            "1,2,19970112,2,12.00",
        ],
        ["1 19970101", "2 19970112"],
        ["1", "2"],
        [1177, 1200],
    ),
    "german": (
        [
            "Bestellnummer;Kundennummer;Datum;Artikel;Menge;Einzelpreis",
            "1001;K1;31.12.2024;Tee;2;1.234,50",
        ],
        ["1001"],
        ["K1"],
        [246900],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_usual_headers_need_no_mapping(tmp_path, name):
    lines, orders, customers, totals = SHAPES[name]
    found = read(written(tmp_path, "\n".join(lines)))
    assert found.orders["order_ref"].to_list() == orders
    assert found.orders["customer_ref"].to_list() == customers
    assert found.lines["total"].to_list() == totals


def test_baskets_with_dates_but_without_amounts_are_refused_by_name(tmp_path):
    text = "Member_number,Date,itemDescription\n1808,21-07-2015,tropical fruit\n2552,05-01-2015,whole milk\n"
    with pytest.raises(InvalidInputError, match=r"unit_price \(or total\)"):
        read(written(tmp_path, text))
