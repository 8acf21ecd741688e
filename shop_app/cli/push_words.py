"""Pushes as people read them on a terminal: lists, exact differences, choices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from shop_app.cli.shop_choice import print_pairs, print_table

_NOTHING = "-"


def print_cards(cards: Sequence[dict[str, Any]]) -> None:
    """Print pushes one under the other, and what can be done about them."""
    if not cards:
        click.echo("Nothing was sent yet; `--dry-run` shows what would be.")
        return
    print_table(
        ["Id", "What", "State", "Made", "By", "Rows", "Why"],
        [
            [
                str(card["id"]),
                card["title"],
                card["state"],
                _moment(card["made_at"]),
                card["decided_by"],
                counts_words(card["counts"]),
                card["note"] or card["why"],
            ]
            for card in cards
        ],
        right=(0,),
    )
    for card in cards:
        if card["can_decide"]:
            number = card["id"]
            click.echo(
                f"Plan {number} waits for you: `--show {number}`, then `--approve {number}` or "
                f"`--reject {number}`."
            )


def print_story(story: dict[str, Any]) -> None:
    """Print one push: who moves where, which names come and go, who is left out, some customers."""
    card = story["card"]
    click.echo(card["title"] if not card["id"] else f"{card['title']} (push {card['id']}, {card['state']})")
    if card["why"]:
        click.echo(card["why"])
    if card["counts"]:
        click.echo(counts_words(card["counts"]))
    if story["moves"]:
        click.echo("\nWho moves")
        rows = [
            [f"  {move['from_name']}", move["to_name"], f"{move['customers']:,}"] for move in story["moves"]
        ]
        print_table(["  From", "To", "Customers"], rows, right=(2,))
    if story["names"]:
        click.echo("\nWhat comes and goes")
        names = [
            [f"  {each['part']}", each["name"], f"{each['added']:,}", f"{each['removed']:,}"]
            for each in story["names"]
        ]
        print_table(["  In", "Name", "Added", "Removed"], names, right=(2, 3))
    if story["foreign_untouched"]:
        click.echo(f"\n{story['foreign_untouched']:,} tags of these customers are not ours, and stay.")
    _print_left_out(story)
    _print_sample(story)
    click.echo(f"\n{story['consent_words']}")
    if card["can_decide"]:
        click.echo(f"`--approve {card['id']}` sends exactly this; `--reject {card['id']}` turns it down.")
    if card["can_undo"]:
        click.echo(f"`--undo {card['id']}` takes it back.")


def print_choices(choices: dict[str, Any]) -> None:
    """Print what is chosen about sending, by the names that ``--set`` takes."""
    print_pairs({name: _chosen(value) for name, value in choices.items()})


def counts_words(counts: dict[str, int]) -> str:
    """Say how many rows of a push are in which state."""
    return ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items()))


def _print_left_out(story: dict[str, Any]) -> None:
    if story["left_out"]:
        click.echo("\nWho is kept from what")
    for kind, count in story["left_out"].items():
        click.echo(f"  {count:,} {story['left_out_words'][kind]}")


def _print_sample(story: dict[str, Any]) -> None:
    if story["sample"]:
        click.echo("\nSome of the customers")
    for row in story["sample"]:
        reason = f" {row['reason']}" if row["reason"] else ""
        click.echo(f"  {row['label']}: {row['from_name']} to {row['to_name']}, {row['state']}.{reason}")
        changes = [f"+{name}" for name in row["added"]] + [f"-{name}" for name in row["removed"]]
        changes += [f"{key}: {_value(before)} to {_value(after)}" for key, before, after in row["values"]]
        for change in changes:
            click.echo(f"    {change}")


def _value(value: Any) -> str:  # noqa: ANN401 (a value of JSON)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _NOTHING if value is None else str(value)


def _chosen(value: Any) -> str:  # noqa: ANN401 (a choice)
    if isinstance(value, dict):
        return ",".join(f"{slug}:{percent}" for slug, percent in value.items())
    if isinstance(value, list | tuple):
        return ",".join(value)
    return _value(value)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
