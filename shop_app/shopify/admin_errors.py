"""What can come of a call to Shopify's Admin API, told apart by what is to happen next."""

from dataclasses import dataclass
from typing import Any

from shop_app.errors import KindredError, NotFoundError, TemporaryError


class PermanentError(KindredError):
    """The same call would fail again: it is a mistake of ours, or Shopify has changed."""


class AccessDeadError(KindredError):
    """The access token is no good (HTTP 401): a new one is needed before anything else is tried."""


class ShopFrozenError(KindredError):
    """The shop is frozen or locked (HTTP 402, 423): nothing is answered until its owner has settled that."""


class ShopGoneError(NotFoundError):
    """There is no such shop any more, or no interface of this version (HTTP 404)."""


class RefusedByShopifyError(KindredError):
    """Access is denied (HTTP 403, or ``ACCESS_DENIED``): an address that is not listed, or a scope we lack.

    ``reason`` is Shopify's own sentence, as far as it gave one.
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class ThrottledError(TemporaryError):
    """The shop's budget is spent for longer than is worth waiting for."""


class OutcomeUnknownError(TemporaryError):
    """Something that must not be done twice was sent, and no answer came: read back what came of it."""


@dataclass(frozen=True, slots=True)
class UserError:
    """What Shopify finds wrong with what was asked of a mutation; ``alias`` is the mutation's field."""

    alias: str
    field: tuple[str, ...]
    message: str
    code: str | None


class UserErrorsError(PermanentError):
    """A mutation was refused in whole or in part; ``data`` is what came besides."""

    def __init__(self, errors: list[UserError], data: dict[str, Any]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors
        self.data = data
