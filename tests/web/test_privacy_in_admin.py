"""Behind Shopify's login: a person's data leaves by a link of five minutes, and the log names who took it."""

from datetime import timedelta

import pytest
from admin import IN_FRAME, set_connection, shop_id_of
from privacy_stories import NUMBER, a_body, a_person_everywhere, receive, requests
from tellings import rows

from shop_app.clock import utc_now
from shop_app.services.erase import erase_due
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import erasure_ledger
from shop_app.web import signed_links


@pytest.fixture(scope="module")
def shop(admin):
    made = admin.store()
    admin.load(made)
    shop_id = shop_id_of(made)
    a_person_everywhere(shop_id)
    renew_shop(shop_id, now=utc_now())
    receive(shop_id, "customers/data_request", a_body(shop_id, asked=3), at=utc_now())
    return made


def path(shop):
    return f"/privacy/requests/{requests(shop_id_of(shop))[0]['id']}.json"


def link(admin, shop):
    return admin.fetch(shop, "/links", method="POST", data={"to": path(shop)}).json["href"]


def test_the_data_of_a_person_comes_by_a_signed_link_and_is_noted_with_who_took_it(admin, shop):
    answer = admin.client().get(link(admin, shop), headers=IN_FRAME)
    assert answer.status_code == 200, answer.text
    assert str(NUMBER) in answer.text
    (last,) = rows(shop_id_of(shop), "SELECT what, user_id FROM access_log ORDER BY id DESC LIMIT 1")
    assert last["what"] == "data of a request"
    assert last["user_id"].isdigit()


def test_without_the_link_or_after_its_end_nobody_gets_it(admin, shop, monkeypatch):
    bare = admin.client().get(path(shop), headers=IN_FRAME)
    href = link(admin, shop)
    monkeypatch.setattr(signed_links, "_LIFE", timedelta(0))
    ended = admin.client().get(href, headers=IN_FRAME)
    assert (bare.status_code, ended.status_code) == (302, 401)
    assert str(NUMBER) not in bare.text + ended.text


def test_another_shop_does_not_get_it(admin, shop):
    rival = admin.store()
    admin.load(rival)
    answer = admin.fetch(rival, path(shop))
    unknown = admin.fetch(rival, "/privacy/requests/0.json")
    assert (answer.status_code, answer.text) == (404, unknown.text)


def test_a_look_at_a_customer_is_noted_with_the_number_of_who_looked(admin, shop):
    shop_id = shop_id_of(shop)
    (person,) = (row["id"] for row in rows(shop_id, "SELECT min(id) AS id FROM customers"))
    assert admin.fetch(shop, f"/customers/{person}").status_code == 200
    (last,) = rows(shop_id, "SELECT what, customer_id, user_id FROM access_log ORDER BY id DESC LIMIT 1")
    assert (last["what"], last["customer_id"]) == ("customer page", person)
    assert last["user_id"].isdigit()


def test_a_shop_that_was_erased_as_a_whole_can_be_installed_again(admin, tmp_path):
    erasure_ledger.keep_in(tmp_path)
    made = admin.store()
    admin.load(made)
    shop_id = shop_id_of(made)
    a_person_everywhere(shop_id)
    set_connection(
        made, state="uninstalled", installed_at=utc_now() - timedelta(days=9), uninstalled_at=utc_now()
    )
    receive(shop_id, "shop/redact", {"shop_domain": made}, at=utc_now())
    erase_due(shop_id, now=utc_now())
    assert requests(shop_id)[0]["state"] == "done"
    assert admin.load(made).status_code == 200
    assert rows(shop_id, "SELECT source FROM shop_settings") == [{"source": "shopify"}]
    assert rows(shop_id, "SELECT id FROM customers") == []
    late = utc_now()
    receive(shop_id, "shop/redact", {"shop_domain": made}, at=late)
    erase_due(shop_id, now=late)
    assert requests(shop_id)[1]["state"] == "void"
    assert admin.load(made).status_code == 200
