"""`kindred export`: customers, segments, predictions, the playbook or the ledger as a table, or a link."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now
from shop_app.settings import Settings

_EXPORTS = [
    *("customers", "predictions", "segments", "definitions", "playbook", "ledger"),
    *("pairs", "sequences", "bundles"),
]


@click.command("export")
@shop_option
@click.option("--what", type=click.Choice(_EXPORTS), required=True)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option(
    "--segment", help="Only this segment's (of customers, predictions, pairs, sequences), such as at-risk."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--link", is_flag=True, help="Print a link to the table instead; whoever has it has the table.")
@click.option("--hours", type=int, help="How long the link works.  [default: 24]")
@json_option
def command(
    shop: str,
    *,
    what: str,
    form: str,
    segment: str | None,
    out: Path | None,
    link: bool,
    hours: int | None,
    as_json: bool,
) -> None:
    """Write out customers, predictions, segments, their definitions, the playbook, every order, or bundles.

    A file is there whole or not at all. In CSV, money is written in units (12.50), and a cell that a
    spreadsheet would run as a formula begins with an apostrophe. In JSON, money is whole minor units.
    """
    if link:
        if out is not None:
            raise click.UsageError("--link writes no file; leave out --out.")
        _print_link(shop, what, form, segment, hours=hours, as_json=as_json)
        return
    if hours is not None or as_json:
        raise click.UsageError("--hours and --json go with --link; for a table in JSON say --format json.")
    _write_table(shop, what, form, segment, out)


def _write_table(shop: str, what: str, form: str, segment: str | None, out: Path | None) -> None:
    from shop_app.services.export_rows import iter_export
    from shop_app.services.export_text import FORMATS, Counted
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        rows = iter_export(shop_id, what, segment=segment, as_of=default_as_of(shop_id, utc_now()))
        if out is None:
            sys.stdout.writelines(FORMATS[form](rows))
            return
        counted = Counted(rows)
        with _whole_file(out) as file:
            file.writelines(FORMATS[form](counted))
    say(f"{counted.count:,} rows written to {out}.")


def _print_link(
    shop: str, what: str, form: str, segment: str | None, *, hours: int | None, as_json: bool
) -> None:
    from shop_app.services.export_links import USUAL_HOURS, make_link
    from shop_app.services.open_shop import get_shop_id

    with opened() as settings:
        made, path = make_link(
            get_shop_id(shop),
            what,
            form=form,
            segment=segment,
            hours=USUAL_HOURS if hours is None else hours,
            now=utc_now(),
        )
        url = f"{_own_address(settings)}{path}"
    if as_json:
        print_json({"shop": shop, "url": url, "until": made.until})
        return
    click.echo(url)
    say(f"It works until {made.until:%Y-%m-%d %H:%M} UTC, without a login: hand it to nobody else.")


def _own_address(settings: Settings) -> str:
    """Return where this installation's pages are."""
    return settings.app_url or f"http://127.0.0.1:{settings.port}"


@contextmanager
def _whole_file(path: Path) -> Iterator[TextIO]:
    """Write beside the file and put the result in its place at the end."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
