"""`kindred bundles --file`: pairs and sets in a plain basket file, without a shop."""

from dataclasses import asdict
from typing import Any

import click

from shop_app.cli.shop_choice import print_json, print_table

_SHOWN = 50


def print_file(wishes: dict[str, Any], *, as_json: bool) -> None:
    """Look into the file and print what is together in it."""
    from shop_app.services.basket_file import find_in_file

    path = wishes["file"]
    found = find_in_file(
        path,
        least_support_ratio=wishes["min_support"] or 0.0,
        least_count=wishes["least_count"],
        with_sets=wishes["sets"],
    )
    if as_json:
        print_json({"file": path.name, "min_support": wishes["min_support"] or 0.0, **asdict(found)})
        return
    passed = sum(row["is_found"] for row in found.pairs)
    click.echo(
        f"{found.basket_count:,} baskets, {found.item_count:,} items; {len(found.pairs):,} pairs are in "
        f"{found.least_count:,} baskets or more, and {passed:,} of them pass the guard against chance."
    )
    rows = [
        [
            row["a"],
            row["b"],
            f"{row['count']:,}",
            f"{row['support']:.4%}",
            f"{row['confidence_ab']:.2%}",
            f"{row['confidence_ba']:.2%}",
            f"{row['adjusted_lift']:.2f}" if row["adjusted_lift"] is not None else "-",
            "yes" if row["is_found"] else "may be chance",
        ]
        for row in found.pairs[:_SHOWN]
    ]
    if rows:
        header = ["A", "B", "Together", "Support", "A to B", "B to A", "Lift", "Passes"]
        print_table(header, rows, right=(2, 3, 4, 5, 6))
    for row in found.sets[:_SHOWN]:
        click.echo(f"{row['count']:>8,}  {row['support']:.4%}  {', '.join(row['items'])}")
