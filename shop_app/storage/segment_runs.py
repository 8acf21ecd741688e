"""The summary of each run: everything the overview shows, from one moment, in one row a shop-local day."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


def write(connection: Connection, *, as_of: datetime, timezone: str, summary: dict[str, Any]) -> None:
    """Keep a summary; an earlier one of the same shop-local day makes way for it."""
    connection.execute(
        text("""
            DELETE FROM segment_runs WHERE (as_of AT TIME ZONE :zone)::date
                = (CAST(:as_of AS timestamptz) AT TIME ZONE :zone)::date"""),
        {"zone": timezone, "as_of": as_of},
    )
    connection.execute(
        text("""
            INSERT INTO segment_runs (shop_id, as_of, finished_at, summary)
            VALUES (current_setting('app.shop_id')::bigint, :as_of, clock_timestamp(),
                    CAST(:summary AS jsonb))"""),
        {"as_of": as_of, "summary": json.dumps(summary)},
    )


def read_newest(connection: Connection) -> dict[str, Any] | None:
    """Return the newest summary with ``computed_at`` beside it, or ``None`` before the first run."""
    row = connection.execute(
        text("SELECT summary, finished_at FROM segment_runs ORDER BY id DESC LIMIT 1")
    ).one_or_none()
    return None if row is None else {**row.summary, "computed_at": row.finished_at.isoformat()}
