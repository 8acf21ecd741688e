"""Lists and segments: who is in which, and segments that follow what profiles say."""

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.klaviyo.ids import new_short_id
from sandbox.klaviyo.segment_rules import fulfils
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, now

_ADD = "INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)"
_REMOVE = "DELETE FROM members WHERE account = ? AND grouping = ? AND profile = ?"


def make_list(world: World, account: str, name: str, *, opt_in: str | None = None, key: str = "") -> Document:
    """Make a list."""
    at = now()
    made = {
        "id": key or new_short_id(world.state, account, "list"),
        "name": name,
        "opt_in_process": opt_in or "double_opt_in",
        "created": at,
        "updated": at,
    }
    world.state.put(account, "list", made)
    return made


def make_segment(
    world: World, account: str, name: str, definition: Document, *, starred: bool = False, key: str = ""
) -> Document:
    """Make a segment; who is in it is found out a little later."""
    at = now()
    made = {
        "id": key or new_short_id(world.state, account, "segment"),
        "name": name,
        "definition": definition,
        "is_active": True,
        "is_processing": True,
        "is_starred": starred,
        "created": at,
        "updated": at,
    }
    world.state.put(account, "segment", made)
    return made


def add(world: World, account: str, group: str, profiles: Iterable[str], *, at: float | None = None) -> None:
    """Put profiles into a group; those that are in it stay as they are."""
    joined = int(at or now())
    world.state.change_all(_ADD, ((account, group, one, joined) for one in profiles))


def remove(world: World, account: str, group: str, profiles: Iterable[str]) -> None:
    """Take profiles out of a group; nothing else of them changes."""
    world.state.change_all(_REMOVE, ((account, group, one) for one in profiles))


def drop(world: World, account: str, kind: str, key: str) -> bool:
    """Delete a list or a segment and all memberships of it; return whether it was there."""
    with world.state.together():
        world.state.change("DELETE FROM members WHERE account = ? AND grouping = ?", (account, key))
        return world.state.delete(account, kind, key)


def size(world: World, account: str, group: str) -> int:
    """Return how many are in a group."""
    return world.state.count("members", account, "AND grouping = ?", (group,))


def of_profile(world: World, account: str, profile: str, kind: str) -> list[Document]:
    """Return the lists or the segments that a profile is in."""
    found = world.state.rows(
        "SELECT grouping FROM members WHERE account = ? AND profile = ?", (account, profile)
    )
    inside = {group for (group,) in found}
    return [one for one in world.state.things(account, kind) if one["id"] in inside]


def see_again(world: World, account: str, changed: Sequence[Document]) -> None:
    """Let changed profiles enter and leave segments."""
    segments = world.state.things(account, "segment")
    if not segments or not changed:
        return
    marks = ", ".join("?" * len(changed))
    inside = set(
        world.state.rows(
            f"SELECT grouping, profile FROM members WHERE account = ? AND profile IN ({marks})",  # noqa: S608 (only marks)
            (account, *(one["id"] for one in changed)),
        )
    )
    for segment in segments:
        key, joining, leaving = segment["id"], [], []
        for profile in changed:
            belongs = fulfils(profile, segment["definition"])
            if belongs != ((key, profile["id"]) in inside):
                (joining if belongs else leaving).append(profile["id"])
        add(world, account, key, joining)
        remove(world, account, key, leaving)


def settle_segments(world: World, account: str) -> None:
    """Find out who is in the segments that were made or changed, looking at everybody."""
    fresh = world.state.things_where(account, "segment", "$.is_processing", 1)
    if not fresh:
        return
    with world.state.together():
        members: dict[str, list[str]] = {one["id"]: [] for one in fresh}
        others: dict[str, list[str]] = {one["id"]: [] for one in fresh}
        for profile in world.state.each_profile(account):
            for segment in fresh:
                side = members if fulfils(profile, segment["definition"]) else others
                side[segment["id"]].append(profile["id"])
        for segment in fresh:
            add(world, account, segment["id"], members[segment["id"]])
            remove(world, account, segment["id"], others[segment["id"]])
            world.state.put(account, "segment", segment | {"is_processing": False})


def members(world: World, account: str, group: str, words: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return members of a group: a sort key, the profile's id, its body, when it joined."""
    return world.state.rows(
        "SELECT joined, members.profile, body, joined FROM members JOIN profiles "  # noqa: S608 (our own words)
        "ON profiles.account = members.account AND profiles.id = members.profile "
        f"WHERE members.account = ? AND grouping = ? {words}",
        (account, group, *values),
    )
