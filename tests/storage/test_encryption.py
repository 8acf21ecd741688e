"""Sealed values open only where they were sealed, and only with a key of the ring."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop_app.errors import StartRefusedError
from shop_app.storage import encryption

OLD, NEW, HASH = encryption.new_key(), encryption.new_key(), encryption.new_key()
PLACE = {"table": "customers", "column": "email", "shop_id": 1}


@pytest.fixture(autouse=True)
def own_keys(monkeypatch):
    monkeypatch.setattr(encryption, "_rings", [])
    encryption.load_keys(NEW, HASH)


@given(st.text())
def test_what_is_sealed_opens_to_the_same_text(plain):
    assert encryption.open_sealed(encryption.seal(plain, **PLACE), **PLACE) == plain


@given(st.lists(st.none() | st.text(), max_size=5))
def test_many_values_are_sealed_as_one_by_one(plains):
    sealed = encryption.seal_all(plains, **PLACE)
    assert [one and encryption.open_sealed(one, **PLACE) for one in sealed] == plains
    nonces = [one[5:17] for one in sealed if one]
    assert len(set(nonces)) == len(nonces)


@pytest.mark.parametrize("change", [{"table": "orders"}, {"column": "phone"}, {"shop_id": 2}])
def test_a_value_copied_to_another_place_does_not_open(change):
    sealed = encryption.seal("ann@example.com", **PLACE)
    with pytest.raises(StartRefusedError, match="not written there"):
        encryption.open_sealed(sealed, **{**PLACE, **change})


def test_a_changed_byte_does_not_open():
    sealed = bytearray(encryption.seal("ann@example.com", **PLACE))
    sealed[-1] ^= 1
    with pytest.raises(StartRefusedError, match="not written there"):
        encryption.open_sealed(bytes(sealed), **PLACE)


def test_after_rotation_the_old_key_still_reads_and_the_new_one_writes():
    encryption.load_keys(OLD, HASH)
    sealed = encryption.seal("ann@example.com", **PLACE)
    encryption.load_keys(f"{NEW},{OLD}", HASH)
    assert encryption.open_sealed(sealed, **PLACE) == "ann@example.com"
    assert not sealed.startswith(encryption.writing_prefix())
    assert encryption.seal("x", **PLACE).startswith(encryption.writing_prefix())


def test_a_key_that_left_the_ring_is_named_as_missing():
    sealed = encryption.seal("ann@example.com", **PLACE)
    encryption.load_keys(OLD, HASH)
    with pytest.raises(StartRefusedError, match="not in KINDRED_KEYS"):
        encryption.open_sealed(sealed, **PLACE)


def test_hashes_match_within_a_shop_and_not_across_shops_or_kinds():
    same = encryption.match_hash("ann@example.com", kind="email", shop_id=1)
    assert same == encryption.match_hash("ann@example.com", kind="email", shop_id=1)
    assert same != encryption.match_hash("ann@example.com", kind="email", shop_id=2)
    assert same != encryption.match_hash("ann@example.com", kind="phone", shop_id=1)
    assert len(same) == encryption.HASH_BYTES


@pytest.mark.parametrize("keys", ["", "short", "!!!!", "QUJD" * 9])
def test_an_unusable_key_stops_the_start(keys):
    with pytest.raises(StartRefusedError, match="KINDRED_KEYS"):
        encryption.load_keys(keys, HASH)
