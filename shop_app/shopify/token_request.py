"""One POST to a shop's token endpoint: short, to that host alone, never redirected, never repeated."""

from urllib.parse import urlencode, urlsplit

import orjson

from shop_app.errors import TemporaryError
from shop_app.shopify import http
from shop_app.shopify.admin_errors import PermanentError
from shop_app.shopify.config import api_origin, needs_host_header
from shop_app.shopify.shop_domain import checked_shop_domain

_LIMITS = http.Limits(connect_seconds=3.0, silence_seconds=15.0, total_seconds=15.0, answer_bytes=64 * 1024)
"""Somebody waits for a page meanwhile."""


def post_form(shop_domain: str, path: str, fields: dict[str, str]) -> tuple[int, object]:
    """Send a form and return the status and the JSON of the answer, ``None`` where it is not JSON.

    Raises
    ------
    TemporaryError
        Nobody answered in time, or what came is longer than any such answer, or leads elsewhere.
    """
    shop = checked_shop_domain(shop_domain)  # it becomes a host; whoever called has checked it too
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if needs_host_header():
        headers["Host"] = shop
    origin = api_origin(shop)
    try:
        answer = http.post(
            origin + path,
            host=urlsplit(origin).netloc,
            body=urlencode(fields).encode(),
            headers=headers,
            limits=_LIMITS,
        )
    except PermanentError as error:
        raise TemporaryError(str(error)) from None
    return answer.status, _json(answer.body)


def _json(body: bytes) -> object:
    try:
        parsed: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return parsed
