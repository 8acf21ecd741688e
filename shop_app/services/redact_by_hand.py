"""An erasure that somebody asks for on the command line, by the same road as Shopify's."""

import re
from datetime import datetime
from typing import Any

from shop_app.errors import NotFoundError
from shop_app.services.erase import erase_open
from shop_app.services.find_customer import find_customer
from shop_app.services.privacy_requests import keep_request
from shop_app.storage import due_work, people, privacy_requests
from shop_app.storage.engine import transaction
from shop_app.storage.privacy_requests import CUSTOMER_REDACT, PrivacyRequest

_GID = re.compile(r"gid://shopify/Customer/(\d{1,18})")


def redact_by_hand(shop_id: int, wanted: str, *, now: datetime) -> PrivacyRequest:
    """Erase the person who is meant, every row of theirs, and return the request with what became of it.

    An address or a gid that nobody has is remembered too, so that the person does not come in later.

    Raises
    ------
    InvalidInputError
        Nobody was named, or several people fit.
    NotFoundError
        It fits nobody, and says too little to remember somebody by.
    """
    named = _named(shop_id, wanted)
    with transaction(shop_id) as connection:
        key = {"by hand": now.isoformat(), "named": named}
        request_id = keep_request(
            connection, shop_id, CUSTOMER_REDACT, key=key, named=named, at=now, origin="hand"
        )
        due_work.ensure_due(connection, shop_id, "erase", due_at=now)  # should this process be killed
    erase_open(shop_id, now=now)
    with transaction(shop_id) as connection:
        request = privacy_requests.find(connection, shop_id, request_id or 0)
    assert request is not None  # noqa: S101 (it was kept just now)
    return request


def _named(shop_id: int, wanted: str) -> dict[str, Any]:
    try:
        person = find_customer(shop_id, wanted)
    except NotFoundError:
        if gid := _GID.fullmatch(wanted.strip()):
            return {"id": int(gid[1])}
        if "@" in wanted:
            return {"email": wanted.strip()}
        raise
    with transaction(shop_id) as connection:
        rows = people.list_rows(connection, shop_id, [person])
    return {
        "id": rows[0].shopify_id,
        "email": rows[0].email or None,
        "known": {"rows": sorted(row.customer_id for row in rows)},
    }
