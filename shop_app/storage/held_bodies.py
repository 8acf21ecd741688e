"""The bodies of webhooks that are still kept, sealed: read to find a person in them, and blanked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from shop_app.storage.encryption import open_sealed_bytes


@dataclass(frozen=True, slots=True)
class HeldBody:
    """One webhook whose body is still here; ``state`` is ``new``, ``done``, ``dead`` or ``quarantined``."""

    id: int
    topic: str
    state: str
    received_at: datetime
    body: bytes


def list_after(
    connection: Connection, shop_id: int, *, after: int, limit: int, only: Sequence[int] | None = None
) -> list[HeldBody]:
    """Return the next webhooks by id that still have a body, of these if they are named."""
    rows = connection.execute(
        text("""
            SELECT id, topic, state, received_at, body FROM webhook_inbox
            WHERE id > :after AND body IS NOT NULL AND (:all OR id = ANY(CAST(:only AS bigint[])))
            ORDER BY id LIMIT :limit"""),
        {"after": after, "limit": limit, "all": only is None, "only": list(only or ())},
    )
    return [
        HeldBody(
            row.id,
            row.topic,
            row.state,
            row.received_at,
            open_sealed_bytes(bytes(row.body), table="webhook_inbox", column="body", shop_id=shop_id),
        )
        for row in rows
    ]


def blank(connection: Connection, ids: Sequence[int]) -> int:
    """Take the bodies out of these rows, but for those that wait to be read; count them."""
    return connection.execute(
        text("""
            UPDATE webhook_inbox SET body = NULL, concerns = NULL
            WHERE id = ANY(CAST(:ids AS bigint[])) AND state <> 'new' AND body IS NOT NULL"""),
        {"ids": list(ids)},
    ).rowcount


def blank_stuck(connection: Connection, *, before: datetime) -> int:
    """Take out bodies that nobody could apply, and that came before this moment; count them."""
    return connection.execute(
        text("""
            UPDATE webhook_inbox SET body = NULL, concerns = NULL
            WHERE body IS NOT NULL AND state IN ('dead', 'quarantined') AND received_at < :before"""),
        {"before": before},
    ).rowcount
