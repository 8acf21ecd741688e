"""`kindred goals`: what the groups are wanted for, and the choices that go with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from shop_app.cli.session import opened, say
from shop_app.cli.shop_choice import json_option, print_json, print_pairs, print_table, shop_option
from shop_app.clock import utc_now
from shop_app.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shop_app.segments.grouping.goals import Goal
    from shop_app.services.segment_choices import SegmentChoices

WHO = "command line"
"""Who decided what is decided here, for the record."""

_OWN = "own"
_OWN_GROUP_COUNT = 6
_OPTIONS = {
    "goal": "--set",
    "name": "--name",
    "dimensions": "--dimension",
    "group_count": "--groups",
    "switched_off": "--without",
    "move_limit_ratio": "--move-limit",
}
"""By which option a choice is given here."""


@click.command("goals")
@shop_option
@click.option("--set", "goal", help="The goal to go by, such as win-back; `own` for one of your own.")
@click.option("--name", help="With --set own: what the goal is called.")
@click.option(
    "--dimension", "dimensions", multiple=True, help="With --set own: a feature to compare by; repeat it."
)
@click.option("--groups", "group_count", type=int, help="How many groups to make, 3 to 10; 0 for what suits.")
@click.option("--method", type=click.Choice(["rules", "clusters", "hybrid", "best"]), help="How to group.")
@click.option(
    "--without", multiple=True, help="A feature that is not to be used; repeat it. `none` uses all again."
)
@click.option("--member-tag", help="The tag of the members of your loyalty programme.")
@click.option(
    "--cadence", type=click.Choice(["weekly", "bi-weekly", "monthly"]), help="How often to learn anew."
)
@click.option(
    "--review", type=click.Choice(["weekly", "monthly", "quarterly"]), help="How often you look at it."
)
@click.option("--owner", help="Who looks after the segments.")
@click.option(
    "--move-limit", type=float, help="The share of customers a new fit may move by itself, such as 0.15."
)
@json_option
def command(shop: str, as_json: bool, **wishes: Any) -> None:  # noqa: ANN401 (one for each option)
    """Show the goals there are and the one chosen, or choose another.

    A choice holds from the next `kindred fit` on. docs/segment-files.md lists the features.
    """
    from shop_app.segments.grouping.goals import GOALS
    from shop_app.services.open_shop import get_shop_id
    from shop_app.services.segment_choices import change_choices, read_choices

    with opened(), _named_as_here():
        changes = _changes(wishes)
        shop_id = get_shop_id(shop)
        if changes:
            choices = change_choices(shop_id, changes, who=WHO, at=utc_now())
            say(f"Noted. `kindred fit --shop {shop!r}` goes by it.")
        else:
            choices = read_choices(shop_id)
    _say_warnings(choices)
    if as_json:
        goals = [goal.to_json() for goal in GOALS.values()]
        print_json({"shop": shop, "choices": asdict(choices), "goals": goals})
        return
    chosen = choices.chosen_goal()
    _print_goals([*GOALS.values()] + ([chosen] if choices.goal == _OWN else []), choices)
    click.echo(f"\nChosen: {chosen.name}. {chosen.words}\n")
    print_pairs(_pairs(choices, chosen))


def _changes(wishes: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given as changes of choices."""
    for name, option in (("name", "--name"), ("dimensions", "--dimension")):
        if wishes[name] and wishes["goal"] != _OWN:
            raise click.UsageError(f"{option} goes with --set own only.")
    plain = {
        "goal": wishes["goal"],
        "member_tag": wishes["member_tag"],
        "cadence": wishes["cadence"],
        "review": wishes["review"],
        "owner": wishes["owner"],
        "move_limit_ratio": wishes["move_limit"],
    }
    changes = {name: value for name, value in plain.items() if value is not None}
    if wishes["method"] is not None:
        changes["method"] = None if wishes["method"] == "best" else wishes["method"]
    if wishes["without"]:
        changes["switched_off"] = _features(wishes["without"])
    if wishes["group_count"] is not None:
        changes["group_count"] = wishes["group_count"] or None
    if wishes["goal"] == _OWN:
        changes["group_count"] = None  # the goal has its own
        changes["own_goal"] = {
            "name": wishes["name"] or "",
            "dimensions": list(wishes["dimensions"]),
            "group_count": wishes["group_count"] or _OWN_GROUP_COUNT,
        }
    return changes


def _features(without: tuple[str, ...]) -> tuple[str, ...]:
    """Return the features that are not to be used."""
    from shop_app.segments.grouping.catalogue import FEATURES, nearest_features

    if without == ("none",):
        return ()
    for name in without:
        if name not in FEATURES:
            near = " or ".join(nearest_features(name))
            hint = f"did you mean {near}?" if near else "docs/segment-files.md lists the features."
            raise InvalidInputError(f"switched_off: there is no {name!r}; {hint}", field="without")
    return without


@contextmanager
def _named_as_here() -> Iterator[None]:
    """Name the option, and not the choice behind it, where one cannot be used."""
    try:
        yield
    except InvalidInputError as error:
        name, colon, words = str(error).partition(": ")
        option = _OPTIONS.get(name, name)
        raise InvalidInputError(f"{option}{colon}{words}", field=error.field) from None


def _say_warnings(choices: "SegmentChoices") -> None:
    """Say beside the answer what speaks against a choice that is allowed all the same."""
    from dataclasses import replace

    from shop_app.segments.grouping.goals import goal_warnings

    goal = choices.chosen_goal()
    for words in goal_warnings(replace(goal, group_count=choices.group_count or goal.group_count)):
        say(words)


def _print_goals(goals: "Sequence[Goal]", choices: "SegmentChoices") -> None:
    print_table(
        ["", "Goal", "Question", "Groups"],
        [
            ["*" if goal.slug == choices.goal else "", goal.slug, goal.question, str(goal.group_count)]
            for goal in goals
        ],
        right=(3,),
    )


def _pairs(choices: "SegmentChoices", chosen: "Goal") -> dict[str, str]:
    from shop_app.services.segment_choices import METHODS

    limit = f"{choices.move_limit_ratio:.0%} of the customers, without you being asked"
    return {
        "Compared by": ", ".join(chosen.dimensions),
        "Not used": ", ".join(choices.switched_off) or "(all are)",
        "Groups": str(choices.group_count or f"up to {chosen.group_count}, fewer in a small shop"),
        "Method": choices.method or f"whichever of {', '.join(METHODS)} does best here",
        "Members' tag": choices.member_tag or "(none)",
        "Learned anew": choices.cadence,
        "Looked at": choices.review,
        "Owner": choices.owner or "(nobody)",
        "A fit may move": limit,
    }
