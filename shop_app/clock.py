"""The only place that reads the clock; everything else is told the time."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return this moment, aware and in UTC."""
    return datetime.now(tz=UTC)
