"""What can go wrong, said so that the caller knows what happens next."""


class KindredError(Exception):
    """Something a person can read and act on; the message is shown as it is."""


class InvalidInputError(KindredError):
    """What was handed in cannot be used; ``field`` names the part that is wrong."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(KindredError):
    """There is nothing of that name."""


class RefusedError(KindredError):
    """The request is understood, and not done for the reason given."""


class NotVerifiedError(KindredError):
    """Who says so could not be proven; the answer tells no more than that."""


class StartRefusedError(KindredError):
    """The program will not start in this state; the message says how to get it to."""


class TemporaryError(KindredError):
    """It may work later; ``retry_after_seconds`` says when to try again."""

    def __init__(self, message: str, *, retry_after_seconds: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
