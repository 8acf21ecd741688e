"""A shop by its name: found, or opened."""

import pytest
from tellings import one

from shop_app.errors import InvalidInputError, NotFoundError
from shop_app.services.open_shop import get_shop_id, open_shop


def test_a_new_name_opens_a_shop_and_the_same_name_finds_it(database, tmp_path):
    name = f"Tea  House {tmp_path.name}"
    opened = open_shop(name, currency="gbp", timezone="Europe/London")
    assert opened.is_new
    again = open_shop(f" {name.upper()} ", currency="USD")
    assert (again.shop_id, again.is_new) == (opened.shop_id, False)
    assert get_shop_id(name.lower()) == opened.shop_id
    assert one(opened.shop_id, "SELECT title, currency, timezone, source FROM shop_settings") == {
        "title": f"Tea House {tmp_path.name}",
        "currency": "GBP",
        "timezone": "Europe/London",
        "source": "file",
    }


@pytest.mark.parametrize("name", ["", "   ", "x" * 121, "bell\x07"])
def test_a_name_that_is_none_is_refused(database, name):
    with pytest.raises(InvalidInputError, match="name"):
        open_shop(name)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"currency": "EURO"}, "EURO"), ({"currency": "€"}, "€"), ({"timezone": "Mars/Base"}, "Mars")],
)
def test_wrong_money_or_clocks_open_no_shop(database, tmp_path, wrong, named):
    with pytest.raises(InvalidInputError, match=named):
        open_shop(tmp_path.name, **wrong)
    with pytest.raises(NotFoundError, match=tmp_path.name):
        get_shop_id(tmp_path.name)
