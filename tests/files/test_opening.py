import gzip

import pytest
from order_files import LATEST, TABLE, read, written

from shop_app.facts import CUSTOMER_SCHEMA, LINE_SCHEMA, ORDER_SCHEMA, REFUND_SCHEMA
from shop_app.files.file_format import ReadOptions
from shop_app.files.reading import content_hash, inspect_file, read_batches


def test_a_file_is_known_again_by_its_content(tmp_path):
    first, second = written(tmp_path, TABLE, "a.csv"), written(tmp_path, TABLE, "b.csv")
    assert content_hash(first) == content_hash(second) != content_hash(written(tmp_path, TABLE + "\n", "c.csv"))
    assert len(content_hash(first)) == 32


@pytest.mark.parametrize("packed", [False, True])
def test_progress_counts_the_bytes_on_disk(tmp_path, packed):
    text = (TABLE + TABLE.split("\n", 1)[1] * 2_000).encode()
    path = written(tmp_path, gzip.compress(text) if packed else text)
    file_format = inspect_file(path, ReadOptions())
    batches = list(
        read_batches(
            path,
            file_format,
            currency="EUR",
            timezone="UTC",
            latest=LATEST,
            block_bytes=20_000,
            chunk_rows=500,
        )
    )
    counts = [batch.bytes_read for batch in batches]
    assert counts == sorted(counts)
    assert counts[-1] == path.stat().st_size
    assert [batch.rows_read for batch in batches] == sorted(batch.rows_read for batch in batches)
    assert batches[-1].rows_read == 4 * 2_001


def test_every_frame_has_all_its_columns_even_without_rows(tmp_path):
    found = read(written(tmp_path, TABLE))
    schemas = (CUSTOMER_SCHEMA, ORDER_SCHEMA, LINE_SCHEMA, REFUND_SCHEMA)
    frames = (found.customers, found.orders, found.lines, found.refunds)
    assert [dict(frame.schema) for frame in frames] == list(schemas)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (
            TABLE,
            {},
            [
                "UTF-8",
                "parted by commas",
                'order_id = "order_id"',
                "2010-12-31 08:30",
                "taken as times in UTC",
            ],
        ),
        (TABLE.replace(",", ";").replace("4.50", "4,50"), {}, ["semicolons"]),
        (TABLE.replace("-0", "/0"), {"timezone": "Europe/Berlin"}, ["2010/12/31", "Europe/Berlin"]),
        (
            TABLE.replace(",4.50", ",$4.50"),
            {"currency": "USD"},
            ["($) are not looked at: all is taken as USD"],
        ),
        (TABLE.replace("tea", "th\u00e9"), {"encoding": "cp1252"}, ["Windows-1252"]),
    ],
)
def test_what_was_found_out_is_said(tmp_path, text, options, words):
    encoding = options.get("encoding", "utf-8")
    path = written(
        tmp_path,
        text.replace("12.00", "12,00").replace("30.25", "30,25") if ";" in text else text,
        encoding=encoding,
    )
    said = " ".join(inspect_file(path, ReadOptions(**options)).sentences)
    assert [word for word in words if word not in said] == []
