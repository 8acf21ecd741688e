"""What a backfill comes to: segments as soon as they mean something, and an up-to-date shop at its end."""

from collections.abc import Sequence

from shop_app.services.ask_for_bundles import BUNDLES
from shop_app.services.backfill_step import Step
from shop_app.services.read_changes import read_changes_since
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import backfills, due_work
from shop_app.storage.backfills import Backfill, Part
from shop_app.storage.engine import transaction

_FIRST_NEED = ("customers", "orders-recent")
"""What the first segments stand on."""

_LATE_SECONDS = 20.0
"""Working a shop out may take minutes: it is begun at the beginning of a step, or left to the next one."""
_FOLLOWS = ("changes", "compare", "subscriptions", BUNDLES)


def wants_first_segments(backfill: Backfill, parts: Sequence[Part]) -> bool:
    """Tell whether the first segments can be worked out now, while the rest is still being read."""
    if backfill.first_segments_at is not None or not any(part.is_open for part in parts):
        return False
    needed = [part for part in parts if part.name.startswith(_FIRST_NEED)]
    return all(part.state in {"done", "split"} for part in needed)


def make_first_segments(step: Step, backfill: Backfill) -> None:
    """Fit and label on what is in, now or at the beginning of the next step."""
    if not _begin_renewing(step):
        return
    renew_shop(step.shop_id, now=step.clock.now())
    with transaction(step.shop_id) as connection:
        backfills.set_date(connection, backfill.id, "first_segments_at", step.clock.now())
        step.hold(connection)


def close(step: Step, backfill: Backfill, parts: Sequence[Part]) -> None:
    """Catch up with what has changed since the watermark, work everything out, and end the backfill."""
    failed = [part for part in parts if part.state == "failed"]
    if failed:
        _end(step, backfill, "failed", "; ".join(f"{part.name}: {part.error}" for part in failed))
        return
    if backfill.caught_up_at is None:
        read_changes_since(step.shop_id, backfill.watermark, step.clock.now())
        with transaction(step.shop_id) as connection:
            backfills.set_date(connection, backfill.id, "caught_up_at", step.clock.now())
            step.hold(connection)
    if _begin_renewing(step):
        renew_shop(step.shop_id, now=step.clock.now())
        _end(step, backfill, "done", None)


def _begin_renewing(step: Step) -> bool:
    if step.clock.elapsed_seconds() > _LATE_SECONDS:
        step.clock.end()
        return False
    return True


def _end(step: Step, backfill: Backfill, state: str, error: str | None) -> None:
    now = step.clock.now()
    with transaction(step.shop_id) as connection:
        if state == "done" and backfill.first_segments_at is None:
            backfills.set_date(connection, backfill.id, "first_segments_at", now)
        backfills.end(connection, backfill.id, state, at=now, error=error)
        for kind in _FOLLOWS:
            due_work.ensure_due(connection, step.shop_id, kind, due_at=now)
        step.hold(connection)
