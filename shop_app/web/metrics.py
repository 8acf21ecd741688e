"""``/metrics``: a few figures for Prometheus, to this machine only, and nobody's personal data."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version

from flask import Blueprint, Response

from shop_app.clock import utc_now
from shop_app.services.receive_webhook import counts
from shop_app.storage import due_work, privacy_requests, segment_runs, shops, webhook_activity
from shop_app.storage.engine import shopless, transaction
from shop_app.web.callers import public_route
from shop_app.web.local_mode import ForeignRequestError, comes_from_loopback, is_forwarded

bp = Blueprint("metrics", __name__)

_LATE = timedelta(days=7)
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@bp.get("/metrics")
@public_route("it answers to this machine only, with sums over all shops")
def metrics() -> Response:
    """Write the figures of this moment in Prometheus' text format."""
    if is_forwarded() or not comes_from_loopback():
        raise ForeignRequestError("/metrics answers only to this machine.")
    return Response("\n".join(_lines(utc_now())) + "\n", content_type=_CONTENT_TYPE)


def _lines(at: datetime) -> Iterator[str]:
    yield from _gauge("kindred_info", "The running version.", {f'{{version="{version("kindred")}"}}': 1})
    with shopless() as connection:
        ids = [shop_id for shop_id, _ in shops.list_active(connection)]
        everybody = shops.list_ids(connection)
        overdue = due_work.overdue_seconds(connection, at)
    yield from _gauge("kindred_shops", "Shops that are active.", {"": len(ids)})
    yield from _gauge("kindred_due_work_overdue_seconds", "How late the oldest due work is.", {"": overdue})
    yield from _gauge(
        "kindred_erasures_open_over_7_days",
        "Requests to hand out or to erase somebody's data that have been open for a week.",
        {"": sum(_late_requests(shop_id, at) for shop_id in everybody)},
    )
    yield from _webhooks(ids, at)
    ages = sorted(age for age in (_refresh_age_seconds(shop_id, at) for shop_id in ids) if age is not None)
    if ages:
        yield from _gauge(
            "kindred_refresh_age_seconds",
            "Time since a shop's customers were last computed, for the newest and the oldest of the shops.",
            {'{of="newest"}': ages[0], '{of="oldest"}': ages[-1]},
        )


def _webhooks(ids: list[int], at: datetime) -> Iterator[str]:
    waiting, stuck = 0.0, {"dead": 0, "quarantined": 0}
    for shop_id in ids:
        with transaction(shop_id) as connection:
            oldest = webhook_activity.oldest_waiting(connection)
            for state, count in webhook_activity.count_stuck(connection).items():
                stuck[state] += count
        if oldest is not None:
            waiting = max(waiting, (at - oldest).total_seconds())
    yield from _gauge(
        "kindred_webhooks_waiting_seconds", "How long the longest kept webhook has waited.", {"": waiting}
    )
    yield from _gauge(
        "kindred_webhooks_stuck",
        "Webhooks that could not be applied, and those that contradict themselves.",
        {f'{{state="{state}"}}': count for state, count in stuck.items()},
    )
    yield from _gauge(
        "kindred_webhooks_received",
        "What became of deliveries at the door of one web process since it started.",
        {f'{{outcome="{what}",process="{os.getpid()}"}}': number for what, number in sorted(counts().items())},
    )


def _late_requests(shop_id: int, at: datetime) -> int:
    with transaction(shop_id) as connection:
        return privacy_requests.count_open(connection, before=at - _LATE)


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
