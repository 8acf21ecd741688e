"""A new key comes in front of the old ones, and in the end the old ones are not needed."""

import pytest
from tellings import a_customer, customers, day, frames, one, rows, tell

from shop_app.errors import StartRefusedError
from shop_app.services import rotate_keys as story
from shop_app.services.rotate_keys import rotate_keys
from shop_app.storage import encryption
from shop_app.storage.sealed_columns import SEALED

HASHES = "SELECT email_hash, phone_hash, details_hash FROM customers ORDER BY id"


@pytest.fixture
def sealed_before(shop_id, settings, monkeypatch):
    """A shop with 25 customers; rotation sees this shop only, and the run's own keys come back afterwards."""
    people = [
        a_customer(f"c{n}", email=f"p{n}@example.com", first_name="Ann", phone=f"+44770090{n:04d}")
        for n in range(25)
    ]
    tell(shop_id, frames(people), at=day(1))
    monkeypatch.setattr(story.shops, "list_ids", lambda _connection: [shop_id])
    yield shop_id
    encryption.load_keys(settings.keys, settings.hash_key)


@pytest.fixture
def new_key(sealed_before, settings):
    fresh = encryption.new_key()
    encryption.load_keys(f"{fresh},{settings.keys}", settings.hash_key)
    return fresh


def stale(shop_id):
    """How many customers have a value that the newest key did not seal."""
    prefix = "\\x" + encryption.writing_prefix().hex()
    columns = ("email", "phone", "first_name", "last_name")
    old = " OR ".join(f"substring({column} for 5) <> '{prefix}'" for column in columns)
    return one(shop_id, f"SELECT count(*) AS n FROM customers WHERE {old}")["n"]


def test_after_rotation_the_newest_key_alone_opens_everything(sealed_before, new_key, settings):
    hashes = rows(sealed_before, HASHES)
    assert stale(sealed_before) == 25
    rotated = next(each for each in rotate_keys() if each.table == "customers")
    assert (rotated.table, rotated.row_count, stale(sealed_before)) == ("customers", 25, 0)
    encryption.load_keys(new_key, settings.hash_key)
    opened = customers(sealed_before)
    assert (opened[3]["email"], opened[3]["phone"]) == ("p3@example.com", "+447700900003")
    assert {(row["first_name"], row["last_name"]) for row in opened} == {("Ann", None)}
    assert rows(sealed_before, HASHES) == hashes


def test_rotating_again_writes_nothing(sealed_before, new_key):
    rotate_keys()
    before = rows(sealed_before, "SELECT xmin::text FROM customers ORDER BY id")
    assert {rotated.row_count for rotated in rotate_keys()} == {0}
    assert rows(sealed_before, "SELECT xmin::text FROM customers ORDER BY id") == before


def test_a_stopped_rotation_keeps_what_it_did_and_goes_on_there(sealed_before, new_key, monkeypatch):
    monkeypatch.setattr(story, "_ROWS_A_BATCH", 10)

    def stop(_table, done):
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_keys(tell=stop)
    assert stale(sealed_before) == 5
    assert {rotated.table: rotated.row_count for rotated in rotate_keys()} == {
        **dict.fromkeys(SEALED, 0),
        "customers": 5,
    }
    assert stale(sealed_before) == 0


def test_a_key_that_is_missing_is_named_before_anything_is_lost(sealed_before, settings):
    encryption.load_keys(encryption.new_key(), settings.hash_key)
    before = rows(sealed_before, "SELECT email FROM customers ORDER BY id")
    with pytest.raises(StartRefusedError, match="not in KINDRED_KEYS"):
        rotate_keys()
    assert rows(sealed_before, "SELECT email FROM customers ORDER BY id") == before
