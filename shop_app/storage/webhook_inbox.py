"""Webhooks as they came: kept before anybody looks inside, and taken out in batches."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, Row, text

from shop_app.errors import TemporaryError
from shop_app.storage import shops
from shop_app.storage.encryption import open_sealed_bytes, seal_bytes
from shop_app.storage.engine import single_value

_HASH_BYTES = 16  # 128 bits: no two bodies under one id meet by chance
_RETRY_AFTER_SECONDS = 5.0
_TRIED_ONCE_TOGETHER = 25
"""A killed worker leaves a whole batch behind, and almost always none of it is to blame."""

# Both rows at once, so that no delivery is kept of which nobody will hear (migration 0007).
_KEEP = """
    SELECT keep_webhook(%(shop)s, %(topic)s, %(webhook_id)s, %(event_id)s, %(api_version)s, %(triggered_at)s,
        %(received_at)s, %(body)s, %(hash)s)"""
_FIND_SHOP = "SELECT id FROM shops WHERE domain = %(domain)s"

# Whatever was in a batch that nobody finished comes in a small group the next time, and alone from then on, the
# least tried first: so the one that brought the process down gives itself away, and holds nobody up.
_CLAIM = """
    UPDATE webhook_inbox SET attempts = attempts + 1
    WHERE id = ANY (ARRAY(
        SELECT id FROM webhook_inbox
        WHERE state = 'new' AND attempts {which} AND (next_at IS NULL OR next_at <= :at)
        ORDER BY attempts, id LIMIT :limit FOR UPDATE SKIP LOCKED))
    RETURNING id, topic, webhook_id, triggered_at, received_at, body, attempts"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it came in; ``triggered_at`` is when Shopify says it was raised."""

    topic: str
    webhook_id: str
    event_id: str | None
    api_version: str | None
    triggered_at: datetime
    received_at: datetime
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A webhook that is being worked on for the ``attempts``-th time."""

    id: int
    topic: str
    webhook_id: str
    triggered_at: datetime
    received_at: datetime
    attempts: int
    sealed: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a webhook: ``done``, ``dead`` or ``quarantined``, why in words, and what it is about."""

    id: int
    state: str
    words: str | None = None
    concerns: str | None = None


def find_shop(domain: str) -> int | None:
    """Return the id of the shop of this domain, or ``None``; raise ``TemporaryError`` without a database."""
    found = _ask(_FIND_SHOP, {"domain": shops.plain_domain(domain)})
    return found if isinstance(found, int) else None


def keep(shop_id: int, delivery: Delivery) -> bool:
    """Keep a delivery in a transaction of its own and see to it that somebody looks; ``False``: it was here.

    Raises
    ------
    TemporaryError
        The database did not take it, for whatever reason.
    """
    values = {
        "shop": shop_id,
        "topic": delivery.topic,
        "webhook_id": delivery.webhook_id,
        "event_id": delivery.event_id,
        "api_version": delivery.api_version,
        "triggered_at": delivery.triggered_at,
        "received_at": delivery.received_at,
        "body": seal_bytes(delivery.body, table="webhook_inbox", column="body", shop_id=shop_id),
        "hash": hashlib.blake2b(delivery.body, digest_size=_HASH_BYTES).digest(),
    }
    return bool(_ask(_KEEP, values))


def claim(connection: Connection, *, at: datetime, limit: int) -> list[Waiting]:
    """Take the next batch and count the attempt; the caller commits before it begins.

    Fresh ones come together, up to ``limit``; those that were tried once in a small group, others one by one.
    """
    rows: Sequence[Row[Any]] = ()
    for which, most in (("= 0", limit), ("= 1", min(limit, _TRIED_ONCE_TOGETHER)), ("> 1", 1)):
        rows = connection.execute(text(_CLAIM.format(which=which)), {"at": at, "limit": most}).all()
        if rows:
            break
    return [
        Waiting(
            id=row.id,
            topic=row.topic,
            webhook_id=row.webhook_id,
            triggered_at=row.triggered_at,
            received_at=row.received_at,
            attempts=row.attempts,
            sealed=None if row.body is None else bytes(row.body),
        )
        for row in sorted(rows, key=lambda row: row.id)
    ]


def open_body(row: Waiting, shop_id: int) -> bytes:
    """Return a delivery's body as it came; "" where it is kept no longer.

    Raises
    ------
    StartRefusedError
        It was sealed with a key that is not here.
    """
    if row.sealed is None:
        return b""
    return open_sealed_bytes(row.sealed, table="webhook_inbox", column="body", shop_id=shop_id)


def settle(connection: Connection, outcomes: Sequence[Outcome], *, at: datetime) -> None:
    """Say what became of these."""
    if not outcomes:
        return
    connection.execute(
        text("""
            UPDATE webhook_inbox w
            SET state = told.state, outcome = told.words, concerns = told.concerns, applied_at = :at
            FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:words AS text[]),
                CAST(:concerns AS text[])) AS told (id, state, words, concerns)
            WHERE w.id = told.id"""),
        {
            "ids": [each.id for each in outcomes],
            "states": [each.state for each in outcomes],
            "words": [each.words for each in outcomes],
            "concerns": [each.concerns for each in outcomes],
            "at": at,
        },
    )


def put_back(connection: Connection, ids: Sequence[int]) -> None:
    """Undo the count of an attempt that failed for no fault of these."""
    connection.execute(
        text("""
            UPDATE webhook_inbox SET attempts = attempts - 1
            WHERE id = ANY (CAST(:ids AS bigint[])) AND state = 'new' AND attempts > 0"""),
        {"ids": list(ids)},
    )


def postpone(connection: Connection, delivery_id: int, *, until: datetime, words: str) -> None:
    """Leave one alone until then, and say why."""
    connection.execute(
        text("UPDATE webhook_inbox SET next_at = :until, outcome = :words WHERE id = :id AND state = 'new'"),
        {"id": delivery_id, "until": until, "words": words},
    )


def next_due(connection: Connection) -> datetime | None:
    """Return when the next one that is left alone is to be tried again, or ``None``."""
    found = connection.execute(text("SELECT min(next_at) FROM webhook_inbox WHERE state = 'new'")).scalar()
    return found if isinstance(found, datetime) else None


def forget(connection: Connection, *, applied_before: datetime, received_before: datetime) -> None:
    """Blank deliveries that were applied before then, and drop those that came before ``received_before``.

    One that nobody could apply keeps its body until it is dropped, for somebody to look at and to replay.
    """
    connection.execute(
        text("""
            UPDATE webhook_inbox SET body = NULL
            WHERE body IS NOT NULL AND applied_at < :before AND state = 'done'"""),
        {"before": applied_before},
    )
    connection.execute(
        text("DELETE FROM webhook_inbox WHERE received_at < :before AND state <> 'new'"),
        {"before": received_before},
    )


def is_empty(connection: Connection) -> bool:
    """Tell whether nothing is kept at all."""
    return not connection.execute(text("SELECT EXISTS (SELECT FROM webhook_inbox)")).scalar_one()


def _ask(statement: str, values: dict[str, object]) -> object:
    """Return the one value of a statement that, done twice as after a broken connection, changes nothing.

    What is wrong with the database is turned into "later": what it says may carry what was bound.
    """
    try:
        return single_value(statement, values)
    except psycopg.Error as error:
        raise TemporaryError(
            f"The database does not take webhooks now ({type(error).__name__}).",
            retry_after_seconds=_RETRY_AFTER_SECONDS,
        ) from None
