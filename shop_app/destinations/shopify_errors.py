"""What Shopify's errors mean to whoever sends labels there."""

from collections.abc import Iterator
from contextlib import contextmanager

from shop_app.destinations.errors import (
    BrokenConnectionError,
    OutcomeUnknownError,
    RejectedError,
    SlowDownError,
)
from shop_app.errors import KindredError, RefusedError
from shop_app.shopify import admin_errors
from shop_app.shopify.admin_status import ServerFailedError
from shop_app.wire.http import NoAnswerError, UnusableAnswerError

_SCOPE = (
    "Open Kindred in Shopify's admin and agree to what it asks for; where addresses are listed for the app, "
    "this server's must be among them."
)


_DEAD = (admin_errors.AccessDeadError, admin_errors.ShopFrozenError, admin_errors.ShopGoneError)
_OURS = (BrokenConnectionError, OutcomeUnknownError, RejectedError, SlowDownError)


@contextmanager
def told_apart(*, sends: bool = False) -> Iterator[None]:
    """Raise what a destination may raise in place of what Shopify's interface does.

    ``sends`` says that something is changed in here: then silence leaves open what came of it, even where the
    same call was tried several times.
    """
    try:
        yield
    except _OURS:
        raise
    except (NoAnswerError, ServerFailedError) as error:
        if sends:
            raise OutcomeUnknownError(str(error)) from None
        raise
    except KindredError as error:
        raise _translated(error) from None


def _translated(error: KindredError) -> KindredError:
    if isinstance(error, admin_errors.RefusedByShopifyError):
        reason = f" ({error.reason})" if error.reason else ""
        return BrokenConnectionError(f"Shopify denies access{reason}. {_SCOPE}")
    if isinstance(error, admin_errors.ThrottledError):
        return SlowDownError(str(error), retry_after_seconds=error.retry_after_seconds)
    if isinstance(error, admin_errors.OutcomeUnknownError):
        return OutcomeUnknownError(str(error))
    if isinstance(error, (*_DEAD, RefusedError)):  # the latter: the shop has left, or is to be connected anew
        return BrokenConnectionError(str(error))
    if isinstance(error, admin_errors.PermanentError | UnusableAnswerError):
        return RejectedError(str(error))
    return error
