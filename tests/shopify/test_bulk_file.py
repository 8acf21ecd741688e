"""Fetching a bulk file: resumed at any byte, never more than promised, never from elsewhere, no token sent."""

import stat

import pytest
from bulk_shopify import Operation, answers, breaks_off_at, packed, ranged, running_shopify
from werkzeug.wrappers import Response

from shop_app.errors import TemporaryError
from shop_app.shopify import bulk_file
from shop_app.shopify.bulk_file import FileRefusedError, LinkDeadError, Wanted, fetch

BODY = bytes(range(256)) * 40_000


@pytest.fixture
def shopify():
    with running_shopify() as running:
        running.operations.append(Operation("gid://shopify/BulkOperation/1", "", "orders", body=BODY))
        yield running


@pytest.fixture
def wanted(shopify):
    return Wanted(f"{shopify.origin}/_bulk/1.jsonl", len(BODY), plain_http=True)


def always(_size):
    return True


def test_a_whole_file_comes_as_it_is_and_only_we_may_read_it(shopify, wanted, tmp_path):
    target = tmp_path / "file"
    assert fetch(wanted, target, may_go_on=always)
    assert target.read_bytes() == BODY
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    sent = {name.lower() for name in shopify.downloads[0]}
    assert not sent & {"authorization", "x-shopify-access-token", "cookie"}


@pytest.mark.parametrize("byte", [0, 1, 65_536, 1 << 20, len(BODY) - 1])
def test_a_connection_that_breaks_at_any_byte_is_taken_up_there(shopify, wanted, tmp_path, byte):
    shopify.file_faults = [breaks_off_at(byte)]
    with pytest.raises(TemporaryError):
        fetch(wanted, tmp_path / "file", may_go_on=always)
    held = (tmp_path / "file").stat().st_size
    assert byte - (1 << 20) <= held <= byte
    assert fetch(wanted, tmp_path / "file", may_go_on=always)
    assert (tmp_path / "file").read_bytes() == BODY
    if held:
        assert shopify.downloads[-1]["Range"] == f"bytes={held}-"


def test_whoever_has_no_time_left_goes_on_later(wanted, tmp_path):
    target, times = tmp_path / "file", 0
    while not fetch(wanted, target, may_go_on=lambda _size: False):
        times += 1
    assert times > 3
    assert target.read_bytes() == BODY


def test_a_file_that_is_whole_is_not_asked_for_again(shopify, wanted, tmp_path):
    (tmp_path / "file").write_bytes(BODY)
    assert fetch(wanted, tmp_path / "file", may_go_on=always)
    assert shopify.downloads == []


def test_a_server_that_knows_no_ranges_sends_it_all_again(shopify, wanted, tmp_path):
    (tmp_path / "file").write_bytes(b"something else")
    shopify.file_faults = [lambda _request, body: Response(body)]
    assert fetch(wanted, tmp_path / "file", may_go_on=always)
    assert (tmp_path / "file").read_bytes() == BODY


def test_another_part_than_was_asked_for_is_not_taken(shopify, wanted, tmp_path):
    (tmp_path / "file").write_bytes(BODY[:1000])
    wrong = {"Content-Range": f"bytes 0-{len(BODY) - 1}/{len(BODY)}"}
    shopify.file_faults = [lambda _request, body: Response(body, 206, headers=wrong)]
    with pytest.raises(TemporaryError, match="from its beginning"):
        fetch(wanted, tmp_path / "file", may_go_on=always)
    assert fetch(wanted, tmp_path / "file", may_go_on=always)
    assert (tmp_path / "file").read_bytes() == BODY


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_link_that_has_expired_is_told_apart(shopify, wanted, tmp_path, status):
    shopify.file_faults = [answers(status)]
    with pytest.raises(LinkDeadError):
        fetch(wanted, tmp_path / "file", may_go_on=always)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_at_a_loss_is_asked_later(shopify, wanted, tmp_path, status):
    shopify.file_faults = [answers(status)]
    with pytest.raises(TemporaryError):
        fetch(wanted, tmp_path / "file", may_go_on=always)


def test_nothing_is_followed_to_another_host(shopify, wanted, tmp_path):
    for place in (
        "http://localhost:1/file",
        "https://127.0.0.1/file",
        "ftp://127.0.0.1/file",
        "//evil.example/x",
    ):
        shopify.file_faults = [answers(302, Location=place)]
        with pytest.raises(FileRefusedError):
            fetch(wanted, tmp_path / "file", may_go_on=always)
    assert len(shopify.downloads) == 4


def test_a_redirect_on_the_same_host_is_followed_but_not_for_ever(shopify, wanted, tmp_path):
    shopify.file_faults = [answers(302, Location="/_bulk/1.jsonl")]
    assert fetch(wanted, tmp_path / "file", may_go_on=always)
    shopify.file_faults = [answers(302, Location="/_bulk/1.jsonl")] * 9
    with pytest.raises(FileRefusedError, match="without an end"):
        fetch(wanted, tmp_path / "other", may_go_on=always)


def test_a_plain_connection_is_refused_where_shopify_is_the_real_one(wanted, tmp_path):
    with pytest.raises(FileRefusedError, match="encrypted"):
        fetch(Wanted(wanted.url, len(BODY)), tmp_path / "file", may_go_on=always)


def test_more_than_was_promised_is_not_taken(shopify, wanted, tmp_path):
    with pytest.raises(FileRefusedError, match="longer"):
        fetch(Wanted(wanted.url, 5_000_000, plain_http=True), tmp_path / "file", may_go_on=always)
    assert (tmp_path / "file").stat().st_size == 0


def test_a_packed_file_is_unpacked_to_its_size_and_no_further(shopify, wanted, tmp_path):
    shopify.file_faults = [packed, packed]
    assert fetch(wanted, tmp_path / "file", may_go_on=always)
    assert (tmp_path / "file").read_bytes() == BODY
    with pytest.raises(FileRefusedError, match="longer"):
        fetch(Wanted(wanted.url, 3_000_000, plain_http=True), tmp_path / "bomb", may_go_on=always)


def test_a_file_of_unknown_size_is_whole_where_its_answer_ends(shopify, wanted, tmp_path):
    unknown = Wanted(wanted.url, None, plain_http=True)
    shopify.file_faults = [breaks_off_at(4_000_000)]
    with pytest.raises(TemporaryError):
        fetch(unknown, tmp_path / "file", may_go_on=always)
    assert fetch(unknown, tmp_path / "file", may_go_on=always)
    assert (tmp_path / "file").read_bytes() == BODY


def test_a_server_that_goes_silent_or_drips_is_left(shopify, wanted, tmp_path, monkeypatch):
    monkeypatch.setattr(bulk_file, "_SILENCE_SECONDS", 0.3)

    def silent(request, body):
        def stream():
            yield body[:100_000]
            import time

            time.sleep(1.0)

        return Response(stream(), headers={"Content-Length": str(len(body))})

    shopify.file_faults = [silent]
    with pytest.raises(TemporaryError, match="does not answer"):
        fetch(wanted, tmp_path / "file", may_go_on=always)
    monkeypatch.setattr(bulk_file, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(bulk_file, "_SLOWEST_BYTES_A_SECOND", 10**12)
    shopify.file_faults = [ranged]
    with pytest.raises(TemporaryError, match="too slowly"):
        fetch(wanted, tmp_path / "file", may_go_on=always)
