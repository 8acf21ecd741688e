"""Lists of ours at Klaviyo: who is in them changes a thousand ids at a time, and consent never."""

from collections.abc import Sequence
from typing import Literal

from shop_app.destinations.base import RemoteGroup
from shop_app.destinations.klaviyo_answers import CallRefusedError
from shop_app.destinations.klaviyo_api import KlaviyoApi, quoted
from shop_app.destinations.klaviyo_groups import GONE, GroupKind
from shop_app.destinations.klaviyo_limits import LIST, LIST_MEMBERS, LISTS, PROFILE_LISTS
from shop_app.destinations.klaviyo_profiles import BATCH, Profile, batched

LIST_KIND = GroupKind("list", "list", LISTS, LIST)

MOST_IDS = 1000
"""Ids in one call, as Klaviyo's page of either call says."""


def change(api: KlaviyoApi, method: Literal["POST", "DELETE"], list_id: str, ids: Sequence[str]) -> None:
    """Put profiles into a list (``POST``) or take them out (``DELETE``), at most 1,000; again is the same.

    ``/api/lists/{id}/relationships/profiles``, revision 2026-07-15: "Removing a profile from a list will not
    impact the profile's consent status", and putting one in does not either.

    Raises
    ------
    CallRefusedError
        The list, or one of the profiles, is not there.
    """
    body = {"data": [{"type": "profile", "id": each} for each in ids]}
    api.send(method, LIST_MEMBERS, body, id=list_id)


def members_among(api: KlaviyoApi, list_id: str, profiles: Sequence[Profile]) -> set[str]:
    """Return the ids of those of these profiles that are in the list.

    The list is asked for their addresses, 100 a call (``any(email,[…])``): what it costs goes by the profiles
    that are asked about, not by the length of the list. Profiles without an address are asked for by
    :func:`lists_of`.
    """
    ids = {each.id for each in profiles}
    emails = sorted({each.email for each in profiles if each.email})
    inside: set[str] = set()
    for batch in batched(emails):
        asked = f"any(email,{quoted(batch)})"
        for page in api.pages(LIST_MEMBERS, {"filter": asked, "page[size]": str(BATCH)}, id=list_id):
            inside.update(str(each["id"]) for each in page)
    return inside & ids


def lists_of(api: KlaviyoApi, profile_id: str) -> set[str]:
    """Return the ids of every list that a profile is in: dear (60 a minute), so for few."""
    return {str(each["id"]) for page in api.pages(PROFILE_LISTS, id=profile_id) for each in page}


def lists_by_profile(
    api: KlaviyoApi, profiles: Sequence[Profile], groups: Sequence[RemoteGroup]
) -> dict[str, set[str]]:
    """Return the slugs of those of our lists that each of these profiles is in; in none: missing."""
    lists = {group.remote_id: group.slug for group in groups if group.role == LIST_KIND.role}
    inside: dict[str, set[str]] = {}
    for list_id, slug in lists.items():
        for profile_id in _members_or_none(api, list_id, profiles):
            inside.setdefault(profile_id, set()).add(slug)
    for profile in profiles:
        if profile.email is None and lists:
            held = lists_of(api, profile.id)
            inside[profile.id] = {slug for list_id, slug in lists.items() if list_id in held}
    return inside


def _members_or_none(api: KlaviyoApi, list_id: str, profiles: Sequence[Profile]) -> set[str]:
    try:
        return members_among(api, list_id, profiles)
    except CallRefusedError as error:
        if error.status != GONE:
            raise
        return set()  # nobody is in a list that was deleted there
