"""`kindred approve`: let a fit that waits go live, put it aside, or go back to an earlier one."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from shop_app.cli.goals import WHO
from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, print_table, shop_option
from shop_app.clock import utc_now
from shop_app.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shop_app.services.describe_fit import FitOverview
    from shop_app.storage.model_fits import FitCard


@click.command("approve")
@shop_option
@click.option("--version", type=int, help="The version meant; without it the one that waits.")
@click.option("--reject", "deed", flag_value="reject", help="Put the version aside.")
@click.option("--restore", "deed", flag_value="restore", help="Go back to a version that was live before.")
@click.option(
    "--review", "deed", flag_value="review", help="Note down that you have looked at the live segments."
)
@click.option("--list", "deed", flag_value="list", help="Only show the versions.")
@click.option("--note", default="", help="Why, for the record.")
@json_option
def command(shop: str, version: int | None, deed: str | None, note: str, as_json: bool) -> None:
    """Let the version that waits for you go live; everybody is labelled by it at once.

    Nothing that this does leaves Kindred: it changes what the screens show.
    """
    from shop_app.services.open_shop import get_shop_id

    if deed == "restore" and version is None:
        raise click.UsageError("--restore needs --version: which one to go back to.")
    if deed in ("list", "review") and version is not None:
        raise click.UsageError(f"--{deed} is about all versions, and takes no --version.")
    with opened():
        shop_id = get_shop_id(shop)
        if deed != "list":
            card = _do(shop_id, deed or "approve", version, note)
            say(_done_words(card, deed or "approve"))
        cards = _overview(shop_id).history
    if as_json:
        print_json({"shop": shop, "versions": [asdict(card) for card in cards]})
    else:
        _print(cards)


def _do(shop_id: int, deed: str, version: int | None, note: str) -> "FitCard":
    from shop_app.services import fit_states

    now = utc_now()
    if deed == "review":
        return fit_states.review_segments(shop_id, who=WHO, at=now, note=note)
    fit_id = _fit_id(_overview(shop_id), version)
    deeds = {
        "approve": fit_states.approve_fit,
        "reject": fit_states.reject_fit,
        "restore": fit_states.restore_fit,
    }
    return deeds[deed](shop_id, fit_id, who=WHO, at=now, note=note)


def _overview(shop_id: int) -> "FitOverview":
    from shop_app.services.describe_fit import fit_overview

    return fit_overview(shop_id, today=utc_now().date())


def _fit_id(overview: "FitOverview", version: int | None) -> int:
    if version is None:
        if overview.waiting is None:
            raise NotFoundError(f"No version waits for approval. {_why_none(overview)}".rstrip())
        return overview.waiting.id
    for card in overview.history:
        if card.version == version:
            return card.id
    raise NotFoundError(f"version: there is no version {version}; `kindred approve --list` shows them.")


def _why_none(overview: "FitOverview") -> str:
    newest = overview.newest
    if newest is None:
        return "`kindred fit` makes the first one."
    if newest.state == "draft":
        return f"Version {newest.version} did not pass its checks. {newest.note}"
    return ""


def _done_words(card: "FitCard", deed: str) -> str:
    if deed == "review":
        return f"Noted. Version {card.version} is to be looked at again on {card.review_at}."
    if deed == "reject":
        return f"Version {card.version} is put aside. What was live stays so."
    return f"Version {card.version} is live, and everybody is labelled by it."


def _print(cards: "Sequence[FitCard]") -> None:
    if not cards:
        click.echo("There are no versions yet; `kindred fit` makes the first one.")
        return
    print_table(
        ["Version", "State", "As of", "Buyers", "Live from", "Review", "Owner", "Why"],
        [
            [
                str(card.version),
                card.state,
                f"{card.as_of:%Y-%m-%d}",
                f"{card.customer_count:,}",
                f"{card.live_from:%Y-%m-%d}" if card.live_from else "",
                str(card.review_at or ""),
                card.owner,
                card.note or card.reason,
            ]
            for card in cards
        ],
        right=(0, 3),
    )
