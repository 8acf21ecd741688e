"""What the admin proves to the app: ID tokens, the signed query of a page load, and the ``host`` of a store."""

import base64
import hashlib
import hmac
import time
import uuid
from urllib.parse import urlencode, urlsplit

import jwt

from sandbox.shopify.world import World

ID_TOKEN_SECONDS = 60
USER_NUMBER = 902541635
USER = {
    "id": USER_NUMBER,
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "ann.lee@example.com",
    "email_verified": True,
    "account_owner": True,
    "locale": "en",
    "collaborator": False,
}
"""The one person who looks after every store of the stand-in."""
LOCALE = "en-US"


def mint_id_token(world: World, shop: str, *, seconds: int = ID_TOKEN_SECONDS, user: int = USER_NUMBER) -> str:
    """Return an ID token (the older name: session token) as App Bridge hands it out."""
    moment = int(time.time())
    claims = {
        "iss": f"https://{shop}/admin",
        "dest": f"https://{shop}",
        "aud": world.app.client_id,
        "sub": str(user),
        "exp": moment + seconds,
        "nbf": moment - 1,
        "iat": moment - 1,
        "jti": str(uuid.uuid4()),
        "sid": session_of(world, shop, user),
        "sig": hashlib.sha256(f"{shop}{moment}{user}".encode()).hexdigest(),
    }
    return jwt.encode(claims, world.app.client_secret, algorithm="HS256")


def read_id_token(world: World, token: str) -> dict[str, object] | None:
    """Return the claims of a valid ID token of this app, ``None`` for anything else."""
    needed = ["iss", "dest", "aud", "sub", "exp", "nbf", "iat", "jti"]
    for secret in (world.app.client_secret, world.app.old_client_secret):
        if not secret:
            continue
        try:
            claims: dict[str, object] = jwt.decode(
                token, secret, algorithms=["HS256"], audience=world.app.client_id, options={"require": needed}
            )
        except jwt.PyJWTError:
            continue
        return claims if _of_one_shop(claims) else None
    return None


def session_of(world: World, shop: str, user: int) -> str:
    """Return the session's number: the same for one person, store and app."""
    return hashlib.sha256(f"{world.app.client_id} {shop} {user}".encode()).hexdigest()[:64]


def store_name(shop: str) -> str:
    """Return the first part of a store's domain, by which the admin's addresses call it."""
    return shop.removesuffix(".myshopify.com")


def host_of(world: World, shop: str) -> str:
    """Return the ``host`` parameter: base64 without padding of where this store's admin is."""
    place = f"{urlsplit(world.origin).netloc}/store/{store_name(shop)}"
    return base64.b64encode(place.encode()).decode().rstrip("=")


def sign_query(world: World, parameters: dict[str, str]) -> str:
    """Return the query with its ``hmac``: sorted, joined, HMAC-SHA256 in hexadecimal."""
    message = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    digest = hmac.new(world.app.client_secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode(sorted({**parameters, "hmac": digest}.items()))


def frame_query(world: World, shop: str, own: dict[str, str] | None = None) -> str:
    """Return the query with which the admin loads the app into its frame; ``own`` is the address's own part."""
    return sign_query(
        world,
        {
            **(own or {}),
            "embedded": "1",
            "host": host_of(world, shop),
            "id_token": mint_id_token(world, shop),
            "locale": LOCALE,
            "session": session_of(world, shop, USER_NUMBER),
            "shop": shop,
            "timestamp": str(int(time.time())),
        },
    )


def install_query(world: World, shop: str) -> str:
    """Return the query of an install request to an app that asks for consent itself."""
    return sign_query(world, {"host": host_of(world, shop), "shop": shop, "timestamp": str(int(time.time()))})


def _of_one_shop(claims: dict[str, object]) -> bool:
    dest, issuer = urlsplit(str(claims["dest"])), urlsplit(str(claims["iss"]))
    return dest.scheme == "https" and dest.hostname is not None and dest.hostname == issuer.hostname
