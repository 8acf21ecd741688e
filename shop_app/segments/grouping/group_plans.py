"""Which archetypes make the groups for which goal, who is asked first, and who is folded into whom."""

from dataclasses import dataclass

from shop_app.segments.grouping.goals import GOALS

EVERYBODY = "everybody"
"""The last place of every plan: whoever has an order and fits nothing before."""


@dataclass(frozen=True, slots=True)
class Place:
    """One archetype in a plan.

    Attributes
    ----------
    slug
        The archetype, or :data:`EVERYBODY`.
    into
        Whose group it joins where there are too few people or too many groups: the first of these that is
        still a group of its own. The last of a plan joins another only where nobody is left for it.
    rank
        The higher, the sooner it is folded.
    """

    slug: str
    into: tuple[str, ...]
    rank: int


def _plan(*places: tuple[str, str, int], last: str) -> tuple[Place, ...]:
    """Make a plan of slugs, the neighbours they fold into (several parted by blanks), and ranks."""
    foldable = (Place(slug, (*into.split(), last), rank) for slug, into, rank in places)
    instead = [slug for slug in _LIKE_ANYBODY if slug in {place[0] for place in places}]
    return (*foldable, Place(last, tuple(instead), 0), Place(EVERYBODY, (last,), 99))


_LIKE_ANYBODY = ("potential-loyalist", "loyal", "new", "one-and-done", "hibernating", "at-risk")
# Who takes the place of a plan's last where that has nobody: the first of these that is a group.


COVERED = frozenset(
    {
        ("vip", "champions"),
        ("champions", "active"),
        ("loyal", "active"),
        ("potential-loyalist", "active"),
    }
)
"""All that the first asks is in the rule of the second: once folded into it, it need not be asked at all."""


_PLANS = {
    # Who only buys at a discount is asked before the Champions: a large sum of reduced orders is no reason for
    # early access, and thanking people with what they wait for costs margin twice.
    "keep-the-best": _plan(
        ("new", "active", 9),
        ("interested", "at-risk", 5),
        ("one-and-done", "at-risk", 4),
        ("hibernating", "at-risk", 7),
        ("price-sensitive", "active", 8),
        ("rising-stars", "active", 6),
        ("vip", "champions", 12),
        ("champions", "active", 2),
        ("loyal", "active", 11),
        ("potential-loyalist", "active", 10),
        ("at-risk", "hibernating", 1),
        last="active",
    ),
    "repeat-purchase": _plan(
        ("high-intent", "potential-loyalist", 9),
        ("new", "potential-loyalist", 6),
        ("interested", "at-risk", 5),
        ("one-and-done", "at-risk", 4),
        ("hibernating", "at-risk", 7),
        ("rising-stars", "loyal", 8),
        ("champions", "loyal", 10),
        ("loyal", "potential-loyalist", 2),
        ("at-risk", "hibernating", 1),
        last="potential-loyalist",
    ),
    "win-back": _plan(
        ("new", "active", 7),
        ("interested", "at-risk", 6),
        ("one-and-done", "hibernating at-risk", 4),
        ("previously-loyal", "hibernating at-risk", 5),
        ("hibernating", "at-risk", 1),
        ("at-risk", "hibernating", 2),
        last="active",
    ),
    "raise-order-value": _plan(
        ("high-intent", "high-value-active", 9),
        ("big-spenders", "high-value-active", 3),
        ("new", "potential-loyalist", 8),
        ("interested", "at-risk", 6),
        ("one-and-done", "at-risk", 4),
        ("hibernating", "at-risk", 7),
        ("high-value-active", "potential-loyalist", 2),
        ("loyal", "potential-loyalist", 5),
        ("at-risk", "hibernating", 1),
        last="potential-loyalist",
    ),
    "differentiated-pricing": _plan(
        ("price-sensitive", "potential-loyalist", 2),
        ("new", "potential-loyalist", 8),
        ("interested", "at-risk", 6),
        ("one-and-done", "at-risk", 4),
        ("hibernating", "at-risk", 7),
        ("champions", "loyal", 5),
        ("loyal", "potential-loyalist", 3),
        ("at-risk", "hibernating", 1),
        last="potential-loyalist",
    ),
}


def plan_for(goal: str) -> tuple[Place, ...]:
    """Return the plan of a goal; a merchant's own goal takes the one with the most names to choose from."""
    return _PLANS[goal if goal in GOALS else "keep-the-best"]
