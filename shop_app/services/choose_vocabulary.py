"""By which names a shop's groups are called."""

from datetime import datetime

from shop_app.errors import InvalidInputError
from shop_app.segments.vocabularies import VOCABULARIES
from shop_app.services.refresh_customers import Refreshed
from shop_app.services.soon import promise_refresh, refresh_soon
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction


def choose_vocabulary(shop_id: int, name: str, *, as_of: datetime) -> Refreshed | None:
    """Name everybody's group by this vocabulary from now on; the marks stay as they are.

    In a large shop a worker does the renaming, and the answer is ``None``.

    Raises
    ------
    InvalidInputError
        There is no such vocabulary.
    """
    check_vocabulary(name)
    with transaction(shop_id) as connection:
        shop_settings.write_vocabulary(connection, name)
        promise_refresh(connection, shop_id, as_of=as_of)
    return refresh_soon(shop_id, as_of=as_of)


def check_vocabulary(name: str) -> None:
    """Refuse a vocabulary that there is not."""
    if name not in VOCABULARIES:
        known = ", ".join(VOCABULARIES)
        raise InvalidInputError(
            f"vocabulary: {name!r} is not known; choose one of {known}.", field="vocabulary"
        )
