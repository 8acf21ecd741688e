"""What holds for any file: batches do not matter, nor how it is written; nothing makes a traceback."""

import contextlib
import csv
import gzip
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_files import SHOPIFY_HEADER, TABLE, head, line, read, shopify_orders

from shop_app.errors import InvalidInputError

law = settings(max_examples=15, deadline=None)

HEADER = ["order_id", "customer_id", "time", "product", "quantity", "unit_price"]
titles = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters='\n",;\t|'), min_size=1, max_size=12
).map(lambda text: "T" + text.strip() + ".")
orders = st.tuples(
    st.integers(1000, 1030).map(str),
    st.sampled_from(["anna", "bert", ""]),
    st.dates().map(lambda day: day.replace(year=2000 + day.year % 25, day=min(day.day, 28)).isoformat()),
    titles,
    st.integers(-3, 9).map(str),
    st.integers(0, 99_999).map(lambda cents: f"{cents / 100:.2f}"),
)
tables = st.lists(orders, min_size=3, max_size=40)


def as_text(rows, delimiter=",", quoting=csv.QUOTE_MINIMAL, end="\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([HEADER, *rows])
    return out.getvalue()


def read_bytes(content, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_bytes(content)
        return read(path, **options)


def frames(found):
    """What batches say together: of an order in several, the first row that knows a thing tells it."""
    known = pl.exclude("order_ref").first(ignore_nulls=True)
    distinct = found.orders.group_by("order_ref", maintain_order=True).agg(known)
    people = found.customers.select("customer_ref", "source_key").unique(maintain_order=True)
    return distinct.rows(), people.rows(), found.lines.rows(), found.refunds.rows(), found.rejects


@law
@given(tables, st.integers(1, 50), st.integers(30, 2_000))
def test_batches_of_any_size_hold_the_same(rows, chunk_rows, block_bytes):
    content = as_text(rows).encode()
    whole = read_bytes(content)
    parts = read_bytes(content, chunk_rows=chunk_rows, block_bytes=block_bytes)
    assert frames(parts) == frames(whole)
    assert parts.rows_read == whole.rows_read == len(rows)


@law
@given(tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_same_table_written_otherwise_holds_the_same(rows, delimiter, end, quoted):
    plain = read_bytes(as_text(rows).encode(), delimiter=",")
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    text = as_text(rows, delimiter, quoting, end)
    for content in (
        text.encode(),
        gzip.compress(text.encode()),
        text.encode("utf-16"),
        text.encode("utf-8-sig"),
    ):
        found = read_bytes(content, delimiter=delimiter)
        assert frames(found)[:4] == frames(plain)[:4]


@law
@given(tables)
def test_the_delimiter_is_found(rows):
    tame = [(*row[:3], "Tea", *row[4:]) for row in rows]
    plain = frames(read_bytes(as_text(tame).encode()))
    for delimiter in ";\t|":
        assert frames(read_bytes(as_text(tame, delimiter).encode())) == plain


@law
@given(tables)
def test_every_row_is_a_line_a_return_or_a_reject(rows):
    found = read_bytes(as_text(rows).encode())
    assert found.lines.height + found.refunds.height + len(found.rejects) == len(rows)
    sold = sum(round(int(row[4]) * float(row[5]) * 100) for row in rows if int(row[4]) >= 0)
    assert found.lines["total"].sum() == sold


@law
@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=20),
    st.integers(1, 9),
    st.integers(200, 3_000),
)
def test_shopifys_orders_are_whole_in_batches_of_any_size(counts, chunk_rows, block_bytes):
    rows = []
    for number, (more, noted) in enumerate(counts):
        rows.append(
            head(f"#{number}", Notes='ring "twice"\nthen wait' if noted else "", Refunded_Amount=f"{more}.00")
        )
        rows += [line(f"#{number}", title=f"Cup, no {n}") for n in range(more)]
    content = shopify_orders(*rows).encode()
    whole, parts = read_bytes(content), read_bytes(content, chunk_rows=chunk_rows, block_bytes=block_bytes)
    assert frames(parts) == frames(whole)
    assert whole.rejects == []
    assert whole.orders.height == len(counts)
    assert whole.lines.height == len(rows)
    assert whole.refunds["amount"].sum() == 100 * sum(more for more, _ in counts)


SEEDS = [
    TABLE.encode(),
    TABLE.replace(",", ";").encode("utf-16"),
    gzip.compress(TABLE.encode()),
    shopify_orders(head(), line(), head("#1002", Notes='a "b"\nc')).encode(),
    (",".join(SHOPIFY_HEADER[:3]) + "\n").encode(),
    b" customer  date       cds  dollars\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n",
    b"Customer ID,First Name,Last Name,Email,Accepts Email Marketing\n'1,A,B,a@example.com,yes\n",
]


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=6)), max_size=6),
    st.floats(0, 1),
)
def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_reader(seed, wounds, cut):
    content = bytearray(seed)
    for place, length, instead in wounds:
        start = int(place * len(content))
        content[start : start + length] = instead
    content = bytes(content[: int(len(content) * max(cut, 0.5))])
    with contextlib.suppress(InvalidInputError):
        found = read_bytes(content, block_bytes=100)
        assert (found.lines["total"] >= 0).all()
        assert (found.refunds["amount"] >= 0).all()
        assert found.orders["processed_at"].null_count() == 0


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(InvalidInputError):
        read_bytes(content)


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_a_file_cut_anywhere_is_read_or_refused(seed):
    for length in range(0, len(seed), max(7, len(seed) // 60)):
        with contextlib.suppress(InvalidInputError):
            read_bytes(seed[:length], block_bytes=64)
