"""Two that write the same rows at once: one of them starts over, and neither of them fails."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

Result = TypeVar("Result")

_AGAIN = frozenset({"40001", "40P01", "23505", "55P03"})
"""Serialization failure, deadlock, a row that somebody else has just added, a lock not had in time."""


def starting_over(work: Callable[[], Result], *, times: int = 5) -> Result:
    """Do work that is a whole transaction; where another one got in its way, do it again.

    The last attempt's error is raised; so is every other kind at once.
    """
    for _ in range(times - 1):
        try:
            return work()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _AGAIN:
                raise
    return work()
