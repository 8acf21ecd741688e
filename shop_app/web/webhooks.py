"""``POST /webhooks/shopify``: keep one webhook and answer at once; a worker does the rest."""

import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from shop_app.clock import utc_now
from shop_app.errors import NotVerifiedError, TemporaryError
from shop_app.services.receive_webhook import count, receive_webhook
from shop_app.shopify import webhook_verification
from shop_app.web.callers import public_route
from shop_app.web.slow_bodies import read_body, read_no_further

if TYPE_CHECKING:
    from shop_app.settings import Settings

bp = Blueprint("webhooks", __name__)

_MOST_BYTES = 5 * 1024 * 1024
"""Shopify's largest bodies, orders of hundreds of lines, are about a tenth of this."""
_SECONDS_TO_SEND = 6.0
"""Shopify gives up after five."""
_JSON_TYPES = ("", "application/json")

_SILENT_SECONDS = 10.0
_silent_until = [0.0]

_log = logging.getLogger(__name__)


@bp.post("/webhooks/shopify", provide_automatic_options=False)
@public_route("Shopify's signature over the body says who is asking")
def shopify() -> Response:
    """Keep one webhook; whose it is says the signature over its bytes."""
    try:
        body = read_body(most_bytes=_MOST_BYTES, seconds=_SECONDS_TO_SEND)
    except RequestEntityTooLarge:
        read_no_further()
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    try:
        webhook = webhook_verification.verify(dict(request.headers), body, _secrets())
    except NotVerifiedError:
        return _answer(HTTPStatus.UNAUTHORIZED, "not_signed")
    if request.mimetype not in _JSON_TYPES or request.headers.get("Content-Encoding"):
        return _answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json")
    try:
        receive_webhook(webhook, received_at=utc_now())
    except TemporaryError as error:
        _say_once_in_a_while(error)
        return Response(
            status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": f"{error.retry_after_seconds:.0f}"}
        )
    return Response(status=HTTPStatus.OK)


def _secrets() -> tuple[str, ...]:
    """Return what Shopify may sign with; without an app of theirs there is none, and nothing is believed."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.shopify.secrets if settings.shopify is not None else ()


def _say_once_in_a_while(error: TemporaryError) -> None:
    """Log that webhooks are not kept: once, not a hundred times a second."""
    now = time.monotonic()
    if now >= _silent_until[0]:
        _silent_until[0] = now + _SILENT_SECONDS
        _log.warning("A webhook was not kept; Shopify sends it again. %s", error)


def _answer(status: HTTPStatus, reason: str) -> Response:
    count(reason)
    return Response(status=status)
