import polars as pl
import pytest

from shop_app.contacts.cleaning import clean_phones, is_no_email
from shop_app.contacts.countries import country_code
from shop_app.files.contacts import clean_email, clean_ids, shopify_id


@pytest.mark.parametrize(
    ("phone", "country", "full"),
    [
        ("+1 415 555-2671", None, "+14155552671"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("1-415-555-2671", "US", "+14155552671"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("44 20 7946 0958", "GB", "+442079460958"),
        ("0031 6 1234 5678", "DE", "+31612345678"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("8 912 345 67 89", "RU", "+79123456789"),
        ("06 20 123 4567", "HU", "+36201234567"),
        ("+49 (0)30 123456", "DE", "+4930123456"),
        ("415-555-2671 ext. 12", "US", "+14155552671"),
        ("'+14155552671", None, "+14155552671"),
        ("14155552671.0", "US", "+14155552671"),
        ("030 1234567", None, "0301234567"),
        ("030 1234567", "ZZ", "0301234567"),
        ("12345", "US", None),
        ("4.47E+12", "GB", None),
        ("call me", "US", None),
        ("1" * 40, None, None),
        (None, "DE", None),
    ],
)
def test_phones_are_digits_behind_the_calling_code(phone, country, full):
    phones, countries = (pl.Series([value], dtype=pl.String) for value in (phone, country))
    assert clean_phones(phones, countries).to_list() == [full]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            ("de", "DE"),
            ("Germany", "DE"),
            ("UK", "GB"),
            ("EIRE", "IE"),
            ("USA", "US"),
            ("RSA", "ZA"),
            ("NA", "NA"),
        ),
        *(
            ("Bosnia and Herzegovina", "BA"),
            ("Channel Islands", None),
            ("Unspecified", None),
            ("XX", None),
            ("", None),
        ),
    ],
)
def test_countries_are_known_by_code_or_name(text, code):
    assert country_code(text) == code


def test_addresses_and_ids_lose_what_does_not_belong_to_them():
    frame = pl.DataFrame({"x": [" A@B.com", "n/a", "no at", "two @x.com", "a" * 250 + "@b.com", None]})
    emails = frame.select(pl.col("x").str.strip_chars()).select(clean_email("x"))
    assert emails["x"].to_list()[:3] == ["a@b.com", None, "no at"]
    assert emails.select(is_no_email("x"))["x"].to_list() == [False, None, True, True, True, None]
    ids = pl.Series("x", ["'6940", "17850.0", "nan", '="007"', "1.50", "gid", None])
    assert clean_ids(ids).to_list() == ["6940", "17850", None, "007", "1.50", "gid", None]
    shopify = pl.DataFrame({"x": ["'6940", "gid://shopify/Order/12", "5.9E+12", "12a", None]})
    assert shopify.select(shopify_id("x"))["x"].to_list() == [6940, 12, None, None, None]
