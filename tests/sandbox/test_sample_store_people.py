"""Nobody in the store is real, and everybody can be told apart, but for those who are meant not to be."""

import numpy as np
import polars as pl

from sandbox.sample_store.draws import Draws
from sandbox.sample_store.kinds import Kind
from sandbox.sample_store.people import People

# 555-01xx in North America; the drama ranges of Britain, France and Germany
FICTIONAL = r"^\+(1\d{3}55501\d\d|447700900\d{3}|33639980\d{3}|493023125\d{3})$"


def test_mail_goes_to_nobody(shop):
    mails = pl.concat([shop.orders["Email"], shop.customers["Email"]]).drop_nulls().str.to_lowercase()
    assert mails.str.contains(r"^[a-z.0-9]+@example\.(com|org|net)$").all()


def test_phones_ring_nowhere(shop):
    phones = shop.customers["Phone"].drop_nulls().str.strip_prefix("'")
    assert phones.str.contains(FICTIONAL).all()
    assert shop.heads["Phone"].drop_nulls().str.strip_prefix("'").is_in(phones.implode()).all()


def test_a_phone_is_one_persons_but_for_the_shops_own(shop):
    people = shop.store.truth.customers
    own = people.filter(~pl.col("shares_phone"))["phone"].drop_nulls()
    assert own.is_unique().all()
    shared = people.filter("shares_phone")
    assert shared.height == 12
    assert shared["phone"].unique().to_list() == ["+12025550100"]
    assert shared["email"].is_unique().all()


def test_phones_stay_apart_in_a_store_of_a_million():
    who = np.arange(1_000_000, dtype=np.int64)
    phones = People(Draws(7), np.full(who.size, Kind.HABIT, dtype=np.int64)).phone(who)
    given = phones.filter(phones != "+12025550100").drop_nulls()
    assert given.len() > 400_000
    assert given.is_unique().all()
    assert given.str.contains(r"^\+(1\d{3}555\d{4}|44770\d{7}|336\d{8}|4930\d{8})$").all()


def test_entries_in_the_books_are_unique(shop):
    assert shop.customers["Customer ID"].is_unique().all()
    assert shop.customers["Email"].is_unique().all()


def test_some_people_are_in_the_books_twice_with_one_phone(shop):
    twice = shop.store.truth.duplicates.drop_nulls("second_email")
    books = shop.customers.select("Phone", email="Email")
    found = twice.join(books, left_on="second_email", right_on="email", how="inner")
    assert found.height > 60
    assert (found["Phone"] == "'" + found["phone"]).all()
    first = found.join(books, on="email", how="inner")
    assert (first["Phone"] == first["Phone_right"]).all()


def test_some_people_write_their_address_in_capitals_at_times(shop):
    odd = shop.heads.filter(pl.col("Email") != pl.col("Email").str.to_lowercase())
    assert odd.height > 50
    typed = odd["Email"].str.to_lowercase().unique()
    known = shop.store.truth.duplicates
    assert typed.is_in(pl.concat([known["email"], known["second_email"]]).drop_nulls().implode()).all()


def test_guests_at_the_till_leave_a_phone_or_nothing(shop):
    guests = shop.heads.filter(pl.col("Email").is_null())
    assert guests["Source"].unique().to_list() == ["pos"]
    assert guests["Phone"].is_null().sum() == 500
    assert guests["Phone"].is_not_null().sum() > 100


def test_prospects_are_in_the_books_without_an_order(shop):
    prospects = shop.store.truth.customers.filter(pl.col("kind") == "prospect")
    books = shop.customers.join(prospects, left_on="Email", right_on="email")
    assert books.height == prospects.height > 150
    assert books["Total Orders"].unique().to_list() == ["0"]
    assert books["Default Address City"].is_null().all()
