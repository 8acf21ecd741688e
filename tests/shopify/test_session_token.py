"""O7: session tokens, each wrong in one way and otherwise good."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from admin import CLIENT_ID, OLD_SECRET, SECRET, claims_of, shopify_settings
from cryptography.hazmat.primitives.asymmetric import rsa

from shop_app.errors import NotVerifiedError
from shop_app.shopify import config
from shop_app.shopify.session_token import read_session_token

SHOP = "acme.myshopify.com"
NOW = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
SECOND = int(NOW.timestamp())


@pytest.fixture(autouse=True)
def _registered():
    config.configure(shopify_settings())
    yield
    config.configure(None)


def made(claims, secret=SECRET, header=None):
    """Sign by hand: a library would refuse to make some of these."""
    parts = [header or {"alg": "HS256", "typ": "JWT"}, claims]
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = hmac.digest(secret.encode(), signed, hashlib.sha256)
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def good(**changes):
    return claims_of(SHOP, now=NOW, **changes)


def test_a_good_token_says_which_shop_and_who():
    token = read_session_token(made(good(sig="ignored")), now=NOW)
    assert (token.shop_domain, token.user_id) == (SHOP, "42")
    assert token.issued_at == datetime.fromtimestamp(SECOND, tz=UTC)
    assert token.expires_at - token.issued_at == timedelta(seconds=60)


def test_the_secret_before_this_one_still_counts_while_it_is_set():
    old = made(good(), OLD_SECRET)
    assert read_session_token(old, now=NOW).shop_domain == SHOP
    config.configure(shopify_settings(api_secret_old=None))
    with pytest.raises(NotVerifiedError):
        read_session_token(old, now=NOW)


@pytest.mark.parametrize("late", [59, 69])
def test_ten_seconds_of_leeway_are_given(late):
    assert read_session_token(made(good()), now=NOW + timedelta(seconds=late)).user_id == "42"
    early = made(good(nbf=SECOND + 9, iat=SECOND + 9))
    assert read_session_token(early, now=NOW).user_id == "42"


@pytest.mark.parametrize("claim", ["iss", "dest", "aud", "sub", "exp", "nbf", "iat", "sid", "jti"])
def test_every_claim_is_required(claim):
    with pytest.raises(NotVerifiedError):
        read_session_token(made(good(**{claim: None})), now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": SECOND - 10},
        {"exp": SECOND - 3600, "nbf": SECOND - 3660, "iat": SECOND - 3660},
        {"nbf": SECOND + 11},
        {"iat": SECOND + 11},
        {"exp": SECOND + 301},
        {"exp": SECOND + 60, "iat": SECOND - 3600},
        {"exp": SECOND + 60, "nbf": SECOND - 3600},
        {"exp": str(SECOND + 60)},
        {"exp": True},
        {"exp": 1e400},
        {"exp": 10**30},
        {"nbf": -1},
        {"aud": "another-app"},
        {"aud": [CLIENT_ID]},
        {"aud": f"{CLIENT_ID} "},
        {"sub": ""},
        {"sub": 42},
        {"jti": ["x"]},
        {"iss": "https://rival.myshopify.com/admin"},
        {"dest": "https://rival.myshopify.com"},
        {"dest": "http://acme.myshopify.com", "iss": "http://acme.myshopify.com/admin"},
        {"dest": "https://evil.example", "iss": "https://evil.example/admin"},
        {
            "dest": "https://acme.myshopify.com@evil.example",
            "iss": "https://acme.myshopify.com@evil.example/admin",
        },
        {"dest": "https://acme.myshopify.com:443", "iss": "https://acme.myshopify.com:443/admin"},
        {"dest": "https://[", "iss": "https://[/admin"},
    ],
)
def test_a_token_that_is_wrong_in_one_way_is_refused(changes):
    with pytest.raises(NotVerifiedError):
        read_session_token(made(good(**changes)), now=NOW)


def test_a_token_of_no_algorithm_or_another_is_refused():
    unsigned = made(good(), header={"alg": "none"}).rsplit(".", 1)[0] + "."
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with_rsa = jwt.encode(good(), key, algorithm="RS256")
    with_512 = jwt.encode(good(), SECRET * 2, algorithm="HS512")
    named_otherwise = made(good(), header={"alg": "RS256"})
    for raw in (unsigned, with_rsa, with_512, named_otherwise, made(good(), "another secret")):
        with pytest.raises(NotVerifiedError):
            read_session_token(raw, now=NOW)


@pytest.mark.parametrize(
    "raw", ["", ".", "..", "a.b.c", "é.é.é", "x" * 5000, made({}), made([1]), made("text")]
)
def test_what_is_no_token_at_all_is_refused(raw):
    with pytest.raises(NotVerifiedError):
        read_session_token(raw, now=NOW)


def test_a_changed_token_is_refused():
    head, _, tail = made(good()).split(".")
    other = made(claims_of("rival.myshopify.com", now=NOW)).split(".")[1]
    with pytest.raises(NotVerifiedError):
        read_session_token(f"{head}.{other}.{tail}", now=NOW)
