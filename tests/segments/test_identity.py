import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from segment_frames import law, people

from shop_app.segments.identity import MAX_PEOPLE_PER_PHONE, resolve_people

ANN, BEN, CAT = b"ann", b"ben", b"cat"
HOME, WORK = b"home", b"work"


def persons(*rows):
    return resolve_people(people(*rows))["person_id"].to_list()


def test_the_same_address_or_phone_makes_one_person():
    assert persons({"email_hash": ANN}, {"email_hash": ANN}) == [1, 1]
    assert persons({"phone_hash": HOME}, {"phone_hash": HOME}) == [1, 1]
    assert persons({"email_hash": ANN}, {"email_hash": BEN}) == [1, 2]


def test_rows_that_say_nothing_are_each_their_own():
    assert persons({}, {}, {}) == [1, 2, 3]


def test_evidence_carries_from_one_row_to_the_next():
    assert persons(
        {"email_hash": ANN}, {"email_hash": BEN, "phone_hash": HOME}, {"email_hash": ANN, "phone_hash": HOME}
    ) == [1, 1, 1]


@pytest.mark.parametrize("addresses", [MAX_PEOPLE_PER_PHONE, MAX_PEOPLE_PER_PHONE + 1])
def test_a_phone_that_too_many_addresses_share_is_no_evidence(addresses):
    rows = [{"email_hash": bytes([number]), "phone_hash": WORK} for number in range(addresses)]
    separate = addresses > MAX_PEOPLE_PER_PHONE
    assert persons(*rows) == [number + 1 if separate else 1 for number in range(addresses)]


def test_an_address_repeated_on_a_phone_counts_once():
    rows = [{"email_hash": ANN, "phone_hash": HOME}] * 5 + [{"phone_hash": HOME}]
    assert persons(*rows) == [1] * 6


def test_a_merge_in_shopify_is_followed_through_its_links():
    rows = [
        {"merged_into_id": 2, "shopify_id": 11},
        {"merged_into_id": 3, "shopify_id": 12},
        {"shopify_id": 13},
    ]
    assert persons(*rows) == [3, 3, 3]


def test_a_merge_into_a_row_that_is_gone_or_into_itself_means_nothing():
    assert persons({"merged_into_id": 99}, {"merged_into_id": 2}) == [1, 2]


def test_a_row_that_shopify_knows_stands_for_the_person():
    assert persons({"email_hash": ANN}, {"email_hash": ANN, "shopify_id": 5}) == [2, 2]


def test_a_row_kept_apart_is_nobody_else_and_links_nobody():
    rows = [
        {"email_hash": ANN},
        {"email_hash": ANN, "phone_hash": HOME, "kept_apart": True},
        {"phone_hash": HOME, "merged_into_id": 2},
    ]
    assert persons(*rows) == [1, 2, 3]


def test_keeping_a_row_apart_undoes_a_merge_and_letting_it_go_brings_it_back():
    rows = [{"merged_into_id": 2, "shopify_id": 1, "kept_apart": True}, {"shopify_id": 2}]
    assert persons(*rows) == [1, 2]
    rows[0]["kept_apart"] = False
    assert persons(*rows) == [2, 2]


def test_a_shop_without_customers_has_no_people():
    assert resolve_people(people()).is_empty()
    assert resolve_people(people()).columns == ["customer_id", "person_id"]


person_rows = st.lists(
    st.fixed_dictionaries(
        {
            "email_hash": st.none() | st.sampled_from([ANN, BEN, CAT, b"dan", b"eve"]),
            "phone_hash": st.none() | st.sampled_from([HOME, WORK]),
            "merged_into_id": st.none() | st.integers(1, 12),
            "kept_apart": st.none() | st.booleans(),
            "shopify_id": st.none() | st.integers(1, 99),
        }
    ),
    max_size=12,
)


@law
@given(person_rows, st.randoms())
def test_the_order_of_rows_does_not_matter(rows, random):
    customers = people(*rows)
    shuffled = list(range(customers.height))
    random.shuffle(shuffled)
    resolved = resolve_people(customers[shuffled])
    assert resolved["customer_id"].to_list() == [row + 1 for row in shuffled]
    assert_frame_equal(resolved.sort("customer_id"), resolve_people(customers))


@law
@given(person_rows)
def test_a_person_is_one_of_its_own_rows(rows):
    resolved = resolve_people(people(*rows))
    faces = resolved.filter(pl.col("person_id").is_in(resolved["customer_id"].implode()))
    assert faces.height == len(rows)
    chosen = dict(resolved.rows())
    assert all(chosen[person] == person for person in chosen.values())


@law
@given(person_rows)
def test_the_same_address_is_always_the_same_person_unless_kept_apart(rows):
    resolved = resolve_people(people(*rows)).with_columns(
        email=pl.Series([row["email_hash"] for row in rows], dtype=pl.Binary),
        apart=pl.Series([bool(row["kept_apart"]) for row in rows], dtype=pl.Boolean),
    )
    linked = resolved.filter(~pl.col("apart")).drop_nulls("email")
    assert (linked.group_by("email").agg(pl.col("person_id").n_unique())["person_id"] == 1).all()
    assert resolved.filter("apart").filter(pl.col("person_id") != pl.col("customer_id")).is_empty()
