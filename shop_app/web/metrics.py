"""``/metrics``: a few figures for Prometheus, to this machine only, and nobody's personal data."""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version

from flask import Blueprint, Response

from shop_app.clock import utc_now
from shop_app.storage import due_work, segment_runs, shops
from shop_app.storage.engine import shopless, transaction
from shop_app.web.local_mode import ForeignRequestError, comes_from_loopback, is_forwarded

bp = Blueprint("metrics", __name__)

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@bp.get("/metrics")
def metrics() -> Response:
    """Write the figures of this moment in Prometheus' text format."""
    if is_forwarded() or not comes_from_loopback():
        raise ForeignRequestError("/metrics answers only to this machine.")
    return Response("\n".join(_lines(utc_now())) + "\n", content_type=_CONTENT_TYPE)


def _lines(at: datetime) -> Iterator[str]:
    yield from _gauge("kindred_info", "The running version.", {f'{{version="{version("kindred")}"}}': 1})
    with shopless() as connection:
        ids = [shop_id for shop_id, _ in shops.list_active(connection)]
        overdue = due_work.overdue_seconds(connection, at)
    yield from _gauge("kindred_shops", "Shops that are active.", {"": len(ids)})
    yield from _gauge("kindred_due_work_overdue_seconds", "How late the oldest due work is.", {"": overdue})
    ages = sorted(age for age in (_refresh_age_seconds(shop_id, at) for shop_id in ids) if age is not None)
    if ages:
        yield from _gauge(
            "kindred_refresh_age_seconds",
            "Time since a shop's customers were last computed, for the newest and the oldest of the shops.",
            {'{of="newest"}': ages[0], '{of="oldest"}': ages[-1]},
        )


def _refresh_age_seconds(shop_id: int, at: datetime) -> float | None:
    with transaction(shop_id) as connection:
        summary = segment_runs.read_newest(connection)
    if summary is None:
        return None
    return max(0.0, (at - datetime.fromisoformat(summary["computed_at"])).total_seconds())


def _gauge(name: str, help_text: str, values: dict[str, float]) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} gauge"
    for labels, value in values.items():
        yield f"{name}{labels} {value:g}"
