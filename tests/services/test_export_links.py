"""A link opens one table of one shop for a time, for whoever has it; changed or late it opens nothing."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from admin import set_connection
from commands import a_terminal
from deliveries import connect, hosted_app
from sqlalchemy import text
from stored_rows import a_customer, a_shop, an_order, together

from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError
from shop_app.services import export_links
from shop_app.services.export_links import LinkEndedError, LinkRefusedError, make_link, open_link
from shop_app.services.fit_models import fit_models
from shop_app.services.redact_by_hand import redact_by_hand
from shop_app.services.refresh_customers import refresh_customers
from shop_app.storage import access_log, erasure_ledger, shops
from shop_app.storage.engine import shopless, transaction

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def shop(shop_id, as_of):
    """Three buyers, one with a name that a spreadsheet would run, and one without an order."""
    with together(shop_id):
        for number in range(3):
            names = {"first_name": "=SUM(A1)"} if number == 0 else {}
            buyer = a_customer(shop_id, email=f"c{number}@example.com", **names)
            an_order(shop_id, buyer, at=as_of - timedelta(days=40 * (number + 1)), total=1250)
        a_customer(shop_id, email="idle@example.com")
    fit_models(shop_id, as_of=as_of)
    refresh_customers(shop_id, None, as_of=as_of)
    with shopless() as connection:
        return SimpleNamespace(id=shop_id, domain=shops.domain_of(connection, shop_id))


@pytest.fixture
def client(settings, database):
    return hosted_app(settings).test_client()


def path(shop, what="customers", **options):
    return make_link(shop.id, what, **{"now": utc_now(), **options})[1]


def query(shop, **options):
    return urlsplit(path(shop, **{"now": NOW, **options})).query


def looks(shop):
    with transaction(shop.id) as connection:
        return [(look.user_id, look.what) for look in access_log.list_newest(connection, limit=500)]


def test_whoever_has_the_link_gets_the_table_without_a_login(shop, client):
    answer = client.get(path(shop))
    assert answer.status_code == 200
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="tea-')
    assert answer.headers["Cache-Control"] == "no-store"
    table = list(csv.DictReader(StringIO(answer.get_data().decode("utf-8-sig"))))
    assert {row["email"] for row in table} == {*(f"c{n}@example.com" for n in range(3)), "idle@example.com"}
    assert {row["total_spent"] for row in table} == {"12.50", "0.00"}
    assert any(row["name"] == "'=SUM(A1)" for row in table)
    assert looks(shop) == [("link", "export of customers by link")]


def test_in_json_it_is_what_the_command_prints(shop, client, settings, monkeypatch, capsys):
    answer = client.get(path(shop, form="json"))
    assert answer.mimetype == "application/json"
    words = ("export", "--shop", shop.domain, "--what", "customers", "--format", "json")
    assert json.loads(answer.text) == json.loads(a_terminal(settings, monkeypatch, capsys)(*words).stdout)


def test_a_link_to_a_segment_has_only_its_customers(shop, client):
    (row,) = json.loads(client.get(path(shop, form="json", segment="prospects")).text)
    assert row["email"] == "idle@example.com"


def test_an_erased_person_is_in_no_table_from_then_on(shop, client, tmp_path):
    erasure_ledger.keep_in(tmp_path)
    before = path(shop, form="json")
    redact_by_hand(shop.id, "c1@example.com", now=utc_now())
    assert "c1@example.com" not in client.get(before).text


def test_a_link_ends_at_its_hour_with_a_plain_sentence(shop, client):
    made = make_link(shop.id, "customers", hours=2, now=NOW)[0]
    assert made.until == NOW + timedelta(hours=2)
    asked = query(shop, what="customers", hours=2)
    assert open_link(asked, now=NOW + timedelta(minutes=119)) == made
    with pytest.raises(LinkEndedError, match=r"2026-07-01 at 11:30 UTC"):
        open_link(asked, now=NOW + timedelta(hours=2))
    answer = client.get(path(shop, now=utc_now() - timedelta(days=2)))
    assert (answer.status_code, answer.mimetype) == (410, "text/plain")
    assert answer.text.startswith("This link ended on ")


def changed(asked, **values):
    return urlencode({**dict(parse_qsl(asked)), **values})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda asked: changed(asked, what="ledger"),
        lambda asked: changed(asked, format="json"),
        lambda asked: changed(asked, until="99999999999"),
        lambda asked: changed(asked, made="0"),
        lambda asked: changed(asked, segment="loyal"),
        lambda asked: changed(asked, shop="another.myshopify.com"),
        lambda asked: changed(asked, signed="0" * 64),
        lambda asked: changed(asked, signed="ü"),
        lambda asked: changed(asked, extra="1"),
        lambda asked: f"{asked}&what=ledger",
        lambda asked: f"what=ledger&{asked}",
        lambda asked: asked[:-1],
        lambda asked: asked.split("&signed=")[0],
        lambda asked: "&".join(["a=b"] * 500),
        lambda _asked: "",
        lambda _asked: "signed=",
    ],
)
def test_a_link_that_was_changed_opens_nothing(shop, client, spoil):
    asked = query(shop)
    open_link(asked, now=NOW)
    with pytest.raises(LinkRefusedError):
        open_link(spoil(asked), now=NOW)
    answer = client.get(export_links.PATH, query_string=spoil(asked))
    assert (answer.status_code, answer.mimetype) == (403, "text/plain")
    assert answer.text == "This link was not made here, or is not whole. Copy it anew, to its very end.\n"


def test_another_installations_link_opens_nothing(shop, monkeypatch):
    asked = query(shop)
    monkeypatch.setattr(export_links, "signing_key", lambda purpose: b"another key")
    with pytest.raises(LinkRefusedError):
        open_link(asked, now=NOW)


def test_links_end_with_the_installation_and_do_not_come_back_with_the_next_one(shop):
    connect(shop.id, at=NOW)
    asked = query(shop)
    set_connection(shop.domain, state="uninstalled", uninstalled_at=NOW + timedelta(hours=1))
    with pytest.raises(LinkEndedError, match="no longer uses Kindred"):
        open_link(asked, now=NOW + timedelta(hours=2))
    set_connection(shop.domain, state="connected")
    with pytest.raises(LinkEndedError):
        open_link(asked, now=NOW + timedelta(hours=2))
    open_link(query(shop, now=NOW + timedelta(hours=2)), now=NOW + timedelta(hours=3))


def test_a_shop_that_has_left_has_no_links(shop):
    asked = query(shop)
    with transaction(shop.id) as connection:
        shops.set_state(connection, shop.id, "uninstalled")
    with pytest.raises(LinkEndedError):
        open_link(asked, now=NOW)


def test_opening_links_again_and_again_is_enough_at_some_point(shop, client):
    with transaction(shop.id) as connection:
        for _ in range(60):
            access_log.record(
                connection, shop.id, at=utc_now(), user_id="link", what="export", customer_id=None
            )
    answer = client.get(path(shop))
    assert (answer.status_code, answer.mimetype) == (429, "text/plain")
    assert int(answer.headers["Retry-After"]) > 60
    with transaction(shop.id) as connection:
        connection.execute(text("UPDATE access_log SET at = at - interval '2 hours'"))
    assert client.get(path(shop)).status_code == 200


def test_only_reading_is_possible(shop, client):
    assert client.post(path(shop)).status_code == 405


def test_a_shop_without_segments_says_so_instead_of_an_empty_file(client, database):
    empty = SimpleNamespace(id=a_shop())
    assert client.get(path(empty, "segments")).status_code == 409


@pytest.mark.parametrize(
    ("what", "options", "field"),
    [
        ("orders", {}, "what"),
        ("customers", {"form": "xlsx"}, "format"),
        ("ledger", {"segment": "loyal"}, "segment"),
        ("customers", {"hours": 0}, "hours"),
        ("customers", {"hours": 721}, "hours"),
    ],
)
def test_what_cannot_be_linked_to_is_refused_with_its_field(shop, what, options, field):
    with pytest.raises(InvalidInputError) as refused:
        path(shop, what, **options)
    assert refused.value.field == field


def test_the_command_prints_a_link_that_works(shop, client, settings, monkeypatch, capsys):
    terminal = a_terminal(settings, monkeypatch, capsys)
    monkeypatch.setenv("APP_URL", "https://kindred.example.com")
    ended = terminal("export", "--shop", shop.domain, "--what", "predictions", "--link", "--hours", "3")
    url = urlsplit(ended.stdout.strip())
    assert (url.scheme, url.netloc) == ("https", "kindred.example.com")
    assert "works until" in ended.stderr
    words = ("export", "--shop", shop.domain, "--what", "predictions")
    assert terminal(*words, "--link", "--out", "x").code == 2
    assert terminal(*words, "--hours", "3").code == 2
    assert "hours" in terminal(*words, "--link", "--hours", "999").stderr
