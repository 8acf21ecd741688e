"""The form of the goal page: the choices as texts in fields, and back; a sentence for what cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from shop_app.errors import InvalidInputError
from shop_app.segments.grouping.goals import (
    FEWEST_DIMENSIONS,
    FEWEST_GROUPS,
    MOST_DIMENSIONS,
    MOST_GROUPS,
)
from shop_app.services.segment_choices import OWN_GOAL, SegmentChoices

LONGEST_TEXT = 100
USUAL_OWN_GROUPS = 6

_NUMBER_WORDS = f"Give a whole number from {FEWEST_GROUPS} to {MOST_GROUPS}."


@dataclass(frozen=True, slots=True)
class GoalForm:
    """What stands in the fields; "" for the way and the number of groups leaves both to the shop's past.

    No field may be called ``method``: a form in a browser would no longer know how it is sent.
    """

    goal: str
    own_name: str
    own_dimensions: tuple[str, ...]
    own_group_count: str
    way: str
    group_count: str
    switched_off: tuple[str, ...]
    member_tag: str
    cadence: str
    review: str
    owner: str
    move_limit_percent: str

    @classmethod
    def of(cls, choices: SegmentChoices) -> Self:
        """Write the choices into the fields."""
        own = choices.own_goal or {}
        return cls(
            goal=choices.goal,
            own_name=str(own.get("name", "")),
            own_dimensions=tuple(own.get("dimensions", ())),
            own_group_count=str(own.get("group_count", USUAL_OWN_GROUPS)),
            way=choices.method or "",
            group_count=str(choices.group_count or ""),
            switched_off=choices.switched_off,
            member_tag=choices.member_tag,
            cadence=choices.cadence,
            review=choices.review,
            owner=choices.owner,
            move_limit_percent=f"{choices.move_limit_ratio * 100:g}",
        )

    @classmethod
    def read(cls, form: MultiDict[str, str], before: SegmentChoices) -> Self:
        """Read what was sent; features that the page did not show stay as they were."""
        shown, used = form.getlist("shown"), form.getlist("use")
        unseen = [name for name in before.switched_off if name not in shown]
        return cls(
            goal=form.get("goal", ""),
            own_name=_text(form, "own_name"),
            own_dimensions=tuple(dict.fromkeys(form.getlist("own_dimensions"))),
            own_group_count=_text(form, "own_group_count"),
            way=form.get("way", ""),
            group_count=form.get("group_count", ""),
            switched_off=(*unseen, *(name for name in shown if name not in used)),
            member_tag=_text(form, "member_tag"),
            cadence=form.get("cadence", ""),
            review=form.get("review", ""),
            owner=_text(form, "owner"),
            move_limit_percent=_text(form, "move_limit_percent"),
        )

    def changes(self) -> dict[str, Any]:
        """Return the choices that these texts stand for.

        Raises
        ------
        InvalidInputError
            A text stands for none; ``field`` names the field of this form.
        """
        own = {"own_goal": self._own_goal()} if self.goal == OWN_GOAL else {}
        return {
            **own,
            "goal": self.goal,
            "method": self.way or None,
            "group_count": _whole(self.group_count, "group_count") if self.group_count else None,
            "switched_off": self.switched_off,
            "member_tag": self.member_tag,
            "cadence": self.cadence,
            "review": self.review,
            "owner": self.owner,
            "move_limit_ratio": self._move_limit(),
        }

    def _own_goal(self) -> dict[str, Any]:
        if not self.own_name:
            raise InvalidInputError("Give your goal a name.", field="own_name")
        if not FEWEST_DIMENSIONS <= len(self.own_dimensions) <= MOST_DIMENSIONS:
            raise InvalidInputError(
                f"Tick {FEWEST_DIMENSIONS} to {MOST_DIMENSIONS} features, not {len(self.own_dimensions)}.",
                field="own_dimensions",
            )
        return {
            "name": self.own_name,
            "dimensions": list(self.own_dimensions),
            "group_count": _whole(self.own_group_count, "own_group_count"),
        }

    def _move_limit(self) -> float:
        try:
            percent = Decimal(self.move_limit_percent.rstrip("% ").replace(",", "."))
        except InvalidOperation:
            percent = Decimal(0)
        if not 1 <= percent <= 100:  # noqa: PLR2004 (a hundredth, and everybody)
            raise InvalidInputError("Give a share from 1 to 100 %, such as 15.", field="move_limit_percent")
        return float(percent / 100)


def field_errors(error: InvalidInputError) -> Mapping[str, str]:
    """Put the words of a refused choice below the field that they are about."""
    words = str(error)
    place, _, rest = words.partition(": ")
    field = error.field or ""
    if field == "own_goal":
        field = f"own_{place}"
    return {field: rest if rest and place.isidentifier() else words}


def _text(form: MultiDict[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[:LONGEST_TEXT]


def _whole(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and FEWEST_GROUPS <= int(text[:3]) <= MOST_GROUPS):
        raise InvalidInputError(_NUMBER_WORDS, field=field)
    return int(text)
