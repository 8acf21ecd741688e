"""The published groups in the words of the overview."""

from shop_app.segments.grouping.model import Grouping
from shop_app.segments.playbook import play_for
from shop_app.segments.segment_groups import PROSPECTS, Group


def published_groups(grouping: Grouping) -> tuple[Group, ...]:
    """Return the groups of a fit as the overview names them, the one of people without orders last."""
    groups = (
        Group(group.slug, group.name, group.description, play_for(group.archetype).message)
        for group in grouping.groups
        if group.slug != PROSPECTS.slug
    )
    return (*groups, PROSPECTS)
