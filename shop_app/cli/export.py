"""`kindred export`: customers, segments, predictions, the playbook or the ledger as a table."""

import csv
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import plain, shop_option
from shop_app.clock import utc_now

Rows = Iterator[dict[str, Any]]


_EXPORTS = ["customers", "predictions", "segments", "definitions", "playbook", "ledger"]


@click.command("export")
@shop_option
@click.option("--what", type=click.Choice(_EXPORTS), required=True)
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--segment", help="Only the customers of this segment, by its slug, such as at-risk.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
def command(shop: str, what: str, form: str, segment: str | None, out: Path | None) -> None:
    """Write out customers, predictions, segments, their definitions, the playbook, or every order.

    A file is there whole or not at all. In CSV, money is written in units (12.50), and a cell that a
    spreadsheet would run as a formula begins with an apostrophe. In JSON, money is whole minor units.
    """
    from shop_app.services.export_rows import iter_export
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.shop_clock import default_as_of

    with opened():
        shop_id = get_shop_id(shop)
        rows = iter_export(shop_id, what, segment=segment, as_of=default_as_of(shop_id, utc_now()))
        write = _write_csv if form == "csv" else _write_json
        if out is None:
            write(rows, sys.stdout)
            return
        with _whole_file(out) as file:
            written = write(rows, file)
    say(f"{written:,} rows written to {out}.")


def _write_csv(rows: Rows, file: TextIO) -> int:
    from shop_app.services.csv_cells import safe_cell
    from shop_app.services.export_rows import in_units

    writer = csv.writer(file, lineterminator="\n")
    written = 0
    for row in rows:
        if not written:
            writer.writerow(row)
        writer.writerow([safe_cell(value) for value in in_units(row).values()])
        written += 1
    return written


def _write_json(rows: Rows, file: TextIO) -> int:
    written = 0
    for row in rows:
        file.write(",\n" if written else "[\n")
        file.write(json.dumps(row, ensure_ascii=False, default=plain))
        written += 1
    file.write("\n]\n" if written else "[]\n")
    return written


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
