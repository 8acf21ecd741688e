"""Files that are broken, or no order files: each gets a sentence, or its bad rows are told of."""

import gzip
import os
import random

import pytest
from order_files import TABLE, head, read, shopify_orders, table, written

from shop_app.errors import InvalidInputError

HEADER = "order_id,customer_id,time,product,quantity,unit_price\n"
ROWS = "".join(
    f"{1000 + n},c{n % 7},2025-03-{1 + n % 28:02d} 10:00,Tea {n % 5},{1 + n % 3},{n}.50\n" for n in range(30)
)
GOOD = HEADER + ROWS
NOISE = random.Random(5).randbytes(3_000)

REFUSED = {
    "nothing": (b"", "empty"),
    "zero bytes": (b"\0" * 999, "only zero bytes"),
    "blanks": (b"  \n \t\n", "blanks only"),
    "delimiters": (b",,,\n,,,\n", "no rows"),
    "a header alone": (HEADER.encode(), "only a header and no rows"),
    "a header alone, of Shopify's": (shopify_orders().encode(), "only a header and no rows"),
    "a gzip file of nothing": (gzip.compress(b""), "holds nothing"),
    "a gzip file in a gzip file": (gzip.compress(gzip.compress(GOOD.encode())), "inside a gzip file"),
    "the beginning of a gzip file": (b"\x1f\x8b\x08", "breaks off"),
    "a damaged gzip file": (b"\x1f\x8b\x08\x00" + NOISE, "damaged"),
    "an Excel workbook": (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml" + NOISE, "Excel.*save it as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + NOISE, "old Excel workbook"),
    "a zip archive": (b"PK\x03\x04" + NOISE, "zip archive"),
    "a PDF": (b"%PDF-1.4\n" + NOISE, "PDF document"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + NOISE, "PNG picture"),
    "a database": (b"SQLite format 3\0" + NOISE, "SQLite database"),
    "a bzip2 archive": (b"BZh91AY" + NOISE, "bzip2 archive"),
    "noise": (NOISE, "binary file"),
    "JSON": (b'{"orders": []}', "JSON"),
    "lines of JSON": (b'[{"id": 1}]\n', "JSON"),
    "a web page": (b"\n<!DOCTYPE html><html></html>", "web page or XML"),
    "a letter": (b"Dear Sir,\nthank you for your letter, of the 5th.\nYours\n", "no order history"),
    "one column": (b"a\n1\n2\n", "--delimiter"),
    "an open quote in the header": (('"' + GOOD).encode(), "quote is opened in line 1"),
    "no dates": (GOOD.replace("2025-03", "xx").encode(), "time"),
    "day numbers": (b"id,customer_id,date,price\n1,a,45000.5,2\n2,a,45001,3\n", "spreadsheet's day numbers"),
    "day or month": (b"order_id,date,price\n1,01/02/2025,2\n2,03/04/2025,3\n", "--date-order dmy or"),
    "both orders": (b"order_id,date,price\n1,13/02/2025,2\n2,02/13/2025,3\n", "both 13/02/2025.*02/13/2025"),
    "point or comma": (b"order_id,date,price\n1,2025-01-01,1.234\n", "1.234 may be 1234 or 1.234.*--decimal"),
    "point and comma": (b'order_id,date,price\n1,2025-01-01,"2,5"\n2,2025-01-01,2.5\n', "--decimal"),
    "no amounts": (b"order_id,customer_id,date\n1,2,2025-01-01\n", r"unit_price \(or total\)"),
    "empty columns": (b"id,customer_id,date,price\n1,2,,\n3,4,,\n", 'Nothing stands in "date", "price"'),
    "two columns of one name": (GOOD.replace("product", "unit_price", 1).encode(), "twice"),
    "only the future": (GOOD.replace("2025-", "2099-").encode(), "30 of the first 30 rows.*lies outside"),
    "only formulas": (table(*(f"{n},a,2025-01-01,T,1,=1+{n}" for n in range(9))).encode(), "unit_price"),
    "Shopify's products": (
        b"Handle,Title,Body HTML,Variant Price\na,b,c,5\n",
        "products export",
    ),
    "Shopify's transactions": (b"Order,Kind,Gateway,Created At,Amount\n1,sale,x,2025,5\n", "transactions"),
    "Shopify's orders of one name": (
        shopify_orders(*(head("#1", Id="") for _ in range(13_000))).encode(),
        "same order name",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path, name):
    content, sentence = REFUSED[name]
    with pytest.raises(InvalidInputError, match=f"(?s){sentence}") as refusal:
        read(written(tmp_path, content), chunk_rows=1_000)
    assert refusal.value.field
    assert str(refusal.value).isprintable()


def test_a_table_of_thousands_of_columns_is_refused_before_it_is_read(tmp_path):
    cells = ",".join(f"c{number}" for number in range(5_000))
    with pytest.raises(InvalidInputError, match="falls into 5,000 columns"):
        read(written(tmp_path, f"{cells}\n{cells}\n"))


def test_paths_that_are_no_files_are_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="no file"):
        read(tmp_path / "absent.csv")
    with pytest.raises(InvalidInputError, match="directory"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInputError, match="not an ordinary file"):
        read(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path):
    path = written(tmp_path, GOOD)
    path.chmod(0)
    with pytest.raises(InvalidInputError, match="may not be read"):
        read(path)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"encoding": "klingon"}, "encoding: 'klingon' is not known"),
        ({"encoding": "base64"}, "encoding: 'base64' is not known"),
        ({"delimiter": ",,"}, "delimiter: ',,' must be one character"),
        ({"date_order": "ydm"}, "date_order: 'ydm' must be dmy, mdy or ymd"),
        ({"decimal": "x"}, "decimal: 'x' must be"),
        ({"timezone": "Mars/Olympus"}, "timezone: 'Mars/Olympus' is not known"),
        ({"currency": "euro"}, "currency: 'euro' is no currency code"),
    ],
)
def test_wrong_options_are_refused_by_name(tmp_path, options, sentence):
    with pytest.raises(InvalidInputError, match=sentence):
        read(written(tmp_path, GOOD), **options)


BIG = "x" * 3_000_000
NEXT = "2000,c1,2025-03-01 10:00,T"
OPEN = '2000,c1,2025-03-01 10:00,"'
REJECTED = {
    "cut in a row": (GOOD[:-20], [(31, "line", "the row has 3 cells where the table has 6 columns")], 29),
    "cut in a character": ((GOOD + f"{NEXT},1,€").encode()[:-1], [(32, "line", "middle of a character")], 30),
    "cut in UTF-16": (GOOD.encode("utf-16")[:-1], [(31, "line", "middle of a character")], 29),
    "zero bytes": (GOOD.replace("Tea 4", "Te\0a", 1), [(6, "line", "zero bytes")], 29),
    "too few cells": (GOOD + "2000,c1\n", [(32, "line", "2 cells")], 30),
    "too many cells": (GOOD + f"{NEXT},x,1,2.5\n", [(32, "line", "7 cells")], 30),
    "the header again": (GOOD + HEADER, [(32, "line", "the header comes again")], 30),
    "a cell of megabytes": (GOOD + f"{NEXT}{BIG},1,2.5\n" + ROWS, [(32, "line", "a million characters")], 60),
    "a quoted cell of megabytes": (GOOD + f'{OPEN}{BIG}",1,2.5\n' + ROWS, [(32, "line", "a million")], 60),
    "megabytes at the end": (GOOD + BIG, [(32, "line", "a million characters")], 30),
    "an open quote": (GOOD + OPEN + "T,1,2.5\n" + ROWS, [(32, "line", "a quote is opened")], 60),
    "an open quote in the first row": (HEADER + OPEN + "T,1,2.5\n" + ROWS, [(2, "line", "a quote")], 30),
    "an open quote and a later one": (
        HEADER + OPEN + "T,1,2.5\n" + ROWS + OPEN + 'T",1,2.5\n',
        [(2, "line", "a quote is opened")],
        31,
    ),
    "formulas for numbers": (
        GOOD + f"{NEXT},=1+1,1\n{NEXT},1,+cmd\n{NEXT},@x,1\n",
        [
            (32, "quantity", "is no number"),
            (33, "unit_price", "is no number"),
            (34, "quantity", "is no number"),
        ],
        30,
    ),
    "times that cannot be": (
        GOOD
        + "".join(
            f"20,c1,{time},T,1,1\n" for time in ("2099-01-01", "1899-12-30", "2025-02-30", "", "0000-00-00")
        ),
        [
            (32, "time", "lies outside 1970 to 2026-07-01"),
            (33, "time", "lies outside"),
            (34, "time", "is no time as the others"),
            (35, "time", "is empty"),
            (36, "time", "is no time as the others"),
        ],
        30,
    ),
    "numbers that cannot be": (
        GOOD
        + "".join(
            f"{NEXT},{numbers}\n"
            for numbers in [
                "1,nan",
                "1,inf",
                "1,1e400",
                "1,9e15",
                "1e10,1",
                "1e9,9e9",
                ",1",
                "1,",
                "x,1",
                "1,0x10",
                "1,-5",
            ]
        ),
        [
            (32, "unit_price", "is no number"),
            (33, "unit_price", "more than any shop"),
            (34, "unit_price", "more than any shop"),
            (35, "unit_price", "more than any shop"),
            (36, "quantity", "more than any order"),
            (37, "unit_price", "makes more than any shop"),
            (38, "quantity", "is empty"),
            (39, "unit_price", "is empty"),
            (40, "quantity", "is no number"),
            (41, "unit_price", "is no number"),
            (42, "unit_price", "is negative"),
        ],
        30,
    ),
    "no order number": (
        GOOD + ",c1,2025-03-01,T,1,1\nnan,c1,2025-03-01,T,1,1\n",
        [(n, "order_id", "is empty") for n in (32, 33)],
        30,
    ),
    "another encoding in one line": (
        (GOOD.replace("Tea", "Thé")).encode() + "2000,c1,2025-03-01 10:00,Café,1,2\n".encode("cp1252"),
        [(32, "encoding", "row kept")],
        31,
    ),
}


@pytest.mark.parametrize("name", REJECTED)
@pytest.mark.parametrize("block_bytes", [1 << 20, 700])
def test_what_is_wrong_with_a_row_is_told_and_the_others_are_read(tmp_path, name, block_bytes):
    content, expected, rows = REJECTED[name]
    found = read(written(tmp_path, content), block_bytes=block_bytes)
    told = found.reasons()
    assert [(number, field) for number, field, _ in told] == [(number, field) for number, field, _ in expected]
    assert all(words in reason for (*_, reason), (*_, words) in zip(told, expected, strict=True))
    assert all(reject.value.isprintable() and len(reject.value) <= 200 for reject in found.rejects)
    assert found.lines.height + found.refunds.height == rows
    assert found.rows_read == rows + sum(not reject.row_kept for reject in found.rejects)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", "\r\r\n"),
        GOOD.replace("\n", "\r\n", 9).replace("\n", "\r", 4),
        GOOD.replace("\n", "\n\n"),
        GOOD.replace("\n", ",\n"),
        GOOD.replace("\n", "\n,,,,,\n \t,, ,,,\n"),
        GOOD.rstrip("\n"),
        GOOD.replace("c1,", "\u200fc1\u200e ,"),
        GOOD + "\x1a",
        "Report of my shop\nprinted today\n\n" + GOOD,
        "sep=,\n" + GOOD,
        "\ufeff" + GOOD,
        "\n".join(f'"{line}"'.replace(",", '","') for line in GOOD.splitlines()),
        "\n".join(f"'{line}'".replace(",", "','") for line in GOOD.splitlines()),
        "\n".join(line + "," * (line[0] != "o") for line in GOOD.splitlines()),
    ],
)
def test_harmless_oddities_change_nothing(tmp_path, content):
    plain, odd = read(written(tmp_path, GOOD)), read(written(tmp_path, content, "odd.csv"))
    assert odd.orders.drop("row_no").equals(plain.orders.drop("row_no"))
    assert odd.lines.drop("row_no").equals(plain.lines.drop("row_no"))
    assert odd.rejects == []


@pytest.mark.parametrize(
    ("title", "cell"),
    [
        ('5" pipe', '5" pipe'),
        ('"5"" pipe, long"', '5" pipe, long'),
        ('"two\nlines"', "two\nlines"),
        ("=1+1", "=1+1"),
        ("@SUM(A1)", "@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0"),
        ("\N{TEACUP WITHOUT HANDLE} tea", "\N{TEACUP WITHOUT HANDLE} tea"),
        ("\u05ea\u05d4", "\u05ea\u05d4"),
    ],
)
def test_odd_titles_come_through_as_they_are(tmp_path, title, cell):
    found = read(
        written(tmp_path, TABLE + f"1009,anna,2025-04-05 09:15,{title},1,3.00\n" + "1010,a,2025-04-05,T,1,1\n")
    )
    assert found.lines["product_ref"].to_list()[-2:] == [cell, "T"]
    assert found.rejects == []


def test_half_a_surrogate_does_no_harm(tmp_path):
    found = read(written(tmp_path, GOOD.encode().replace(b"Tea 1", b"\xed\xa0\x80 tea")))
    assert found.lines.height == 30


@pytest.mark.parametrize("cut", [300, 40])
def test_a_gzip_file_that_breaks_off_gives_what_it_holds(tmp_path, cut):
    text = HEADER + "".join(
        f"{n},c{random.Random(n).random()},2025-03-01,T,1,{n % 90}.50\n" for n in range(20_000)
    )
    whole = gzip.compress(text.encode())
    found = read(written(tmp_path, whole[:-cut], "orders.csv.gz"), block_bytes=10_000)
    assert 19_000 < found.lines.height < 20_000
    assert found.orders["order_ref"].to_list() == [str(n) for n in range(found.lines.height)]
    assert [reject.reason for reject in found.rejects] == ["the compressed file breaks off here"]
    assert found.rejects[0].line_number == found.lines.height + 2


def test_gzip_files_put_one_behind_the_other_are_one_file(tmp_path):
    both = gzip.compress(HEADER.encode()) + gzip.compress(ROWS.encode()) + b"\0" * 50
    found = read(written(tmp_path, both, "orders.csv.gz"))
    assert (found.lines.height, found.rejects) == (30, [])


def test_a_cell_of_many_lines_and_megabytes_does_not_hide_where_it_began(tmp_path):
    content = GOOD + '2000,c1,2025-03-01 10:00,"' + ("x" * 99 + "\n") * 20_000 + '",1,2.5\n' + ROWS
    with pytest.raises(InvalidInputError, match="begins in line 32: a quote is opened"):
        read(written(tmp_path, content))
