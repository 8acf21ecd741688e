"""O1: what is taken for a shop's domain becomes a host that secrets are sent to."""

import pytest

from shop_app.errors import InvalidInputError
from shop_app.shopify.shop_domain import checked_shop_domain


@pytest.mark.parametrize(
    ("given", "domain"),
    [
        ("acme.myshopify.com", "acme.myshopify.com"),
        ("a.myshopify.com", "a.myshopify.com"),
        ("1-a-2.myshopify.com", "1-a-2.myshopify.com"),
        ("Acme-Tea.MyShopify.com", "acme-tea.myshopify.com"),
        (f"{'a' * 63}.myshopify.com", f"{'a' * 63}.myshopify.com"),
    ],
)
def test_a_store_s_own_domain_is_taken_in_small_letters(given, domain):
    assert checked_shop_domain(given) == domain


@pytest.mark.parametrize(
    "given",
    [
        "",
        "acme",
        "acme.myshopify.io",
        "myshopify.com",
        ".myshopify.com",
        "-acme.myshopify.com",
        "acme.myshopify.com.evil.example",
        "evil.example/acme.myshopify.com",
        "evil.example#acme.myshopify.com",
        "evil.example?acme.myshopify.com",
        "acme.myshopify.com@evil.example",
        "user:pass@acme.myshopify.com",
        "acme.myshopify.com:8443",
        "acme.myshopify.com/admin",
        "acme.myshopify.com#x",
        "acme.myshopify.com?x",
        "https://acme.myshopify.com",
        "//acme.myshopify.com",
        "acme.evil.myshopify.com",
        "acmeXmyshopify.com",
        "acme.myshopify.com\n",
        "\nacme.myshopify.com",
        " acme.myshopify.com",
        "acme.myshopify.com ",
        "acme.myshopify.com\x00",
        "acme%2emyshopify.com",
        "acmé.myshopify.com",
        "acme.my\u017fhopify.com",  # a long s, which becomes a plain one when it is made small
        "acme\u3002myshopify.com",
        "\u212acme.myshopify.com",  # the sign of kelvin
        "acme_tea.myshopify.com",
        "acme..myshopify.com",
        "acme.myshopify.com.",
        f"{'a' * 64}.myshopify.com",
    ],
)
def test_everything_else_is_refused(given):
    with pytest.raises(InvalidInputError):
        checked_shop_domain(given)
