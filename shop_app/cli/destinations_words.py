"""Destinations as they are told: one object or one block of lines each."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.shop_choice import print_pairs

if TYPE_CHECKING:
    from shop_app.services.connect_destination import Kept
    from shop_app.services.push_freshness import Freshness

_STEPS = {
    "facts_at": "Facts as of",
    "computed_at": "Computed as of",
    "sent_at": "Last sent",
    "acknowledged_at": "Last confirmed",
}


def destination_data(shop_id: int, *, now: datetime) -> dict[str, Any]:
    """Return all there is to tell of a shop's destinations, as ``--json`` prints it."""
    from shop_app.services.connect_destination import list_destinations
    from shop_app.services.push_choices import read_push_choices
    from shop_app.services.push_freshness import read_freshness

    strips = {strip.kind: strip for strip in read_freshness(shop_id, now=now)}
    return {
        "everything_stopped": read_push_choices(shop_id).everything_stopped,
        "destinations": [_data(kept, strips.get(kept.kind.kind)) for kept in list_destinations(shop_id)],
    }


def _data(kept: "Kept", strip: "Freshness | None") -> dict[str, Any]:
    stored = kept.stored
    return {
        "kind": kept.kind.kind,
        "name": kept.kind.name,
        "is_connected": stored is not None,
        "is_on": stored is not None and stored.is_on,
        "account_id": stored.account_id if stored else None,
        "account_name": stored.account_name if stored else "",
        "needs_approval": stored.needs_approval if stored else None,
        "notices": stored.notices if stored else [],
        "settings": dict(kept.values),
        "freshness": asdict(strip) if strip else None,
    }


def print_destinations(told: dict[str, Any]) -> None:
    """Print every destination: how it is doing, whose account it is, what is to be settled there."""
    if told["everything_stopped"]:
        click.echo("Everything is stopped: nothing is sent anywhere before `--resume-all`.\n")
    for number, each in enumerate(told["destinations"]):
        if number:
            click.echo()
        strip = each["freshness"]
        if strip is None:
            click.echo(f"{each['name']} ({each['kind']}): not connected. `--connect {each['kind']}` begins.")
            continue
        mark = "ATTENTION, " if strip["is_red"] else ""
        click.echo(f"{each['name']} ({each['kind']}): {mark}{strip['state']}. {strip['words']}")
        print_pairs(_pairs(each, strip))
        for notice in each["notices"]:
            click.echo(f"  {notice}")


def _pairs(each: dict[str, Any], strip: dict[str, Any]) -> dict[str, str]:
    """Return what is known of a connected destination, by what it is called."""
    counts = {"Waiting": strip["waiting"], "Refused": strip["rejected"], "Not known there": strip["absent"]}
    moments = {f"  {words}": _moment(strip[name]) for name, words in _STEPS.items()}
    return {
        "  Account": each["account_name"],
        **moments,
        **{f"  {words}": f"{count:,}" for words, count in counts.items() if count},
    }


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
