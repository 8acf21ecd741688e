"""The newest outcome of each thing that is looked after regularly: subscriptions, drift, changes read."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


def record(connection: Connection, kind: str, outcome: dict[str, Any], *, at: datetime) -> None:
    """Keep what a check found; the one before it makes way."""
    connection.execute(
        text("""
            INSERT INTO shop_checks (shop_id, kind, checked_at, outcome)
            VALUES (current_setting('app.shop_id')::bigint, :kind, :at, CAST(:outcome AS jsonb))
            ON CONFLICT (shop_id, kind) DO UPDATE
            SET checked_at = EXCLUDED.checked_at, outcome = EXCLUDED.outcome"""),
        {"kind": kind, "at": at, "outcome": json.dumps(outcome)},
    )


def find(connection: Connection, kind: str) -> dict[str, Any] | None:
    """Return the newest outcome with ``checked_at`` beside it, or ``None`` where it was never looked at."""
    row = connection.execute(
        text("SELECT checked_at, outcome FROM shop_checks WHERE kind = :kind"), {"kind": kind}
    ).one_or_none()
    return None if row is None else {**row.outcome, "checked_at": row.checked_at}
