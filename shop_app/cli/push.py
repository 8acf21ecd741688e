"""`kindred push`: what would be sent, what was, who lets it; sending it, and taking it back."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.goals import WHO
from shop_app.cli.push_choice_values import choice_values
from shop_app.cli.push_words import print_cards, print_choices, print_story
from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, shop_option
from shop_app.clock import utc_now

if TYPE_CHECKING:
    from shop_app.services.decide_pushes import Decided
    from shop_app.services.describe_pushes import PushStory

_DEEDS = ("dry_run", "approve", "reject", "undo", "clean_up", "now", "retry", "show", "list", "changes")
_NAMES = {"changes": "set"}
_NO_SEGMENT = "none"
"""What the command calls the segment of customers who come to none."""


@click.command("push")
@shop_option
@click.option("--list", is_flag=True, help="Show what was and is to be sent, newest first (the default).")
@click.option("--dry-run", is_flag=True, help="Show exactly what would be sent; send nothing.")
@click.option("--show", type=int, metavar="ID", help="Show one push with its differences.")
@click.option("--approve", type=int, metavar="ID", help="Let this plan be sent as it was shown.")
@click.option(
    "--segment", "segments", multiple=True, metavar="SLUG", help="With --approve: only those who come to it."
)
@click.option("--reject", type=int, metavar="ID", help="Turn this plan down, and pause its destination.")
@click.option("--undo", type=int, metavar="ID", help="Take this push back, and pause its destination.")
@click.option("--clean-up", metavar="KIND", help="Take back all that we ever wrote there, and pause it.")
@click.option("--retry", metavar="KIND", help="Try those again whom this destination has refused.")
@click.option("--now", is_flag=True, help="Compare everything, and send what may be sent without asking.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Change a limit or a guard.")
@click.option("--destination", metavar="KIND", help="With --list and --dry-run: only this one.")
@click.option("--note", default="", help="Why, for the record.")
@json_option
def command(shop: str, *, as_json: bool, **wishes: Any) -> None:  # noqa: ANN401 (the options)
    """Show, approve, send and take back what goes to destinations.

    The first push to a destination waits for --approve, and so does each that would change more customers
    within a day than you allow; fewer are sent by the worker without asking. With --set: approve_ratio (0 to
    1), approve_count, quiet_from, quiet_to (hours), holdouts (at-risk:10,…: percents left out),
    refund_days, cancel_days, complaint_tags, over_mailed_most, over_mailed_days, no_discounts (yes or no).
    """
    from shop_app.services.open_shop import get_shop_id

    deed = _deed(wishes)
    values = choice_values(wishes["changes"])
    with opened():
        shop_id = get_shop_id(shop)
        told = _do(shop_id, deed, wishes, values)
    if as_json:
        print_json({"shop": shop, **told})
    else:
        _print(told, deed)


def _deed(wishes: dict[str, Any]) -> str:
    """Return the one thing that was asked for; options that belong to another one are wrong usage."""
    deeds = [deed for deed in _DEEDS if wishes[deed] not in (None, False, ())]
    if len(deeds) > 1:
        raise click.UsageError(f"Take one of {', '.join('--' + _spelled(deed) for deed in deeds)}.")
    deed = deeds[0] if deeds else "list"
    if wishes["segments"] and deed != "approve":
        raise click.UsageError("--segment needs --approve: which plan is meant.")
    if wishes["destination"] and deed not in ("list", "dry_run"):
        raise click.UsageError("--destination goes with --list and --dry-run.")
    if wishes["note"] and deed not in ("approve", "reject", "undo"):
        raise click.UsageError("--note goes with --approve, --reject and --undo.")
    return deed


def _spelled(deed: str) -> str:
    return _NAMES.get(deed, deed.replace("_", "-"))


def _do(shop_id: int, deed: str, wishes: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Do what was asked for, say so, and return what there is to print."""
    from shop_app.services.describe_pushes import describe_push, dry_run, list_pushes
    from shop_app.services.push_choices import change_push_choices, read_push_choices

    now = utc_now()
    decided: Decided | None = None
    stories: list[PushStory] = []
    if deed == "dry_run":
        stories = dry_run(shop_id, now=now, kind=wishes["destination"])
    elif deed == "show":
        stories = [describe_push(shop_id, wishes["show"])]
    elif deed == "changes":
        change_push_choices(shop_id, values, who=WHO, at=now)
    elif deed == "now":
        _send(shop_id, now)
    elif deed == "retry":
        _retry(shop_id, wishes["retry"], now)
    elif deed != "list":
        decided = _decide(shop_id, deed, wishes, now)
    return {
        "decided": None if decided is None else _decided(decided),
        "stories": [asdict(story) for story in stories],
        "pushes": [asdict(card) for card in list_pushes(shop_id, kind=wishes["destination"])],
        "choices": asdict(read_push_choices(shop_id)),
    }


def _decide(shop_id: int, deed: str, wishes: dict[str, Any], now: datetime) -> "Decided":
    from shop_app.services import decide_pushes as deciding

    note = wishes["note"]
    if deed == "approve":
        segments = ["" if slug == _NO_SEGMENT else slug for slug in wishes["segments"]] or None
        decided = deciding.approve_push(
            shop_id, wishes["approve"], who=WHO, at=now, segments=segments, note=note
        )
        again = f" {_customers(decided.changed)} changed since, and planned again." if decided.changed else ""
        say(f"Approved: {_customers(decided.sent_on)} sent on.{again} {_WORKER}")
    elif deed == "reject":
        push = deciding.reject_push(shop_id, wishes["reject"], who=WHO, at=now, note=note)
        say(f"Plan {push.id} is turned down, and its destination is paused.")
        return deciding.Decided(push, 0, 0)
    elif deed == "undo":
        decided = deciding.undo_push(shop_id, wishes["undo"], who=WHO, at=now, note=note)
        say(f"{_customers(decided.sent_on)} to be taken back to before; the destination is paused. {_WORKER}")
    else:
        decided = deciding.clean_up(shop_id, wishes["clean_up"], who=WHO, at=now)
        say(f"All of ours is to be taken back from {_customers(decided.sent_on)}, and it is paused. {_WORKER}")
    return decided


_WORKER = "The worker does it; `--now` does it here."


def _send(shop_id: int, now: datetime) -> None:
    """Send what may be sent; without the app's registration that is left to the worker, who has it."""
    from shop_app.services.push_due import push_due
    from shop_app.services.push_freshness import read_freshness
    from shop_app.services.push_soon import push_soon
    from shop_app.shopify import config

    if config.is_configured():
        push_due(shop_id, now=now)
    else:
        push_soon(shop_id, now=now)
        say("The worker is asked to do it: this command does not know how to reach Shopify.")
    for strip in read_freshness(shop_id, now=utc_now()):
        say(f"{strip.name}: {strip.state}. {strip.words}")


def _retry(shop_id: int, kind: str, now: datetime) -> None:
    from shop_app.services.retry_rejected import retry_rejected

    count = retry_rejected(shop_id, kind, who=WHO, at=now)
    say(f"{_customers(count)} to be tried again. {_WORKER}" if count else "Nobody was refused there.")


def _decided(decided: "Decided") -> dict[str, Any]:
    return {"push_id": decided.push.id, "sent_on": decided.sent_on, "changed": decided.changed}


def _customers(count: int) -> str:
    return f"{count:,} {'customer' if count == 1 else 'customers'}"


def _print(told: dict[str, Any], deed: str) -> None:
    if deed == "changes":
        print_choices(told["choices"])
    elif deed in ("show", "dry_run"):
        for number, story in enumerate(told["stories"]):
            if number:
                click.echo()
            print_story(story)
        if not told["stories"]:
            click.echo("Labels are sent nowhere yet; `kindred destinations` shows where they can be.")
    else:
        print_cards(told["pushes"])
