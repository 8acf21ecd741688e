"""What the commands about one shop have in common: which shop, and in which form to print."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def shop_option(command: Command) -> Command:
    """Add ``--shop``."""
    return click.option("--shop", required=True, help="The shop's name.")(command)


def json_option(command: Command) -> Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")(command)


def print_json(value: object) -> None:
    """Print a value the way all ``--json`` does: days and moments in ISO 8601, all else as JSON has it."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=plain))


def plain(value: object) -> object:
    """Return what JSON has no word for as a text; moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value for JSON")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> None:
    """Print columns one under the other; those in ``right`` end in line."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    for row in (header, *rows):
        cells = (
            cell.rjust(widths[place]) if place in right else cell.ljust(widths[place])
            for place, cell in enumerate(row)
        )
        click.echo("  ".join(cells).rstrip())


def print_pairs(pairs: Mapping[str, str]) -> None:
    """Print what is known as a list of names and values."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        click.echo(f"{name.ljust(width)}  {value}".rstrip())
