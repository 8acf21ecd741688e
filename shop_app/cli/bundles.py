"""`kindred bundles`: what sells together, what could be offered of it, and the offers that were made."""

from pathlib import Path
from typing import Any

import click

from shop_app.cli.bundles_choices import print_choices
from shop_app.cli.bundles_file import print_file
from shop_app.cli.bundles_told import LISTS, is_wanted, told_of
from shop_app.cli.bundles_words import print_told
from shop_app.cli.session import opened
from shop_app.cli.shop_choice import json_option, print_json

_DEEDS = ("draft", "approve", "discard", "pause", "resume", "retire", "show")
_SPELLED = {"changes": "set"}


@click.command("bundles")
@click.option("--shop", help="The shop's name; needed but with --file.")
@click.option("--segment", metavar="SLUG", help="Of this segment, beside the whole store.")
@click.option("--pairs", is_flag=True, help="What is bought together (the default).")
@click.option("--sets", is_flag=True, help="Three and four that are bought together.")
@click.option("--sequences", is_flag=True, help="What is bought some days after something else.")
@click.option(
    "--next", is_flag=True, help="Second and third purchases, first products, two lines, suggestions."
)
@click.option("--candidates", is_flag=True, help="What could be offered, and what could not and why.")
@click.option("--live", is_flag=True, help="The bundles that were made, and what came of them.")
@click.option("--least-count", type=click.IntRange(min=1), metavar="N", help="Only what was counted so often.")
@click.option("--refresh", is_flag=True, help="Look at all baskets anew first, here and now.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change a rule; see above.")
@click.option(
    "--draft", metavar="KEY", help="Make a draft of this candidate (with --segment: of that segment's)."
)
@click.option("--show", type=int, metavar="ID", help="Show one bundle with its terms, steps and result.")
@click.option("--approve", type=int, metavar="ID", help="Let this draft be made in Shopify.")
@click.option("--fingerprint", default="", metavar="TEXT", help="With --approve: only if its terms are these.")
@click.option("--discard", type=int, metavar="ID", help="Put this draft aside.")
@click.option("--pause", type=int, metavar="ID", help="Take it out of sight for a while.")
@click.option("--resume", type=int, metavar="ID", help="Let it go on, or try again.")
@click.option("--retire", type=int, metavar="ID", help="Take it down for good.")
@click.option("--note", default="", help="Why, for the record.")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Look into a plain basket file.",
)
@click.option(
    "--min-support", type=click.FloatRange(0, 1), metavar="R", help="With --file: share of all baskets."
)
@json_option
def command(shop: str | None, *, as_json: bool, **wishes: Any) -> None:  # noqa: ANN401 (the options)
    """Show what sells together and what could be offered, and decide on bundles.

    With --file no shop is needed: the file is a table with the columns basket and item (and day), or has
    one basket a line with commas between the items. Nothing is offered to anybody before --approve.

    With --set: level (variant, product, collection), window_days, patience_days, margin_floor_ratio,
    most_discount_percent, assumed_cost_ratio (empty: none), least_stock, needs_known_stock (yes or no),
    uptake_ratio, uptake_low, uptake_high, never_together (A+B,C+D), never_discounted (A,B), seasons
    (A:11 12,B:5), left_out, kept_in (A,B).
    """
    if wishes["file"] is not None:
        _refuse(
            wishes,
            ("changes", "segment", "refresh", "live", "candidates", "next", "sequences", *_DEEDS),
            "--file",
        )
        print_file(wishes, as_json=as_json)
        return
    if shop is None:
        raise click.UsageError("Missing option '--shop'.")
    if wishes["min_support"] is not None:
        raise click.UsageError("--min-support goes with --file.")
    deed = _deed(wishes)
    with opened():
        told = told_of(shop, deed, wishes)
    if as_json:
        print_json(told)
    elif wishes["changes"] and not wishes["refresh"] and not any(wishes[name] for name in LISTS):
        print_choices(told["choices"])
    else:
        print_told(told, deed, [name for name in LISTS if is_wanted(name, wishes, deed)])


def _deed(wishes: dict[str, Any]) -> str:
    """Return the one thing that is to be decided or shown, "" where lists are asked for."""
    deeds = [deed for deed in _DEEDS if wishes[deed] is not None]
    if len(deeds) > 1:
        raise click.UsageError(f"Take one of {', '.join('--' + deed for deed in deeds)}.")
    deed = deeds[0] if deeds else ""
    if wishes["fingerprint"] and deed != "approve":
        raise click.UsageError("--fingerprint goes with --approve.")
    if wishes["note"] and deed not in ("approve", "discard", "pause", "resume", "retire"):
        raise click.UsageError("--note goes with a decision.")
    return deed


def _refuse(wishes: dict[str, Any], names: tuple[str, ...], with_what: str) -> None:
    wrong = [name for name in names if wishes[name] not in (None, False, ())]
    if wrong:
        raise click.UsageError(f"--{_SPELLED.get(wrong[0], wrong[0])} does not go with {with_what}.")
