"""``python -m sandbox.sample_store``: make a store and write its files."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from sandbox.sample_store import make_store, write_exports
from sandbox.sample_store.catalogue import CURRENCY, SHOP_NAME, TIMEZONE
from sandbox.sample_store.truth_files import write_truth


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--customers", type=click.IntRange(0), default=5000, show_default=True, help="How many people.")
@click.option(
    "--seed", type=click.IntRange(0), default=7, show_default=True, help="Another seed, another store."
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The store's last day, in New York's time.",
)
@click.option(
    "--months", type=click.IntRange(1, 120), default=30, show_default=True, help="Length of the history."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the files."
)
@click.option("--truth", is_flag=True, help="Also write the hidden truth, for tests and judges.")
def main(customers: int, seed: int, until: datetime, months: int, out: Path, *, truth: bool) -> None:
    """Make a believable shop that never was, and write the files that Shopify would export of it.

    Equal options give files that are equal to the byte.
    """
    click.echo(f"Making up {customers:,} customers over {months} months …", err=True)
    store = make_store(customers=customers, seed=seed, until=until.date(), months=months)
    paths = [*write_exports(store, out, progress=_progress_line())]
    if truth:
        click.echo("Writing the hidden truth …", err=True)
        paths += write_truth(store, out)
    click.echo(f"{SHOP_NAME}: {store.orders.key.size:,} orders, {CURRENCY}, {TIMEZONE}")
    for path in paths:
        click.echo(path)


def _progress_line() -> Callable[[int, int], None]:
    """Return what shows how far the writing is: one line that changes; each tenth where no screen is."""
    screen = sys.stderr.isatty()
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        tenth = done * 10 // total
        line = f"{done:,} of {total:,} orders written ({done * 100 // total} %)"
        if screen:
            click.echo(f"\r{line}", err=True, nl=done == total)
        elif tenth > shown:
            click.echo(line, err=True)
        shown = tenth

    return show


if __name__ == "__main__":
    main()
