"""From the kind of an error to a status and a page in words; nowhere else does the web react to errors."""

import logging
from http import HTTPStatus
from secrets import token_hex

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from shop_app.errors import (
    InvalidInputError,
    KindredError,
    NotFoundError,
    NotVerifiedError,
    RefusedError,
    StartRefusedError,
    TemporaryError,
)
from shop_app.shopify.oauth import GrantDeadError
from shop_app.web.callers import SessionNeededError
from shop_app.web.chosen_shop import NoShopYetError
from shop_app.web.grant_state import StateRefusedError
from shop_app.web.local_mode import ForeignRequestError
from shop_app.web.pages import Link, MessagePage
from shop_app.web.rendering import failure_frame, render

_log = logging.getLogger(__name__)

_STATUSES: tuple[tuple[type[KindredError], HTTPStatus, str], ...] = (
    (ForeignRequestError, HTTPStatus.FORBIDDEN, "Not from here"),
    (StateRefusedError, HTTPStatus.FORBIDDEN, "Not installed"),
    (NotVerifiedError, HTTPStatus.UNAUTHORIZED, "Not let in"),
    (GrantDeadError, HTTPStatus.BAD_GATEWAY, "Shopify said no"),
    (NotFoundError, HTTPStatus.NOT_FOUND, "Not found"),
    (InvalidInputError, HTTPStatus.BAD_REQUEST, "That cannot be used"),
    (RefusedError, HTTPStatus.CONFLICT, "Not done"),
    (TemporaryError, HTTPStatus.SERVICE_UNAVAILABLE, "Not right now"),
    (StartRefusedError, HTTPStatus.SERVICE_UNAVAILABLE, "Not ready"),
    (KindredError, HTTPStatus.INTERNAL_SERVER_ERROR, "That did not work"),
)
_HTTP_WORDS = {
    404: ("Page not found", "There is no page at this address."),
    405: ("Not possible here", "This address does not take that kind of request."),
    413: ("Too large", "The request is larger than this page takes."),
}


def install(app: Flask) -> None:
    """Answer every error of this app with a page."""
    app.register_error_handler(NoShopYetError, _answer_no_shop)
    app.register_error_handler(KindredError, _answer_known)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unknown)


def _answer_no_shop(_error: NoShopYetError) -> Response:
    page = MessagePage(
        frame=failure_frame("No shop yet"),
        heading="No shop yet",
        sentences=(
            "Hand Kindred an order file, and the segments appear here.",
            "Any table of orders will do: Shopify's own export, or one row for each line of an order.",
        ),
        command="kindred import orders.csv --shop my-shop",
    )
    return render("error.html", page)


def _answer_known(error: KindredError) -> Response:
    status, heading = next((status, words) for kind, status, words in _STATUSES if isinstance(error, kind))
    page = MessagePage(
        frame=failure_frame(heading), heading=heading, sentences=(str(error),), links=_ways_out(error)
    )
    response = render("error.html", page, status)
    if isinstance(error, TemporaryError):
        response.headers["Retry-After"] = str(round(error.retry_after_seconds))
    if isinstance(error, SessionNeededError):
        response.headers["X-Shopify-Retry-Invalid-Session-Request"] = "1"  # App Bridge asks again, once
    return response


def _answer_http(error: HTTPException) -> Response:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    heading, sentence = _HTTP_WORDS.get(code, (error.name, "The request cannot be answered as it is."))
    page = MessagePage(
        frame=failure_frame(heading),
        heading=heading,
        sentences=(sentence,),
        links=(Link("Back to the segments", "/"),),
    )
    return render("error.html", page, code)


def _answer_unknown(error: Exception) -> Response:
    """Keep the details in the log under a number that the page shows; the page itself tells none."""
    number = token_hex(4)
    _log.error("failure %s at %s", number, request.endpoint, exc_info=error)
    page = MessagePage(
        frame=failure_frame("Something failed"),
        heading="Something failed",
        sentences=(
            "This should not have happened.",
            f"The log of the web process says more under the number {number}.",
        ),
        links=(Link("Back to the segments", "/"),),
    )
    return render("error.html", page, HTTPStatus.INTERNAL_SERVER_ERROR)


def _ways_out(error: KindredError) -> tuple[Link, ...]:
    if isinstance(error, ForeignRequestError | NotVerifiedError):
        return ()
    return (Link("Back to the segments", "/"),)
