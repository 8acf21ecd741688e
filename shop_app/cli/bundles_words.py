"""Bundles as people read them on a terminal: pairs, sequences, candidates, the offers that were made."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from shop_app.cli.shop_choice import print_table

_SHOWN = 30
_MOST_TIMES = 100
_NOTHING = "-"

Told = dict[str, Any]


def print_told(told: Told, deed: str, lists: Sequence[str]) -> None:
    """Print what was asked for: one bundle, or lists one under the other."""
    if deed:
        _print_bundle(told["bundle"], told["currency"])
    elif told["run"] is None and "live" not in lists:
        click.echo("Nobody has looked at the baskets yet; `--refresh` does it now.")
        return
    else:
        _print_run(told["run"])
    for number, name in enumerate(lists):
        if number:
            click.echo()
        _PRINTERS[name](told)


def _print_run(run: Told | None) -> None:
    if run is None:
        return
    click.echo(
        f"{run['baskets']:,} baskets, {run['items']:,} items, {run['customers']:,} customers, "
        f"as of {run['as_of']:%Y-%m-%d %H:%M}."
    )
    for words in run["words"]:
        click.echo(words)


def _print_pairs(told: Told) -> None:
    if told["segment"]:
        rows = [
            [
                f"{row['a_name']} + {row['b_name']}",
                _count(row["count"]),
                _share(row["confidence_ab"]),
                _share(row["store_confidence_ab"]),
                _times(row["lift_over_store"], row["lift_over_store_low"], row["lift_over_store_high"]),
                _passes(row),
            ]
            for row in told["segment_pairs"][:_SHOWN]
        ]
        _table(["Pair", "Together", "A to B", "In the store", "Against the store", "Passes"], rows, (1, 2, 3))
        return
    rows = [
        [
            f"{row['a_name']} + {row['b_name']}",
            _count(row["count"]),
            _share(row["support"]),
            _share(row["confidence_ab"]),
            _share(row["confidence_ba"]),
            _times(row["adjusted_lift"], row["adjusted_lift_low"], row["adjusted_lift_high"]),
            "yes" if row["is_found"] else "may be chance",
        ]
        for row in told["pairs"][:_SHOWN]
    ]
    _table(["Pair", "Together", "Support", "A to B", "B to A", "Lift", "Passes"], rows, (1, 2, 3, 4))


def _print_sets(told: Told) -> None:
    rows = [
        [
            " + ".join(row["names"] or row["items"]),
            _count(row["count"]),
            _share(row["support"]),
            _times(row["adjusted_lift"], row["adjusted_lift_low"], row["adjusted_lift_high"]),
        ]
        for row in told["sets"][:_SHOWN]
    ]
    _table(["Set", "Together", "Support", "Lift"], rows, (1, 2))


def _print_sequences(told: Told) -> None:
    rows = [
        [
            f"{row['first_name']}, then {row['then_name']}",
            f"{_count(row['customers'])} of {_count(row['first_customers'])}",
            _share(row["share_ratio"]),
            _count(row["median_gap_days"]),
            _times(row["ratio"], row["ratio_low"], row["ratio_high"]),
            "yes" if row["is_ordered"] else "either way",
            "yes" if row["is_found"] else "may be chance",
        ]
        for row in told["sequences"][:_SHOWN]
    ]
    _table(
        ["Sequence", "Customers", "Share", "Days", "Against chance", "In this order", "Passes"], rows, (1, 2, 3)
    )


def _print_next(told: Told) -> None:
    rows = [
        [
            str(row["place"]),
            row["after_name"] or "whatever came first",
            row["name"],
            _count(row["customers"]),
            _share(row["share_ratio"]),
            _share(row["store_share_ratio"]),
        ]
        for row in told["next"][:_SHOWN]
    ]
    _table(["Purchase", "After", "Holds", "Customers", "Share", "Store"], rows, (0, 3, 4, 5))
    fates = [
        [row["name"], _count(row["first_buyers"]), _share(row["share_ratio"]), _share(row["store_share_ratio"])]
        for row in told["one_and_done"][:_SHOWN]
        if row["is_found"]
    ]
    if fates:
        click.echo("\nFirst products whose buyers stay away")
        _table(["Product", "First buyers", "Never came back", "Of all first buyers"], fates, (1, 2, 3))


def _print_candidates(told: Told) -> None:
    from shop_app.services.money_words import money_words

    def money(amount: float) -> str:
        return money_words(amount, told["currency"])

    rows = [
        [
            row["key"],
            row["title"],
            row["segment"] or "everybody",
            money(row["extra_margin"]),
            f"{money(row['extra_margin_low'])} to {money(row['extra_margin_high'])}",
            money(row["unit_margin"]),
            f"{row['discount_percent']} %",
            _count(row["uses_by_stock"]),
        ]
        for row in told["candidates"][:_SHOWN]
    ]
    header = ["Key", "Offer", "For", "Extra margin", "Range", "A sale", "Off", "Stock for"]
    _table(header, rows, (3, 4, 5, 6, 7))
    for row in told["blocked"][:_SHOWN]:
        click.echo(f"Not offered: {row['title']}. {row['reason']}")


def _print_live(told: Told) -> None:
    rows = [
        [
            str(card["id"]),
            card["title"],
            card["state"],
            card["segment"] or "everybody",
            _count(card["orders"]),
            card["verdict"] or _NOTHING,
            card["trouble"] or card["reason"],
        ]
        for card in told["bundles"]
    ]
    _table(["Id", "Bundle", "State", "For", "Orders", "Verdict", "Why"], rows, (0, 4))


def _print_bundle(bundle: Told, currency: str) -> None:
    click.echo(f"{bundle['title']} (bundle {bundle['id']}, {bundle['state']})")
    for words in (*bundle["words"], f"Fingerprint {bundle['fingerprint'][:12]}"):
        click.echo(f"  {words}")
    for words in filter(None, (bundle["reason"], bundle["trouble"])):
        click.echo(words)
    _print_result(bundle, currency)
    for step in bundle["steps"]:
        click.echo(f"  {step['at']:%Y-%m-%d %H:%M}  {step['deed']}: {step['state']}. {step['words']}".rstrip())
    if bundle["can"]:
        click.echo(
            "What can be done: " + ", ".join(f"`--{deed} {bundle['id']}`" for deed in bundle["can"]) + "."
        )


def _print_result(bundle: Told, currency: str) -> None:
    from shop_app.services.money_words import money_words

    for name in ("net_revenue", "discount_given", "goods_cost", "margin_earned", "extra_per_customer"):
        if bundle[name] is not None:
            click.echo(f"  {name.replace('_', ' ').capitalize()}: {money_words(bundle[name], currency)}")
    for reason in bundle["result"].get("reasons", ()):
        amount = reason.get("amount")
        click.echo(reason["words"] + ("" if amount is None else f" {money_words(amount, currency)}."))


def _passes(row: Told) -> str:
    """Say whether a segment takes both more often than the store."""
    if row["is_found"]:
        return "yes"
    return "as in the store" if row["is_enough"] else str(row["enough_words"] or "too few to tell")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> None:
    if rows:
        print_table(header, rows, right=right)
    else:
        click.echo("Nothing here.")


def _count(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.1%}"


def _times(middle: float | None, low: float | None, high: float | None) -> str:
    if middle is None:
        return _NOTHING if low is None else f"at least {_multiple(low)}"
    return (
        _multiple(middle)
        if low is None or high is None
        else (f"{_multiple(middle)} ({_multiple(low)} to {_multiple(high)})")
    )


def _multiple(ratio: float) -> str:
    return f"over {_MOST_TIMES}" if ratio > _MOST_TIMES else f"{ratio:.1f}"


_PRINTERS: dict[str, Callable[[Told], None]] = {
    "pairs": _print_pairs,
    "sets": _print_sets,
    "sequences": _print_sequences,
    "next": _print_next,
    "candidates": _print_candidates,
    "live": _print_live,
}
