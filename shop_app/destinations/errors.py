"""What can come of speaking to a destination, told apart by what happens next."""

from shop_app.errors import KindredError, RefusedError, TemporaryError


class BrokenConnectionError(RefusedError):
    """Key, leave or bill: nothing works before a person has settled it, so nothing more is sent."""


class SlowDownError(TemporaryError):
    """The other side asks for patience; ``retry_after_seconds`` says how much. Not a failure."""


class OutcomeUnknownError(TemporaryError):
    """Something was sent and no answer came: it may have been done."""


class RejectedError(KindredError):
    """The call as a whole is refused, and would be again."""
