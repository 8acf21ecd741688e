from types import SimpleNamespace

import pytest
from stored_rows import LONG_AGO, a_customer, a_shop, an_order, together

from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.services.find_customer import find_customer


@pytest.fixture
def cast(shop_id):
    with together(shop_id):
        ann = a_customer(
            shop_id,
            email="ann@example.com",
            phone="+493012345678",
            shopify_id=7_700_000_000_001,
            country="DE",
        )
        alias = a_customer(shop_id, email="ann@work.example.com", person_id=ann, country="DE")
        bob = a_customer(shop_id, phone="0711 9876543", source="table", source_key="C-17850")
        an_order(shop_id, alias, at=LONG_AGO, name="#901001", shopify_id=8_800_000_000_001)
        an_order(shop_id, bob, at=LONG_AGO, name="536365")
        an_order(shop_id, None, at=LONG_AGO, name="#901002")
    return SimpleNamespace(shop_id=shop_id, ann=ann, alias=alias, bob=bob)


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("ann@example.com", "ann"),
        ("  ANN@Example.COM ", "ann"),
        ("ann@work.example.com", "ann"),
        ("+49 30 12345678", "ann"),
        ("0049 (30) 1234-5678", "ann"),
        ("030 12345678", "ann"),
        ("07119876543", "bob"),
        ("7700000000001", "ann"),
        ("gid://shopify/Customer/7700000000001", "ann"),
        ("gid://shopify/Order/8800000000001", "ann"),
        ("#901001", "ann"),
        ("901001", "ann"),
        ("536365", "bob"),
        ("C-17850", "bob"),
        ("key:C-17850", "bob"),
    ],
)
def test_a_person_is_found_by_anything_exact(cast, query, who):
    assert find_customer(cast.shop_id, query) == getattr(cast, who)


def test_an_id_of_any_row_finds_the_person(cast):
    assert find_customer(cast.shop_id, f"id:{cast.alias}") == cast.ann


def test_a_number_that_fits_two_people_is_asked_about(cast):
    an_order(cast.shop_id, cast.ann, at=LONG_AGO, name=f"#{cast.bob}")
    with pytest.raises(InvalidInputError, match=rf"id:{cast.ann}.*id:{cast.bob}") as refusal:
        find_customer(cast.shop_id, str(cast.bob))
    assert refusal.value.field == "customer"
    assert find_customer(cast.shop_id, f"id:{cast.bob}") == cast.bob
    assert find_customer(cast.shop_id, f"#{cast.bob}") == cast.ann


def test_an_address_of_two_people_kept_apart_is_asked_about(cast):
    other = a_customer(cast.shop_id, email="ann@example.com", kept_apart=True)
    with pytest.raises(InvalidInputError, match=f"id:{cast.ann} or id:{other}"):
        find_customer(cast.shop_id, "ann@example.com")


@pytest.mark.parametrize("query", ["", "   ", "x" * 400, "a\0b", "gid://shopify/Product/1", "id:ann"])
def test_what_cannot_be_asked_is_refused_with_the_ways_to_ask(cast, query):
    with pytest.raises(InvalidInputError, match="customer"):
        find_customer(cast.shop_id, query)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("nobody@example.com", "e-mail address"),
        ("#901002", "guest"),
        ("#9999", "Nobody"),
        ("+1 212 555 0100", "Nobody"),
        ("999999999999999999", "Nobody"),
        ("' OR 1=1 --", "Nobody"),
    ],
)
def test_whoever_is_not_there_is_said_not_to_be(cast, query, words):
    with pytest.raises(NotFoundError, match=words):
        find_customer(cast.shop_id, query)


def test_the_answer_to_an_unknown_address_does_not_repeat_it(cast):
    with pytest.raises(NotFoundError) as refusal:
        find_customer(cast.shop_id, "nobody@example.com")
    assert "nobody" not in str(refusal.value)


def test_another_shops_customer_is_not_found(cast):
    with pytest.raises(NotFoundError):
        find_customer(a_shop(), "ann@example.com")
