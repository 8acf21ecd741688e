"""A fit as a person reads it: the groups, how the ways of grouping compare, what was checked."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

import click

from shop_app.cli.shop_choice import print_table
from shop_app.web.fit_checks import check_rows
from shop_app.web.fit_contest import way_rows
from shop_app.web.fits_page import CheckRow
from shop_app.web.formats import NOTHING, count, percent

Told = dict[str, Any]

MOST_FEATURES = 5
WIDTH = 100
_STATES = {
    "draft": "did not pass its checks",
    "validated": "waits for you",
    "approved": "is approved",
    "live": "is live",
    "retired": "is put aside",
}


def print_fit(told: Told) -> None:
    """Print everything of a fit that is to be looked at, the outcome first."""
    click.echo(f"\nVersion {told['version']} {_STATES[told['state']]}. {told['words']}")
    _print_groups(told)
    _print_contest(told)
    _print_checks(told)
    _print_features(told)
    _print_notes(told)


def _print_groups(told: Told) -> None:
    if not told["groups"]:
        click.echo("\nThere are no groups: nobody has an order that counts yet.")
        return
    click.echo()
    print_table(
        ["Group", "Buyers", "Share", "Of the money", "Who"],
        [
            [
                group["name"],
                count(group["customer_count"]),
                percent(group["size_ratio"]),
                percent(group["revenue_ratio"]),
                group["description"],
            ]
            for group in told["groups"]
        ],
        right=(1, 2, 3),
    )


def _print_contest(told: Told) -> None:
    click.echo(f"\n{told['choice']}")
    if all(row["explained_ratio"] is None for row in told["candidates"]):
        return
    print_table(
        ["", "Way", "Explains", "Beyond RFM", "Other customers", "Earlier day", "Groups"],
        [
            [
                "*" if row.is_chosen else "",
                row.name,
                row.explained,
                row.more_than_rfm,
                row.customers_agreement,
                row.time_agreement,
                row.sizes,
            ]
            for row in way_rows(told)
        ],
        right=(2, 3, 4, 5),
    )
    click.echo(
        "Explains: how much of what followed the groups foretold. Other customers, earlier day: how alike the "
        "groups\ncome out when they are learned from those; 1 is the same."
    )


def _print_checks(told: Told) -> None:
    click.echo("\nChecks")
    rows = [line for row in check_rows(told) for line in _check_lines(row)]
    print_table(["", "Check", "What was found"], rows)


def _check_lines(row: CheckRow) -> Iterator[list[str]]:
    first, *more = wrap(row.words, WIDTH)
    yield [row.state, row.name, first]
    for line in more:
        yield ["", "", line]


def _print_features(told: Told) -> None:
    rows = told["importance"][:MOST_FEATURES]
    if not rows:
        return
    click.echo("\nWhat tells most here")
    print_table(
        ["Feature", "", "Explains alone", "In the groups"],
        [[row["feature"], row["label"], percent(row["explained_ratio"]), _use(row)] for row in rows],
        right=(2,),
    )


def _use(row: Told) -> str:
    if row["is_switched_off"]:
        return "switched off"
    return "yes" if row["is_used"] else NOTHING


def _print_notes(told: Told) -> None:
    notes = [
        *told["stability"]["words"],
        told["outliers"]["words"],
        *told["fairness"]["words"],
        *told["missing"].values(),
    ]
    click.echo()
    for words in filter(None, notes):
        click.echo(words)
    for small in told["micro_segments"]:
        click.echo(
            f"In {_name(told, small['group'])}: {small['words']} {count(small['customer_count'])} today."
        )


def _name(told: Told, slug: str) -> str:
    return next((str(group["name"]) for group in told["groups"] if group["slug"] == slug), slug)
