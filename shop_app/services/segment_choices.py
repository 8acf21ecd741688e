"""What the merchant has chosen for segments: goal, way of grouping, features, cadence, limits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from shop_app.errors import InvalidInputError
from shop_app.segments.grouping.catalogue import FEATURES
from shop_app.segments.grouping.goals import GOALS, Goal, own_goal
from shop_app.segments.grouping.model import MOVE_LIMIT_RATIO, GroupingChoices
from shop_app.segments.refit_reasons import CADENCES
from shop_app.storage import decisions, shop_settings
from shop_app.storage.decisions import Decision
from shop_app.storage.engine import Connection, transaction
from shop_app.storage.shop_settings import ShopSettings

REVIEWS = {"weekly": 7, "monthly": 30, "quarterly": 91}
"""Days between two looks of a person at the segments."""
METHODS = ("rules", "clusters", "hybrid")
DEFAULT_GOAL = "keep-the-best"
OWN_GOAL = "own"


@dataclass(frozen=True, slots=True)
class SegmentChoices:
    """The merchant's choices, each with its default.

    ``own_goal`` holds ``name``, ``dimensions`` and ``group_count`` where ``goal`` is ``own``; ``method`` is
    ``None`` for "whichever does best here"; ``member_tag`` is "" where the shop has no such tag.
    """

    goal: str = DEFAULT_GOAL
    own_goal: Mapping[str, Any] | None = None
    method: str | None = None
    switched_off: tuple[str, ...] = ()
    group_count: int | None = None
    member_tag: str = ""
    cadence: str = "weekly"
    review: str = "monthly"
    owner: str = ""
    move_limit_ratio: float = MOVE_LIMIT_RATIO
    confirmed: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, shop: ShopSettings) -> Self:
        """Read a shop's choices; what is not chosen has its default."""
        stored = dict(shop.segmentation)
        for name in ("switched_off", "confirmed"):
            if name in stored:
                stored[name] = tuple(stored[name])  # type: ignore[arg-type]
        return cls(**stored)  # type: ignore[arg-type]

    def chosen_goal(self) -> Goal:
        """Return the goal in full."""
        if self.goal == OWN_GOAL and self.own_goal is not None:
            return own_goal(
                str(self.own_goal["name"]),
                tuple(self.own_goal["dimensions"]),
                int(self.own_goal["group_count"]),
            )
        return GOALS[self.goal]

    def for_grouping(self) -> GroupingChoices:
        """Return what of it steers the groups."""
        return GroupingChoices(
            method=self.method,
            switched_off=self.switched_off,
            group_count=self.group_count,
            move_limit_ratio=self.move_limit_ratio,
        )


def read_choices(shop_id: int) -> SegmentChoices:
    """Return the choices of a shop."""
    with transaction(shop_id) as connection:
        return SegmentChoices.of(shop_settings.read(connection))


def change_choices(shop_id: int, changes: Mapping[str, Any], *, who: str, at: datetime) -> SegmentChoices:
    """Change some of the choices; the next fit goes by them.

    Raises
    ------
    InvalidInputError
        A value is none of those allowed; the error names the field and what there is.
    """
    with transaction(shop_id) as connection:
        before = SegmentChoices.of(shop_settings.read(connection))
        after = _checked(replace(before, **_known(changes)))
        if after != before:
            shop_settings.write_segmentation(connection, _plain(after))
            _record(connection, before, after, who=who, at=at)
    return after


def _known(changes: Mapping[str, Any]) -> dict[str, Any]:
    allowed = set(SegmentChoices.__slots__)
    for name in changes:
        if name not in allowed:
            raise InvalidInputError(f"{name}: there is no such choice; there are {', '.join(sorted(allowed))}.")
    return dict(changes)


def _plain(choices: SegmentChoices) -> dict[str, object]:
    """Return what differs from the defaults, so that better defaults reach those who chose nothing."""
    defaults = asdict(SegmentChoices())
    return {name: value for name, value in asdict(choices).items() if value != defaults[name]}


def _record(
    connection: Connection, before: SegmentChoices, after: SegmentChoices, *, who: str, at: datetime
) -> None:
    old, new = asdict(before), asdict(after)
    for name in new:
        if old[name] != new[name]:
            line = Decision(at, who, "goal", name, str(old[name]), str(new[name]), "")
            decisions.record(connection, line)


def _checked(choices: SegmentChoices) -> SegmentChoices:
    _one_of("goal", choices.goal, (*GOALS, OWN_GOAL))
    _one_of("cadence", choices.cadence, CADENCES)
    _one_of("review", choices.review, REVIEWS)
    if choices.method is not None:
        _one_of("method", choices.method, METHODS)
    for feature in choices.switched_off:
        _one_of("switched_off", feature, FEATURES)
    _check_limits(choices)
    if choices.goal == OWN_GOAL and choices.own_goal is None:
        raise InvalidInputError("own_goal: a goal of one's own needs a name, dimensions and a group count.")
    try:
        choices.chosen_goal()
    except ValueError as error:
        raise InvalidInputError(str(error), field="own_goal") from None
    return choices


def _check_limits(choices: SegmentChoices) -> None:
    if not 0.01 <= choices.move_limit_ratio <= 1.0:  # noqa: PLR2004 (a hundredth, and everybody)
        raise InvalidInputError(
            "move_limit_ratio: give a share from 0.01 to 1, such as 0.15.", field="move_limit_ratio"
        )
    if choices.group_count is not None and not 3 <= choices.group_count <= 10:  # noqa: PLR2004 (as for goals)
        raise InvalidInputError("group_count: give a number from 3 to 10.", field="group_count")


def _one_of(name: str, value: str, allowed: Any) -> None:  # noqa: ANN401 (anything that holds names)
    if value not in allowed:
        raise InvalidInputError(
            f"{name}: {value!r} is not known; choose one of {', '.join(allowed)}.", field=name
        )
