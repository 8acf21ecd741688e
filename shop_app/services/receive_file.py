"""A file handed to a shop by name, and everything that follows from it: facts, segments, health."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from shop_app.files.opening import check_file
from shop_app.files.reading import inspect_file
from shop_app.services.data_health import data_health
from shop_app.services.import_file import ImportReport, Progress, import_file
from shop_app.services.open_shop import checked_currency, checked_timezone, open_shop
from shop_app.services.plan_import import ImportOptions
from shop_app.services.renew_shop import renew_shop
from shop_app.services.set_rates import checked_rules, set_rates
from shop_app.services.shop_clock import default_as_of
from shop_app.storage import segment_runs, shops
from shop_app.storage.engine import shopless, transaction


@dataclass(frozen=True, slots=True)
class Received:
    """What a file brought; ``summary`` is the overview after it."""

    report: ImportReport
    health: dict[str, Any]
    summary: dict[str, Any] = field(default_factory=dict)
    shop_is_new: bool = False


def receive_file(
    path: Path,
    shop_name: str,
    options: ImportOptions,
    *,
    rates: Mapping[str, str],
    now: datetime,
    progress: Progress | None = None,
) -> Received:
    """Import a file into the shop of this name (a new one if need be) and bring its segments up to date."""
    options = _checked(options)
    checked_rules({"currency": options.read.currency or "XXX", "rates": dict(rates)})
    shop_id, is_new = _shop_for(path, shop_name, options)

    report = import_file(path, shop_id, options, at=now, progress=progress)
    if rates:
        set_rates(shop_id, rates)

    if report.state == "done" or rates or not _is_fresh(shop_id, report.finished_at):
        if progress is not None:
            size = path.stat().st_size
            progress(size, size, report.counts["rows"], "segments")
        renew_shop(shop_id, now=now)
    health = data_health(shop_id, as_of=default_as_of(shop_id, now))
    return Received(report, health, _newest_summary(shop_id), is_new)


def _checked(options: ImportOptions) -> ImportOptions:
    currency, timezone = options.read.currency, options.timezone
    return replace(
        options,
        read=replace(options.read, currency=checked_currency(currency) if currency else None),
        timezone=checked_timezone(timezone) if timezone else None,
    )


def _shop_for(path: Path, shop_name: str, options: ImportOptions) -> tuple[int, bool]:
    """Return the shop; a file that cannot be read opens no new one."""
    with shopless() as connection:
        known = shops.find_id(connection, shop_name)
    if known is not None:
        return known, False
    check_file(path)
    inspect_file(path, replace(options.read, timezone=options.timezone or "UTC"))
    opened = open_shop(shop_name, currency=options.read.currency, timezone=options.timezone)
    return opened.shop_id, opened.is_new


def _is_fresh(shop_id: int, since: datetime) -> bool:
    """Tell whether the segments were worked out after this moment: an import may have been stopped before."""
    computed_at = _newest_summary(shop_id).get("computed_at")
    return computed_at is not None and datetime.fromisoformat(computed_at) >= since


def _newest_summary(shop_id: int) -> dict[str, Any]:
    with transaction(shop_id) as connection:
        return segment_runs.read_newest(connection) or {}
