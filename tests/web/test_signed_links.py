"""Downloads out of the admin's frame: a link for one address, one shop, one person, five minutes."""

from datetime import UTC, datetime, timedelta

import pytest
from admin import IN_FRAME, set_connection

from shop_app.web import signed_links


@pytest.fixture(scope="module")
def shop(admin):
    made = admin.store()
    admin.load(made)
    return made


def link(admin, shop, to="/export/ledger.csv"):
    answer = admin.fetch(shop, "/links", method="POST", data={"to": to})
    assert answer.status_code == 200, answer.text
    return answer.json["href"]


def follow(admin, href):
    return admin.client().get(href, headers=IN_FRAME)


def test_a_signed_link_works_without_a_token(admin, shop):
    answer = follow(admin, link(admin, shop))
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"


def test_what_the_address_asks_for_is_kept_and_where_it_is_shown_is_not(admin, shop):
    href = link(admin, shop, f"/export/customers.csv?segment=champions&shop={shop}&embedded=1")
    assert href.startswith("/export/customers.csv?segment=champions&signed=")


@pytest.mark.parametrize(
    "to",
    [
        "",
        "/",
        "/customers",
        "/nowhere",
        "/auth/callback",
        "export/ledger.csv",
        "https://evil.example/export/ledger.csv",
        "//evil.example/export/ledger.csv",
    ],
)
def test_only_downloads_of_ours_are_signed(admin, shop, to):
    assert admin.fetch(shop, "/links", method="POST", data={"to": to}).status_code == 400


def test_nobody_gets_a_link_without_a_token(admin):
    assert admin.client().post("/links", data={"to": "/export/ledger.csv"}).status_code == 401


@pytest.mark.parametrize(
    "spoil",
    [
        lambda href: href[:-2],
        lambda href: href.replace("ledger", "customers"),
        lambda href: f"{href}&segment=champions",
        lambda href: href.split("signed=")[0] + "signed=",
        lambda href: href.split("signed=")[0] + "signed=x.y",
        lambda href: href.replace("/export/ledger.csv", "/customers"),
    ],
)
def test_a_link_that_was_changed_opens_nothing(admin, shop, spoil):
    answer = follow(admin, spoil(link(admin, shop)))
    assert answer.status_code in {302, 401}


def test_a_link_ends_after_five_minutes(admin, shop, monkeypatch):
    href = link(admin, shop)
    monkeypatch.setattr(signed_links, "_LIFE", timedelta(0))
    assert follow(admin, href).status_code == 401
    assert timedelta(0) == signed_links._LIFE


def test_five_minutes_are_five_minutes():
    assert timedelta(minutes=5) == signed_links._LIFE


def test_a_link_ends_with_the_installation(admin):
    shop = admin.store()
    admin.load(shop)
    href = link(admin, shop)
    set_connection(shop, state="uninstalled", uninstalled_at=datetime.now(UTC))
    assert follow(admin, href).status_code == 401
    set_connection(shop, state="connected")
    assert follow(admin, href).status_code == 401


def test_a_link_does_not_change_anything(admin, shop):
    href = link(admin, shop)
    assert admin.client().post(href).status_code in {401, 405}
