"""`kindred export-files`: tables that are written to a folder again and again."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, print_table, shop_option
from shop_app.clock import utc_now

if TYPE_CHECKING:
    from shop_app.services.scheduled_exports import ScheduledFile

_EXPORTS = ["customers", "predictions", "segments", "definitions", "playbook", "ledger"]


@click.command("export-files")
@shop_option
@click.option("--add", type=click.Choice(_EXPORTS), help="Write this table from now on.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--segment", help="Only the customers of this segment, by its slug, such as at-risk.")
@click.option("--folder", default="", help="A name in the shop's own folder, or a path in a listed one.")
@click.option("--every", type=click.Choice(["day", "week"]), default="day", show_default=True)
@click.option("--hour", type=int, default=3, show_default=True, help="By the shop's clock.")
@click.option("--remove", type=int, metavar="ID", help="End this one, and delete the files it has written.")
@click.option("--now", "at_once", is_flag=True, help="Write all of them now.")
@json_option
def command(
    shop: str,
    *,
    add: str | None,
    form: str,
    segment: str | None,
    folder: str,
    every: str,
    hour: int,
    remove: int | None,
    at_once: bool,
    as_json: bool,
) -> None:
    """Show the tables that are written to a folder daily or weekly; add one, end one, or write them now.

    The worker writes a new one within a minute, then at the hour; weekly ones on Mondays. Each day has its
    file, which is there whole or not at all; the newest 30 are kept.
    """
    from shop_app.services import scheduled_exports
    from shop_app.services.open_shop import get_shop_id

    with opened():
        shop_id, now = get_shop_id(shop), utc_now()
        if remove is not None:
            deleted = scheduled_exports.remove_schedule(shop_id, remove)
            say(f"Ended; {deleted} of its files deleted.")
        if add is not None:
            wanted = scheduled_exports.ExportSchedule(add, form, folder, every, hour, segment)
            scheduled_exports.add_schedule(shop_id, wanted, created_by="local", now=now)
        said = scheduled_exports.write_files(shop_id, now=now, all_of_them=True) if at_once else []
        listed = scheduled_exports.list_schedules(shop_id, now=now)
    for words in said:
        say(words)
    if as_json:
        print_json({"shop": shop, "schedules": [_plain(each) for each in listed]})
    elif listed:
        _print(listed)
    else:
        click.echo("No table is written to a folder; `--add customers` begins with one.")


def _plain(each: "ScheduledFile") -> dict[str, Any]:
    told = asdict(each)
    return {"id": told.pop("id"), **told.pop("schedule"), **told}


def _print(listed: "list[ScheduledFile]") -> None:
    header = ("id", "what", "format", "every", "hour", "next (UTC)", "folder", "last")
    rows = [
        (
            str(each.id),
            each.schedule.what + (f" {each.schedule.segment}" if each.schedule.segment else ""),
            each.schedule.format,
            each.schedule.every,
            str(each.schedule.hour),
            _minute(each.next_at),
            each.path or f"{each.schedule.folder} (not a folder for files any more)",
            each.last_words or "nothing yet",
        )
        for each in listed
    ]
    print_table(header, rows, right=(0, 4))


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
