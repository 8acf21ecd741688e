"""Tables are written to a folder when they are due: whole, in the right place, and not for ever."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import a_terminal
from stored_rows import a_customer, a_shop, an_order, together

from shop_app.errors import InvalidInputError, NotFoundError, RefusedError
from shop_app.services import export_files, export_folders, scheduled_exports
from shop_app.services.erase_shop import forget_shop
from shop_app.services.fit_models import fit_models
from shop_app.services.redact_by_hand import redact_by_hand
from shop_app.services.refresh_customers import refresh_customers
from shop_app.services.scheduled_exports import (
    ExportSchedule,
    add_schedule,
    export_files_due,
    list_schedules,
    remove_all_files,
    remove_schedule,
    write_files,
)
from shop_app.settings import Settings
from shop_app.storage import access_log, due_work, erasure_ledger, shop_settings, shops
from shop_app.storage.engine import shopless, transaction
from shop_app.storage.export_schedules import StoredSchedule

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(tmp_path):
    """Where files may go in this test: `home/exports`, and one folder of the operator's."""
    (tmp_path / "shared").mkdir()
    export_folders.use(tmp_path / "home", [tmp_path / "shared"])
    erasure_ledger.keep_in(tmp_path / "ledger")
    return tmp_path


@pytest.fixture
def shop(shop_id, as_of):
    with together(shop_id):
        for number in range(3):
            buyer = a_customer(shop_id, email=f"c{number}@example.com")
            an_order(shop_id, buyer, at=as_of - timedelta(days=40 * (number + 1)), total=1250)
        a_customer(shop_id, email="idle@example.com")
    fit_models(shop_id, as_of=as_of)
    refresh_customers(shop_id, None, as_of=as_of)
    return shop_id


def add(shop_id, what="customers", **parts):
    return add_schedule(shop_id, ExportSchedule(what, **parts), created_by="local", now=NOW)


def files(home):
    found = [path for path in home.rglob("*") if path.is_file() and not path.is_relative_to(home / "ledger")]
    return sorted(path.relative_to(home).as_posix() for path in found)


def due_at(shop_id):
    with shopless() as connection:
        return due_work.list_of_shop(connection, shop_id).get("export-files")


def test_a_new_schedule_is_due_at_once_and_then_at_its_hour(shop, home):
    added = add(shop, hour=3)
    assert due_at(shop) == NOW
    export_files_due(shop, now=NOW)
    (name,) = files(home)
    assert name.endswith(f"-customers-{added}-2026-07-01.csv")
    assert name.startswith("home/exports/tea-")
    assert due_at(shop) == datetime(2026, 7, 2, 3, tzinfo=UTC)
    (listed,) = list_schedules(shop, now=NOW)
    assert (listed.last_at, listed.next_at) == (NOW, due_at(shop))
    assert listed.last_words == f"4 rows written to {Path(name).name}."
    assert str(home / name).startswith(listed.path)


def test_a_file_is_a_table_that_a_spreadsheet_reads(shop, home):
    add(shop)
    write_files(shop, now=NOW)
    (name,) = files(home)
    raw = (home / name).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert {row["total_spent"] for row in table} == {"12.50", "0.00"}


def test_a_file_for_programs_is_of_one_segment_if_that_is_asked_for(shop, home):
    add(shop, format="json", segment="prospects", folder="weekly/all")
    write_files(shop, now=NOW)
    (name,) = files(home)
    assert "/weekly/all/" in name
    assert "-customers-prospects-" in name
    (row,) = json.loads((home / name).read_text())
    assert (row["email"], row["total_spent"]) == ("idle@example.com", 0)


def test_the_folder_is_for_our_eyes_only(shop, home):
    add(shop)
    write_files(shop, now=NOW)
    assert (home / "home/exports").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("every", "timezone", "last", "expected"),
    [
        ("day", "UTC", "2026-07-01T02:59:00+00:00", "2026-07-01T03:00:00+00:00"),
        ("day", "UTC", "2026-07-01T03:00:00+00:00", "2026-07-02T03:00:00+00:00"),
        ("day", "America/New_York", "2026-07-01T03:00:00+00:00", "2026-07-01T07:00:00+00:00"),
        ("day", "Europe/Berlin", "2026-10-24T12:00:00+00:00", "2026-10-25T02:00:00+00:00"),
        ("day", "Europe/Berlin", "2026-10-25T12:00:00+00:00", "2026-10-26T02:00:00+00:00"),
        ("week", "UTC", "2026-07-01T09:30:00+00:00", "2026-07-06T03:00:00+00:00"),
        ("week", "UTC", "2026-07-06T02:00:00+00:00", "2026-07-06T03:00:00+00:00"),
        ("week", "UTC", "2026-07-06T03:00:07+00:00", "2026-07-13T03:00:00+00:00"),
    ],
)
def test_the_next_file_comes_at_the_hour_of_the_shops_clock(every, timezone, last, expected):
    at = datetime.fromisoformat(last)
    stored = StoredSchedule(1, "customers", "csv", "", every, 3, None, at, "", "local")
    assert scheduled_exports._next_at(stored, timezone) == datetime.fromisoformat(expected)


def test_only_what_is_due_is_written_and_the_earliest_of_the_next_is_waited_for(shop, home):
    add(shop, hour=3)
    add(shop, "segments", every="week", hour=5)
    export_files_due(shop, now=NOW)
    assert len(files(home)) == 2
    export_files_due(shop, now=NOW + timedelta(hours=18))
    assert [Path(name).name.split("-")[-4] for name in files(home)]
    assert len(files(home)) == 3
    assert due_at(shop) == datetime(2026, 7, 3, 3, tzinfo=UTC)


def test_a_shop_without_schedules_has_nothing_due(shop, home):
    added = add(shop)
    remove_schedule(shop, added)
    export_files_due(shop, now=NOW)
    assert due_at(shop) is None


def test_one_file_a_day_and_the_newest_thirty_are_kept(shop, home):
    added = add(shop)
    other = add(shop, "segments")
    for number in range(33):
        write_files(shop, now=NOW + number * DAY, all_of_them=True)
    write_files(shop, now=NOW + 32 * DAY, all_of_them=True)
    for schedule in (added, other):
        kept = [name for name in files(home) if f"-{schedule}-2026" in name]
        assert len(kept) == 30
        assert kept[0].endswith("2026-07-04.csv")
        assert kept[-1].endswith("2026-08-02.csv")


def test_a_file_is_there_whole_or_not_at_all(shop, home, monkeypatch):
    add(shop, format="json")
    write_files(shop, now=NOW)
    (name,) = files(home)
    whole = (home / name).read_text()

    def breaks(*_args, **_options):
        yield {"customer_id": 1}
        raise RefusedError("Something is in the way.")

    monkeypatch.setattr(export_files, "iter_export", breaks)
    assert write_files(shop, now=NOW, all_of_them=True) == ["Something is in the way."]
    assert files(home) == [name]
    assert (home / name).read_text() == whole


def test_what_cannot_be_written_says_why_stops_no_other_and_is_tried_again_in_an_hour(shop, home):
    add(shop, folder=str(home / "shared/in/the/way"))
    add(shop, "segments")
    (home / "shared/in").write_text("a file, not a folder")
    export_files_due(shop, now=NOW)
    failed, written = list_schedules(shop, now=NOW)
    assert failed.last_words.startswith("folder: nothing could be written to")
    assert (failed.last_at, written.last_at) == (None, NOW)
    assert due_at(shop) == NOW + timedelta(hours=1)
    (home / "shared/in").unlink()
    export_files_due(shop, now=NOW + timedelta(hours=1))
    assert list_schedules(shop, now=NOW)[0].last_words.startswith("4 rows written")
    assert any(name.startswith("shared/in/the/way/tea-") for name in files(home))


def test_a_shop_without_segments_is_told_so_and_gets_no_empty_file(home, database):
    empty = a_shop()
    add(empty, "segments")
    (words,) = write_files(empty, now=NOW)
    assert "kindred refresh" in words
    assert files(home) == []


@pytest.mark.parametrize(
    "folder", ["..", "../other-shop-1", "weekly/../../..", "/etc", "/", "~root/../../..", "a\x00b", "x" * 201]
)
def test_nothing_is_written_elsewhere(shop, folder):
    with pytest.raises(InvalidInputError) as refused:
        add(shop, folder=folder)
    assert refused.value.field == "folder"
    assert str(refused.value).startswith("folder:")
    assert list_schedules(shop, now=NOW) == []


def test_a_link_that_leads_out_of_the_folder_is_not_followed(shop, home):
    add(shop, folder="weekly")
    write_files(shop, now=NOW)
    (listed,) = list_schedules(shop, now=NOW)
    path = Path(listed.path)
    for file in path.iterdir():
        file.unlink()
    path.rmdir()
    (home / "outside").mkdir()
    path.symlink_to(home / "outside")
    (words,) = write_files(shop, now=NOW + DAY, all_of_them=True)
    assert words.startswith("folder: ")
    assert list((home / "outside").iterdir()) == []


def test_a_folder_that_was_taken_off_the_list_is_left_alone(shop, home):
    add(shop, folder=str(home / "shared"))
    write_files(shop, now=NOW)
    kept = files(home)
    export_folders.use(home / "home", [])
    (words,) = write_files(shop, now=NOW + DAY, all_of_them=True)
    assert "KINDRED_EXPORT_FOLDERS" in words
    assert list_schedules(shop, now=NOW)[0].path is None
    assert files(home) == kept


def test_two_shops_write_to_folders_of_their_own(shop, home, make_shop):
    rival = make_shop()
    add(shop, folder="same")
    add(rival, folder="same")
    write_files(shop, now=NOW)
    write_files(rival, now=NOW)
    assert len({Path(name).parent for name in files(home)}) == 2
    (listed,) = list_schedules(shop, now=NOW)
    with pytest.raises(NotFoundError):
        remove_schedule(rival, listed.id)
    with pytest.raises(InvalidInputError):
        add(rival, folder=listed.path)


def test_no_file_keeps_somebody_who_was_erased_and_the_newest_is_written_anew(shop, home):
    add(shop)
    add(shop, "segments")
    for days in (3, 2):
        export_files_due(shop, now=datetime.now(UTC) - days * DAY)
    assert len(files(home)) == 4
    redact_by_hand(shop, "c1@example.com", now=datetime.now(UTC))
    assert not [name for name in files(home) if "-customers-" in name]
    assert len([name for name in files(home) if "-segments-" in name]) == 2
    assert due_at(shop) <= datetime.now(UTC)
    export_files_due(shop, now=datetime.now(UTC))
    (told,) = [name for name in files(home) if "-customers-" in name]
    assert "c0@example.com" in (home / told).read_text()
    assert "c1@example.com" not in (home / told).read_text()


def test_a_file_that_was_begun_before_an_erasure_is_not_kept_by_it(shop, home):
    add(shop)
    write_files(shop, now=NOW)
    (name,) = files(home)
    assert (home / name).stat().st_mtime == NOW.timestamp()


def test_the_files_of_a_shop_are_deleted_with_the_shop(shop, home):
    add(shop)
    write_files(shop, now=NOW)
    forget_shop(shop)
    assert files(home) == []


def test_ending_a_schedule_takes_its_files_along_and_no_others(shop, home):
    first, second = add(shop), add(shop)
    write_files(shop, now=NOW)
    write_files(shop, now=NOW + DAY, all_of_them=True)
    assert remove_schedule(shop, first) == 2
    assert all(f"-customers-{second}-" in name for name in files(home))
    assert len(files(home)) == 2
    with pytest.raises(NotFoundError):
        remove_schedule(shop, first)


def test_all_that_was_written_for_a_shop_can_be_removed(shop, home):
    add(shop)
    add(shop, folder=str(home / "shared"))
    write_files(shop, now=NOW)
    assert len(files(home)) == 2
    remove_all_files(shop)
    assert files(home) == []


def test_a_file_with_people_is_noted_as_a_look(shop, home):
    add(shop)
    add(shop, "segments")
    write_files(shop, now=NOW)
    with transaction(shop) as connection:
        looks = access_log.list_newest(connection, limit=9)
    assert [(look.user_id, look.what) for look in looks] == [("schedule", "export of customers to a file")]


@pytest.mark.parametrize(
    ("what", "parts", "field"),
    [
        ("orders", {}, "what"),
        ("customers", {"format": "xlsx"}, "format"),
        ("customers", {"every": "hour"}, "every"),
        ("customers", {"hour": 24}, "hour"),
        ("customers", {"hour": -1}, "hour"),
        ("ledger", {"segment": "loyal"}, "segment"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(shop, what, parts, field):
    with pytest.raises(InvalidInputError) as refused:
        add(shop, what, **parts)
    assert refused.value.field == field


def test_there_is_an_end_to_how_many_a_shop_has(shop, monkeypatch):
    monkeypatch.setattr(scheduled_exports, "MOST_SCHEDULES", 2)
    add(shop)
    add(shop)
    with pytest.raises(RefusedError, match="2 scheduled files"):
        add(shop)


def test_the_day_in_a_name_is_the_shops_own(shop, home):
    with transaction(shop) as connection:
        shop_settings.write_from_shopify(connection, title="Tea", currency="EUR", timezone="Pacific/Auckland")
    add(shop)
    write_files(shop, now=NOW.replace(hour=23))
    assert files(home)[0].endswith("2026-07-02.csv")


def test_the_command_adds_shows_writes_and_ends(shop_id, settings, monkeypatch, capsys, home):
    with shopless() as connection:
        domain = shops.domain_of(connection, shop_id)
    terminal = a_terminal(settings, monkeypatch, capsys)
    monkeypatch.setenv("KINDRED_EXPORT_FOLDERS", str(home / "shared"))
    ask = lambda *words: terminal("export-files", "--shop", domain, *words)  # noqa: E731
    assert "No table" in ask().stdout
    shown = ask("--add", "customers", "--folder", home / "shared", "--every", "week", "--now")
    assert "0 rows written" in shown.stderr
    assert str(home / "shared") in shown.stdout
    assert len(files(home)) == 1
    refused = ask("--add", "customers", "--folder", "/etc")
    assert (refused.code, "folder" in refused.stderr) == (1, True)
    (listed,) = json.loads(ask("--json").stdout)["schedules"]
    assert "1 of its files deleted" in ask("--remove", listed["id"]).stderr
    assert files(home) == []


def test_folders_of_the_operator_are_whole_paths():
    listed = Settings.from_env({"KINDRED_EXPORT_FOLDERS": "/srv/a:/srv/b"}).export_folders
    assert listed == (Path("/srv/a"), Path("/srv/b"))
    for wrong in ("relative", "/srv/../etc"):
        with pytest.raises(Exception, match="KINDRED_EXPORT_FOLDERS"):
            Settings.from_env({"KINDRED_EXPORT_FOLDERS": wrong})
