"""O3: what Shopify signs when it sends a browser here, checked over the raw text."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest

from shop_app.errors import NotVerifiedError
from shop_app.shopify.signed_query import is_in_order, sign_query, verify_query

SECRETS = ("hush-hush", "older")
QUERY = (
    "code=abc123&host=YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvYWNtZQ&shop=acme.myshopify.com"
    "&state=n0nce&timestamp=1763800000"
)
HMAC = "a849c0eb1f4f779f6fa5f7e840286ce4863a0d8d62c3acaf3a52d13dd39b3758"
SIGNED = QUERY.replace("&host", f"&hmac={HMAC}&host")
NOW = datetime.fromtimestamp(1763800000, tz=UTC)


def test_the_published_vector_fits():
    parameters = verify_query(SIGNED, SECRETS, now=NOW)
    assert parameters["code"] == "abc123"
    assert "hmac" not in parameters


def test_the_secret_before_this_one_fits_too():
    parameters = dict(parse_qsl(QUERY))
    old = f"{QUERY}&hmac={sign_query(parameters, 'older')}"
    assert verify_query(old, SECRETS, now=NOW)["shop"] == "acme.myshopify.com"
    with pytest.raises(NotVerifiedError):
        verify_query(old, SECRETS[:1], now=NOW)


@pytest.mark.parametrize(
    "query",
    [
        QUERY,
        "",
        f"{QUERY}&hmac=",
        f"{QUERY}&hmac={HMAC[:-1]}0",
        f"{QUERY}&hmac={HMAC.upper()}",
        f"{QUERY}&hmac={HMAC}é",
        f"{SIGNED}&more=1",
        f"{SIGNED}&code=abc123",
        f"{SIGNED}&hmac={HMAC}",
        f"{SIGNED}&more",
        f"{SIGNED}&",
        SIGNED.replace("abc123", "abc124"),
        SIGNED.replace("acme.", "evil."),
        SIGNED.replace("code=abc123&", ""),
        SIGNED.replace("state=n0nce&timestamp=1763800000", "state=n0nce%26timestamp=1763800000"),
        SIGNED.replace("abc123", "abc123%00"),
        SIGNED.replace("abc123", "%ff"),
    ],
)
def test_whatever_is_not_exactly_what_was_signed_is_refused(query):
    with pytest.raises(NotVerifiedError):
        verify_query(query, SECRETS, now=NOW)


@pytest.mark.parametrize(
    ("late", "is_taken"), [(0, True), (90, True), (91, False), (86_000, False), (-11, False)]
)
def test_a_signature_is_good_for_ninety_seconds(late, is_taken):
    now = NOW + timedelta(seconds=late)
    if is_taken:
        assert verify_query(SIGNED, SECRETS, now=now)
    else:
        with pytest.raises(NotVerifiedError):
            verify_query(SIGNED, SECRETS, now=now)


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "17638e5", "9" * 30, "\uff11\uff17\uff16"])
def test_a_query_that_does_not_say_when_is_refused(timestamp):
    parameters = {"shop": "acme.myshopify.com", "timestamp": timestamp}
    query = urlencode(parameters | {"hmac": sign_query(parameters, SECRETS[0])})
    with pytest.raises(NotVerifiedError):
        verify_query(query, SECRETS, now=NOW)


def test_the_order_in_which_shopify_writes_is_known():
    assert is_in_order(QUERY)
    assert not is_in_order("&".join(reversed(QUERY.split("&"))))
