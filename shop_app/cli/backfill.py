"""`kindred backfill`: how far the reading of a store's history is, and reading it once more."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json, print_table
from shop_app.clock import utc_now
from shop_app.errors import RefusedError

if TYPE_CHECKING:
    from shop_app.services.describe_backfill import PartProgress, Progress


@click.command("backfill")
@click.argument("shop")
@click.option("--restart", is_flag=True, help="Read everything from the beginning; what is there stays.")
@click.option("--retry", is_flag=True, help="Ask Shopify anew for what has failed.")
@json_option
def command(shop: str, restart: bool, retry: bool, as_json: bool) -> None:
    """Show how far the reading of SHOP's history is.

    A worker does the reading; this command asks for it and says how far it is.
    """
    if restart and retry:
        raise click.UsageError("Take --restart or --retry, not both.")
    with opened() as settings:
        from shop_app import queueing
        from shop_app.services import spool
        from shop_app.services.open_shop import get_shop_id

        spool.use(settings.home)
        if settings.redis_url:
            queueing.connect(settings.redis_url)
        shop_id = get_shop_id(shop)
        _ask_for(shop, shop_id, restart=restart, retry=retry, now=utc_now())
        progress = _progress(shop, shop_id)
    if as_json:
        print_json(_outcome(shop, progress))
    else:
        _print(progress)


def _ask_for(shop: str, shop_id: int, *, restart: bool, retry: bool, now: datetime) -> None:
    from shop_app.services.backfill_shop import begin_backfill, retry_backfill, stop_backfill
    from shop_app.storage import connections
    from shop_app.storage.engine import transaction

    if retry:
        retry_backfill(shop_id, now)
    if restart:
        with transaction(shop_id) as connection:
            state = connections.read_state(connection).state
        if state not in {"connected", "frozen"}:
            raise RefusedError(f"{shop} is not connected to Shopify, so nothing can be read from there.")
        stop_backfill(shop_id, now)
        begin_backfill(shop_id, now, "by hand")


def _progress(shop: str, shop_id: int) -> "Progress":
    from shop_app.services.describe_backfill import describe_backfill

    progress = describe_backfill(shop_id)
    if progress is None:
        raise RefusedError(f"{shop} was never read from Shopify; that begins when the app is installed there.")
    return progress


def _outcome(shop: str, progress: "Progress") -> dict[str, Any]:
    return {
        "shop": shop,
        "state": progress.state,
        "reason": progress.reason,
        "started_at": progress.started_at,
        "first_segments_at": progress.first_segments_at,
        "finished_at": progress.finished_at,
        "done_ratio": progress.ratio,
        "taken_count": progress.taken,
        "expected_count": progress.expected,
        "objects_per_second": progress.objects_per_second,
        "seconds_left": progress.seconds_left,
        "error": progress.error,
        "parts": [_part(part) for part in progress.parts],
    }


def _part(part: "PartProgress") -> dict[str, Any]:
    return {
        "name": part.name,
        "state": part.state,
        "method": part.method,
        "done_ratio": part.ratio,
        "taken_count": part.taken,
        "expected_count": part.expected,
        "unreadable_count": part.bad_lines,
        "error": part.error,
    }


def _print(progress: "Progress") -> None:
    left = "" if progress.seconds_left is None else f", about {progress.seconds_left / 60:,.0f} minutes left"
    click.echo(
        f"{progress.state}, begun {progress.started_at:%Y-%m-%d %H:%M} UTC ({progress.reason}): "
        f"{100 * progress.ratio:.0f} percent{left}"
    )
    rows = [
        [
            part.name,
            part.state,
            part.method,
            f"{part.taken:,}",
            "" if part.expected is None else f"{part.expected:,}",
            part.error or "",
        ]
        for part in progress.parts
    ]
    print_table(["Part", "State", "Method", "In", "Of", "What is wrong"], rows, right=(3, 4))
    if progress.error:
        click.echo(progress.error)
