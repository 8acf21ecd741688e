"""A bulk file cut into pieces: nothing lost, nothing twice, whatever lies in it and wherever it is stopped."""

import random
import subprocess
import sys

import orjson
import pytest
from bulk_shopify import an_order, file_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from shop_app.shopify import bulk_pieces
from shop_app.shopify.bulk_pieces import count_pieces, cut, missing_pieces, piece_path, read_piece


def always():
    return True


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Blocks of a few lines, so that a small file is cut in many strokes."""
    monkeypatch.setattr(bulk_pieces, "_BLOCK_BYTES", 4_000)


@pytest.fixture
def orders():
    return [an_order(number, customer=number % 7, lines=number % 4) for number in range(1, 121)]


def write(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def read_all(folder, pieces):
    return [read_piece(piece_path(folder, number)) for number in range(pieces)]


def test_every_root_is_in_one_piece_with_all_its_children_however_they_lie(tmp_path, orders):
    lines = file_lines("orders", orders)
    random.Random(5).shuffle(lines)
    done = cut(write(tmp_path / "file", lines), tmp_path / "pieces", pieces=7, may_go_on=always)
    assert (done.lines, done.roots, done.strays) == (len(lines), len(orders), 0)
    found = {}
    for piece in read_all(tmp_path / "pieces", 7):
        assert (piece.broken, piece.bad_lines) == ([], 0)
        below = {root["id"]: [] for root in piece.nodes}
        for child in piece.children:
            below[child["__parentId"]].append(child["id"])
        assert not found.keys() & below.keys()
        found |= below
    assert {gid: sorted(ids) for gid, ids in found.items()} == {
        root["id"]: sorted(child["id"] for child in children) for root, children in orders
    }


def test_a_cutting_that_is_stopped_after_every_block_comes_to_the_same(tmp_path, orders):
    source = write(tmp_path / "file", file_lines("orders", orders))
    whole = cut(source, tmp_path / "whole", pieces=5, may_go_on=always)
    strokes = 0
    while (done := cut(source, tmp_path / "halting", pieces=5, may_go_on=lambda: False)) is None:
        strokes += 1
    assert strokes > 5
    assert (done.lines, done.roots, done.sizes) == (whole.lines, whole.roots, whole.sizes)
    for number in range(5):
        paths = (piece_path(tmp_path / name, number) for name in ("whole", "halting"))
        assert len({path.read_bytes() for path in paths}) == 1


def test_what_was_written_after_the_last_note_is_written_once(tmp_path, orders):
    source = write(tmp_path / "file", file_lines("orders", orders))
    folder = tmp_path / "pieces"
    assert cut(source, folder, pieces=3, may_go_on=lambda: False) is None
    for number in range(3):  # killed between a piece and the note of it
        with piece_path(folder, number).open("ab") as file:
            file.write(b'{"id":"gid://shopify/Order/1","half a li')
    cut(source, folder, pieces=3, may_go_on=always)
    pieces = read_all(folder, 3)
    assert sum(len(piece.nodes) for piece in pieces) == len(orders)
    assert not any(piece.bad_lines for piece in pieces)


def test_slashes_may_be_escaped_and_ids_may_stand_anywhere(tmp_path):
    lines = [
        rb'{"id":"gid:\/\/shopify\/Order\/11","name":"#1"}',
        rb'{"id":"gid:\/\/shopify\/LineItem\/12","__parentId":"gid:\/\/shopify\/Order\/11"}',
        b'{"name":"#2","id":"gid://shopify/Order/13"}',
        b'{ "__parentId" : "gid://shopify/Order/13", "title": "\\"__parentId\\":", "id": "%s" }'
        % b"gid://shopify/LineItem/14",
    ]
    done = cut(write(tmp_path / "file", lines), tmp_path / "pieces", pieces=1, may_go_on=always)
    assert (done.lines, done.roots, done.strays) == (4, 2, 0)
    piece = read_piece(piece_path(tmp_path / "pieces", 0))
    assert {node["name"] for node in piece.nodes} == {"#1", "#2"}
    assert len(piece.children) == 2


def test_empty_lines_do_not_count_and_repeated_ones_are_told_once(tmp_path, orders):
    lines = file_lines("orders", orders[:9])
    done = cut(
        write(tmp_path / "file", [*lines, b"", b"   ", *lines]), tmp_path / "pieces", pieces=2, may_go_on=always
    )
    assert done.lines == 2 * len(lines)  # which is not what Shopify counted
    pieces = read_all(tmp_path / "pieces", 2)
    assert sum(len(piece.nodes) for piece in pieces) == 9
    assert sum(len(piece.children) for piece in pieces) == sum(len(children) for _, children in orders[:9])


def test_a_file_that_breaks_off_in_a_line_says_so(tmp_path, orders):
    lines = file_lines("orders", orders[:20])
    body = b"".join(line + b"\n" for line in lines)
    for end in (len(body) - 2, len(body) - 40, len(body) - 200):
        path = tmp_path / f"file-{end}"
        path.write_bytes(body[:end])
        done = cut(path, tmp_path / f"pieces-{end}", pieces=2, may_go_on=always)
        assert done.strays or done.roots != 20


def test_a_last_line_without_a_line_break_counts(tmp_path, orders):
    lines = file_lines("orders", orders[:5])
    path = tmp_path / "file"
    path.write_bytes(b"\n".join(lines))
    done = cut(path, tmp_path / "pieces", pieces=1, may_go_on=always)
    assert (done.lines, done.strays) == (len(lines), 0)


def test_a_broken_line_keeps_its_own_order_out_and_no_other(tmp_path, orders):
    lines = file_lines("orders", orders[:30])
    own = next(place for place, line in enumerate(lines) if line.startswith(b'{"id":"gid://shopify/Order/6"'))
    lines[own] = lines[own].replace(b'"name":', b'"name":nonsense,')
    of_seven = next(
        place for place, line in enumerate(lines) if b'"__parentId":"gid://shopify/Order/7"' in line
    )
    lines[of_seven] = lines[of_seven].replace(b'"title":', b"title:")
    lines.append(b'{"id":"gid://shopify/LineItem/1","__parentId":"gid://shopify/Order/999"}')
    cut(write(tmp_path / "file", lines), tmp_path / "pieces", pieces=3, may_go_on=always)
    pieces = read_all(tmp_path / "pieces", 3)
    assert sorted(number for piece in pieces for number in piece.broken) == [6, 7, 999]
    assert sum(piece.bad_lines for piece in pieces) == 2
    taken = {node["id"] for piece in pieces for node in piece.nodes}
    assert len(taken) == 28
    assert all(child["__parentId"] in taken for piece in pieces for child in piece.children)


@pytest.mark.parametrize(
    "line", [b"null", b"[1]", b'"gid://shopify/Order/1"', b'{"id":7}', b"\xff\xfe", b'{"id":"x"}']
)
def test_a_line_that_is_no_object_of_shopify_is_a_stray(tmp_path, line):
    done = cut(write(tmp_path / "file", [line]), tmp_path / "pieces", pieces=1, may_go_on=always)
    assert (done.lines, done.roots, done.strays) == (1, 0, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.binary(max_size=80).map(lambda raw: raw.replace(b"\n", b"")), max_size=12), st.integers(1, 4)
)
def test_no_bytes_at_all_break_the_cutting(tmp_path_factory, lines, pieces):
    folder = tmp_path_factory.mktemp("odd")
    done = cut(write(folder / "file", lines), folder / "pieces", pieces=pieces, may_go_on=always)
    assert done.lines == sum(bool(line) and not line.isspace() for line in lines)
    read_all(folder / "pieces", pieces)


CUT_AND_SAY_THE_PEAK = """
import sys, tracemalloc
from pathlib import Path
from shop_app.shopify import bulk_pieces
bulk_pieces._BLOCK_BYTES = 1 << 18
tracemalloc.start()
bulk_pieces.cut(Path(sys.argv[1]), Path(sys.argv[2]), pieces=16, may_go_on=lambda: True)
print(tracemalloc.get_traced_memory()[1])
"""


def test_memory_does_not_grow_with_the_file(tmp_path):
    line = orjson.dumps({"id": "gid://shopify/Order/1", "note": "x" * 2_000})
    with (tmp_path / "file").open("wb") as file:
        for number in range(12_000):
            file.write(line.replace(b"Order/1", b"Order/%d" % number) + b"\n")
    # In a process of its own, where nobody else's memory counts.
    words = [sys.executable, "-c", CUT_AND_SAY_THE_PEAK, str(tmp_path / "file"), str(tmp_path / "pieces")]
    peak = int(subprocess.run(words, check=True, capture_output=True, timeout=60).stdout)
    assert peak < 4_000_000 < (tmp_path / "file").stat().st_size


def test_files_of_one_size_are_always_cut_alike():
    assert [count_pieces(size) for size in (0, 1, bulk_pieces.PIECE_BYTES, bulk_pieces.PIECE_BYTES + 1)] == [
        1,
        1,
        1,
        2,
    ]


def test_a_piece_that_is_gone_or_shorter_than_noted_is_missed(tmp_path, orders):
    folder = tmp_path / "pieces"
    cut(write(tmp_path / "file", file_lines("orders", orders)), folder, pieces=3, may_go_on=always)
    assert not missing_pieces(folder, 3)
    assert missing_pieces(folder, 4)
    whole = next(path for path in sorted(folder.glob("piece-*")) if path.stat().st_size)
    whole.write_bytes(whole.read_bytes()[:-1])
    assert missing_pieces(folder, 3)
    whole.unlink()
    assert missing_pieces(folder, 3)
    assert missing_pieces(tmp_path / "elsewhere", 3)
