"""Whose fault it is when the database refuses: the row's, or nobody's, and then it is tried again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from shop_app.errors import TemporaryError

_PASSING_CLASSES = frozenset({"08", "40", "53", "55", "57", "58"})
"""Connection, rollback, resources, a lock, an operator, the system (PostgreSQL, appendix A)."""
_READ_ONLY = "25006"


@contextmanager
def named() -> Iterator[None]:
    """Turn trouble that will pass into ``TemporaryError``, and let everything else through."""
    try:
        yield
    except NoConnectionLeft:
        raise TemporaryError("Every connection to the database is in use.") from None
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        passing = state is None or state[:2] in _PASSING_CLASSES or state == _READ_ONLY
        if not passing and not error.connection_invalidated:
            raise
        raise TemporaryError(f"The database stopped in the middle ({type(error.orig).__name__}).") from None
