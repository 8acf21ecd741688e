"""Segments at Klaviyo that follow our properties by themselves."""

from shop_app.destinations.base import Group
from shop_app.destinations.klaviyo_answers import Json
from shop_app.destinations.klaviyo_groups import GroupKind
from shop_app.destinations.klaviyo_limits import SEGMENT, SEGMENTS
from shop_app.destinations.klaviyo_properties import LABELS
from shop_app.destinations.klaviyo_properties import SEGMENT as SEGMENT_PROPERTY

SEGMENT_KIND = GroupKind("segment", "segment", SEGMENTS, SEGMENT)


def definition_of(group: Group) -> Json:
    """Return the conditions: everybody whose segment or one of whose further labels is this group.

    Conditions inside one ``condition_group`` are alternatives (revision 2026-07-15). Neither has a relative
    date, so Klaviyo keeps such a segment up to date in near real time.
    """
    return {
        "condition_groups": [
            {
                "conditions": [
                    _property(SEGMENT_PROPERTY, {"type": "string", "operator": "equals", "value": group.slug}),
                    _property(LABELS, {"type": "list", "operator": "contains", "value": group.slug}),
                ]
            }
        ]
    }


def _property(name: str, condition: Json) -> Json:
    return {"type": "profile-property", "property": f"properties['{name}']", "filter": condition}
