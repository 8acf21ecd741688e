"""The first layer of errors: what the HTTP status of an answer means."""

from typing import Any

from shop_app.errors import TemporaryError
from shop_app.shopify.admin_errors import (
    AccessDeadError,
    PermanentError,
    RefusedByShopifyError,
    ShopFrozenError,
    ShopGoneError,
)
from shop_app.shopify.http import HttpAnswer

_LONGEST_REASON = 300
_USUAL_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 2.0, 60.0
_OK, _SERVER_FAILS = 200, 500
_FROZEN = frozenset({402, 423})
_LATER = frozenset({425, 429, 430})


class SlowDownError(TemporaryError):
    """Nothing was done: there were too many calls; ``seconds`` says when to come again."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message, retry_after_seconds=seconds)
        self.seconds = seconds


class ServerFailedError(TemporaryError):
    """Shopify failed in the middle of it, which may or may not have had its effect."""


def raise_for_status(answer: HttpAnswer, parsed: dict[str, Any] | None) -> None:
    """Raise what the status of an answer stands for; 200 stands for nothing."""
    status = answer.status
    if status == _OK:
        return
    if status in _LATER:
        raise SlowDownError("Shopify asks for patience.", seconds=_pause(answer.headers.get("retry-after")))
    if status >= _SERVER_FAILS or status == 408:  # noqa: PLR2004 (request timeout)
        raise ServerFailedError(f"Shopify failed (HTTP {status}).")
    _raise_refusal(status, _reason(parsed))


def _raise_refusal(status: int, reason: str) -> None:
    if status == 401:  # noqa: PLR2004 (unauthorised)
        raise AccessDeadError("Shopify no longer accepts this shop's access token.")
    if status in _FROZEN:
        raise ShopFrozenError(f"This shop is frozen or locked (HTTP {status}).")
    if status == 403:  # noqa: PLR2004 (forbidden)
        raise RefusedByShopifyError(
            "Shopify refuses access: this server's address may be missing from the app's list of allowed "
            "addresses, or a scope is missing.",
            reason=reason,
        )
    if status == 404:  # noqa: PLR2004 (not found)
        raise ShopGoneError("Shopify knows no such shop.")
    raise PermanentError(f"Shopify refuses the call (HTTP {status}).")


def _reason(parsed: dict[str, Any] | None) -> str:
    told = (parsed or {}).get("errors")
    if isinstance(told, list):
        told = told[0].get("message") if told and isinstance(told[0], dict) else ""
    return str(told or "")[:_LONGEST_REASON]


def _pause(retry_after: str | None) -> float:
    try:
        seconds = float(retry_after or _USUAL_PAUSE_SECONDS)
    except ValueError:  # a date: such answers of Shopify's carry seconds
        seconds = _USUAL_PAUSE_SECONDS
    return min(max(seconds, 0.0), _LONGEST_PAUSE_SECONDS) if seconds == seconds else _USUAL_PAUSE_SECONDS  # noqa: PLR0124
