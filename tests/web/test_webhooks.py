"""The endpoint that Shopify posts to: what is signed is kept once, what is not leaves nothing behind."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from deliveries import OLD, Sender, an_id, headers, hosted_app, signature, written
from webhook_bodies import NOON, an_order_body

from shop_app.services import receive_webhook
from shop_app.storage.engine import transaction
from shop_app.storage.webhook_inbox import claim, open_body

URL = "/webhooks/shopify"


@pytest.fixture(scope="module")
def app(settings, database):
    return hosted_app(settings)


@pytest.fixture
def sender(app, shop_id):
    return Sender(app, shop_id)


def test_a_signed_webhook_is_kept_sealed_and_its_shop_falls_due(sender):
    body = written(an_order_body(an_id()))
    answer = sender.post("orders/create", body, Webhook_Id="abc", Event_Id="def")
    assert (answer.status_code, answer.data) == (200, b"")
    (row,) = sender.inbox()
    assert (row["topic"], row["webhook_id"], row["event_id"], row["state"]) == (
        "orders/create",
        "abc",
        "def",
        "new",
    )
    assert (row["api_version"], row["triggered_at"], row["attempts"]) == ("2026-10", NOON, 0)
    assert b"ann@example.com" not in bytes(row["body"])
    assert "webhooks" in sender.due()
    with transaction(sender.shop_id) as connection:
        (claimed,) = claim(connection, at=NOON, limit=10)
        assert open_body(claimed, sender.shop_id) == body


def test_the_header_names_of_newer_events_are_read_too(sender):
    sender.send("orders/create", {"id": 1}, prefix="shopify-", Webhook_Id="new-family")
    assert [row["webhook_id"] for row in sender.inbox()] == ["new-family"]


def test_header_names_may_come_in_any_letter_case(sender):
    raw = written({"id": 1})
    lower = {name.lower(): value for name, value in headers("orders/create", sender.domain, raw).items()}
    assert sender.client.post(URL, data=raw, headers=lower).status_code == 200
    assert len(sender.inbox()) == 1


def test_the_same_delivery_comes_nine_times_and_is_kept_once(sender):
    for _ in range(9):
        sender.send("orders/create", {"id": 1}, Webhook_Id="again")
    assert len(sender.inbox()) == 1


def test_the_same_delivery_comes_twenty_times_at_once_and_is_kept_once(app, sender):
    raw = written({"id": 1})
    named = headers("orders/create", sender.domain, raw, Webhook_Id="at-once")
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: app.test_client().post(URL, data=raw, headers=named).status_code, range(20))
        )
    assert set(answers) == {200}
    assert len(sender.inbox()) == 1


def test_another_body_under_the_same_id_is_kept_too(sender):
    sender.send("orders/create", {"id": 1}, Webhook_Id="one")
    sender.send("orders/create", {"id": 2}, Webhook_Id="one")
    assert len(sender.inbox()) == 2


def test_a_delivery_without_an_id_is_known_by_its_body(sender):
    for _ in range(2):
        sender.send("orders/create", {"id": 1}, Webhook_Id=None)
    assert len(sender.inbox()) == 1


GOOD = signature(b'{"id": 1}')


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        GOOD[:-4],
        GOOD + "AAAA",
        GOOD.swapcase(),
        GOOD.rstrip("="),
        f"{GOOD},{GOOD}",
        GOOD[:-2] + ("B=" if GOOD[-2] != "B" else "C="),
        "not base64 at all!",
        "ÿþ",
        GOOD.replace("+", "-").replace("/", "_") + "=",
        signature(b'{"id": 1}', "another secret"),
    ],
)
def test_whatever_is_not_the_signature_is_refused(sender, given):
    raw = b'{"id": 1}'
    named = headers("orders/create", sender.domain, raw) | {"X-Shopify-Hmac-Sha256": given}
    answer = sender.client.post(URL, data=raw, headers={k: v for k, v in named.items() if v is not None})
    assert answer.status_code == 401
    assert sender.inbox() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b": ", b":"),
        lambda raw: json.dumps(dict(reversed(json.loads(raw).items()))).encode(),
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: raw + b"\n",
    ],
)
def test_a_body_that_was_written_anew_has_another_signature(sender, change):
    raw = written({"id": 1, "email": "ann@example.com"})
    named = headers("orders/create", sender.domain, raw)
    assert sender.client.post(URL, data=change(raw), headers=named).status_code == 401
    assert sender.inbox() == []


def test_the_secret_before_this_one_still_counts_and_no_other(sender):
    assert sender.post("orders/create", {"id": 1}, secret=OLD).status_code == 200
    assert sender.post("orders/create", {"id": 2}, secret="older still").status_code == 401
    assert len(sender.inbox()) == 1


def test_without_a_former_secret_there_is_only_one(settings, sender):
    alone = Sender(hosted_app(settings, api_secret_old=None), sender.shop_id)
    assert alone.post("orders/create", {"id": 1}, secret=OLD).status_code == 401
    assert alone.post("orders/create", {"id": 1}, secret="").status_code == 401


def test_without_shopify_settings_nothing_is_believed(settings, shop_id, local_app):
    sender = Sender(local_app, shop_id)
    assert sender.post("orders/create", {"id": 1}, secret="").status_code == 401


def test_a_shop_that_is_not_ours_is_told_nothing_and_leaves_nothing(sender):
    before = receive_webhook.counts().get("unknown_shop", 0)
    sender.send("orders/create", {"id": 1}, domain="nobody.myshopify.com")
    assert sender.inbox() == []
    assert sender.rows("SELECT id FROM shops WHERE domain = 'nobody.myshopify.com'") == []
    assert receive_webhook.counts()["unknown_shop"] == before + 1


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "patch"])
def test_only_posts_are_taken(sender, method):
    answer = getattr(sender.client, method)(URL)
    assert answer.status_code == 405
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "path", ["/webhooks/shopify/", "/webhooks//shopify", "/webhooks/shopify/../x", "/webhooks"]
)
def test_only_this_address_takes_webhooks(sender, path):
    raw = written({"id": 1})
    answer = sender.client.post(path, data=raw, headers=headers("orders/create", sender.domain, raw))
    assert answer.status_code in {308, 401, 404, 405}
    assert sender.inbox() == []


@pytest.mark.parametrize(
    "kind", ["text/xml", "application/xml", "text/plain", "multipart/form-data; boundary=x"]
)
def test_anything_but_json_is_refused(sender, kind):
    raw = written({"id": 1})
    named = headers("orders/create", sender.domain, raw) | {"Content-Type": kind}
    assert sender.client.post(URL, data=raw, headers=named).status_code == 415
    assert sender.inbox() == []


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", ""])
def test_json_is_taken_under_every_way_to_write_it(sender, kind):
    raw = written({"id": 1})
    named = headers("orders/create", sender.domain, raw) | {"Content-Type": kind}
    assert sender.client.post(URL, data=raw, headers=named, query_string={"x": "1"}).status_code == 200
    assert len(sender.inbox()) == 1


def test_a_compressed_body_is_refused(sender):
    raw = written({"id": 1})
    named = headers("orders/create", sender.domain, raw) | {"Content-Encoding": "gzip"}
    assert sender.client.post(URL, data=raw, headers=named).status_code == 415


def test_a_body_over_the_cap_is_refused_unread(sender):
    raw = b'{"id": 1, "note": "' + b"x" * (5 * 1024 * 1024) + b'"}'
    answer = sender.client.post(URL, data=raw, headers=headers("orders/create", sender.domain, raw))
    assert answer.status_code == 413
    assert sender.inbox() == []


def test_a_body_just_under_the_cap_is_kept(sender):
    raw = b'{"id": 1, "note": "' + b"x" * (4 * 1024 * 1024) + b'"}'
    assert (
        sender.client.post(URL, data=raw, headers=headers("orders/create", sender.domain, raw)).status_code
        == 200
    )


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\x00", b"[]", b"null", b"{", b'"' + b"\x00" * 50 + b'"'])
def test_whatever_is_inside_a_signed_body_does_not_matter_yet(sender, raw):
    assert (
        sender.client.post(URL, data=raw, headers=headers("orders/create", sender.domain, raw)).status_code
        == 200
    )
    assert len(sender.inbox()) == 1


@pytest.mark.parametrize("said", [None, "yesterday", "0000-00-00T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_a_trigger_time_that_cannot_be_is_when_it_came(sender, said):
    sender.send("orders/create", {"id": 1}, Triggered_At=said)
    (row,) = sender.inbox()
    assert row["triggered_at"] == row["received_at"]


def test_long_and_odd_headers_are_cut_to_what_can_be_kept(sender):
    sender.send("x" * 5_000, {"id": 1}, Webhook_Id="w" * 3_000, Event_Id="tab\there")
    (row,) = sender.inbox()
    assert (len(row["topic"]), len(row["webhook_id"]), row["event_id"]) == (255, 255, "tabhere")


def test_shopify_s_own_sample_vector_fits():
    # reference/shopify.md, section 1.8
    assert (
        signature(b'{"id":1,"email":"a@example.com"}', "hush-hush")
        == "KSlx6SmBMbAGQ46Yn1GMXx7v9iuDBhwsS4wjbZ2VZUQ="
    )
