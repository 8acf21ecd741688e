"""Calls to Shopify over HTTP: what can never work is told as Shopify's errors are."""

from collections.abc import Mapping

from shop_app.shopify.admin_errors import PermanentError
from shop_app.wire import http
from shop_app.wire.http import HttpAnswer, Limits, NoAnswerError, NotReachedError

__all__ = ["HttpAnswer", "Limits", "NoAnswerError", "NotReachedError", "post"]


def post(
    url: str, *, host: str, body: bytes, headers: Mapping[str, str], limits: Limits | None = None
) -> HttpAnswer:
    """Send a body and return the whole answer, whatever its status.

    Raises
    ------
    PermanentError
        ``url`` is not one of ``host``, or the answer is nothing that we take.
    NotReachedError, NoAnswerError
        There is no answer; told apart by whether something was sent.
    """
    try:
        return http.call("POST", url, who="Shopify", host=host, headers=headers, body=body, limits=limits)
    except http.UnusableAnswerError as error:
        raise PermanentError(str(error)) from None
