"""`kindred import`: a file of orders or customers into a shop, and segments out of it."""

import csv
import json
import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from shop_app.cli.import_progress import ImportProgress
from shop_app.cli.import_words import describe
from shop_app.cli.session import opened, say
from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError

if TYPE_CHECKING:
    from shop_app.services.plan_import import ImportOptions
    from shop_app.services.receive_file import Received

_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--shop", required=True, help="The shop's name; a new one is opened under it.")
@click.option("--map", "mapping", multiple=True, help="Which column is what: order_id=Invoice,time=Date,…")
@click.option(
    "--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Where day and month stand in dates."
)
@click.option("--timezone", help="Time zone of times that name none; not given, the shop's.")
@click.option("--currency", help="Currency of amounts that name none, such as EUR; not given, the shop's.")
@click.option("--source", help="What to call the place the file comes from; its order numbers are its own.")
@click.option("--decimal", type=click.Choice([".", ","]), help="The decimal sign.")
@click.option("--delimiter", help="What stands between columns: one sign, or tab, space, fixed.")
@click.option("--encoding", help="The file's encoding, such as utf-8 or cp1252.")
@click.option(
    "--exported-at", help="When the file was made, 2026-05-31 or 2026-05-31T18:00; else its own date."
)
@click.option("--rejects", type=click.Path(path_type=Path), help="Where to write the rows that cannot be used.")
@click.option("--rate", "rates", multiple=True, help="What one unit of other money is worth: USD=0.92.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def command(  # noqa: PLR0917 (a command's options are its parameters)
    file: Path,
    shop: str,
    mapping: tuple[str, ...],
    date_order: str | None,
    timezone: str | None,
    currency: str | None,
    source: str | None,
    decimal: str | None,
    delimiter: str | None,
    encoding: str | None,
    exported_at: str | None,
    rejects: Path | None,
    rates: tuple[str, ...],
    as_json: bool,
) -> None:
    """Take in FILE: Shopify's orders or customers export, or any table of line items.

    How the file is written is found out and said. The same file again changes nothing, a newer export
    updates, an older one never overwrites. Stopped in the middle, nothing of it is kept.
    """
    from shop_app.files.file_format import ReadOptions
    from shop_app.services.plan_import import ImportOptions

    now = utc_now()
    read = ReadOptions(
        mapping=read_mapping(mapping),
        encoding=encoding,
        delimiter=None if delimiter is None else _DELIMITERS.get(delimiter.lower(), delimiter),
        date_order=date_order,
        decimal=decimal,
        currency=currency,
    )
    options = ImportOptions(
        read=read,
        timezone=timezone,
        source=source,
        exported_at=None if exported_at is None else read_moment(exported_at, timezone, now),
        rejects_path=rejects,
    )
    worth = read_rates(rates)
    with opened():
        received = _receive(file, shop, options, rates=worth, now=now, may_ask=not as_json)
    click.echo(
        json.dumps(_as_json(received, shop), indent=2, ensure_ascii=False) if as_json else describe(received)
    )


def _receive(
    file: Path, shop: str, options: "ImportOptions", *, rates: dict[str, str], now: datetime, may_ask: bool
) -> "Received":
    """Import, and ask a person at a terminal for the one thing that no file tells: what 03/04 means."""
    from shop_app.services.receive_file import receive_file

    def attempt(wished: "ImportOptions") -> "Received":
        progress = ImportProgress(file.name)
        try:
            return receive_file(file, shop, wished, rates=rates, now=now, progress=progress)
        except (KeyboardInterrupt, SystemExit):
            progress.close()
            say(progress.words_when_stopped())
            raise
        finally:
            progress.close()

    try:
        return attempt(options)
    except InvalidInputError as error:
        asks = error.field == "date_order" and options.read.date_order is None
        if not (asks and may_ask and _is_at_terminal()):
            raise
        order = _ask_for_order(str(error))
    return attempt(replace(options, read=replace(options.read, date_order=order)))


def _is_at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask_for_order(question: str) -> str:
    click.echo(question, err=True)
    first = click.prompt("Which comes first in its dates", type=click.Choice(["day", "month"]), err=True)
    return "dmy" if first == "day" else "mdy"


def read_mapping(parts: tuple[str, ...]) -> dict[str, str] | None:
    """Return field by field which column of the file it is; a name with a comma stands in quotes."""
    mapping: dict[str, str] = {}
    for part in parts:
        for pair in next(csv.reader([part], skipinitialspace=True), []):
            field, equals, column = pair.partition("=")
            if not equals or not field.strip() or not column.strip():
                raise InvalidInputError(
                    f"--map: {pair!r} does not say which column is what; write order_id=Invoice,time=Date.",
                    field="map",
                )
            mapping[field.strip()] = column.strip()
    return mapping or None


def read_rates(parts: tuple[str, ...]) -> dict[str, str]:
    """Return what one unit of each currency is worth, as decimal text."""
    rates: dict[str, str] = {}
    for part in parts:
        code, _, worth = (piece.strip() for piece in part.partition("="))
        if not (_is_code(code) and _is_positive(worth)):
            raise InvalidInputError(
                f"--rate: {part!r} is no rate; write USD=0.92 (what one USD is worth).", field="rate"
            )
        rates[code.upper()] = worth
    return rates


def read_moment(words: str, timezone: str | None, now: datetime) -> datetime:
    """Return when a file was made; a date is its midnight, in the time zone that was given or in UTC."""
    try:
        moment = datetime.fromisoformat(words)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone or "UTC"))
    except (ValueError, OSError, KeyError):
        raise InvalidInputError(
            f"--exported-at: {words!r} is no date; write 2026-05-31 or 2026-05-31T18:00.", field="exported_at"
        ) from None
    if moment > now:
        raise InvalidInputError("--exported-at lies in the future.", field="exported_at")
    return moment


def _is_code(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha()  # noqa: PLR2004 (ISO 4217: three letters)


def _is_positive(worth: str) -> bool:
    try:
        return 0 < Decimal(worth) < Decimal("Infinity")
    except InvalidOperation:
        return False


def _as_json(received: "Received", shop: str) -> dict[str, Any]:
    report = received.report
    return {
        "state": report.state,
        "shop": shop,
        "shop_is_new": received.shop_is_new,
        "file": report.file_name,
        "kind": report.kind,
        "found": list(report.sentences),
        "counts": report.counts,
        "rejects_path": report.rejects_path and str(report.rejects_path),
        "segments": [
            {"slug": group["slug"], "name": group["name"], "customer_count": group["customer_count"]}
            for group in received.summary.get("segments", [])
        ],
        "health": received.health,
    }
