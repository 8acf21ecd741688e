"""Profiles: found by what is known of a person, written by rules that differ from call to call."""

from typing import Any

from sandbox.klaviyo import groups
from sandbox.klaviyo.consent import no_consent
from sandbox.klaviyo.ids import new_long_id
from sandbox.klaviyo.profile_shapes import OWN_NAMES
from sandbox.klaviyo.refusals import duplicate_profile, not_found
from sandbox.klaviyo.state import IDENTIFIERS, Document
from sandbox.klaviyo.world import World, now

_EVENTS_OF = (
    "UPDATE events SET body = CAST(json_set(CAST(body AS TEXT), '$.profile', ?) AS BLOB) "
    "WHERE account = ? AND profile = ?"
)


def blank(key: str, *, at: float | None = None) -> Document:
    """Return a new profile of nobody."""
    moment = int(at or now())
    return {
        "id": key,
        **dict.fromkeys((*IDENTIFIERS, *OWN_NAMES)),
        "location": {},
        "properties": {},
        "consent": no_consent(),
        "created": moment,
        "updated": moment,
        "last_event": None,
    }


def find_all(world: World, account: str, attributes: dict[str, Any]) -> list[Document]:
    """Return the profiles that hold any of these identifiers, each once."""
    found: dict[str, Document] = {}
    for name in IDENTIFIERS:
        if value := _identifier(name, attributes.get(name)):
            profile = world.state.profile_by(account, name, value)
            if profile is not None:
                found.setdefault(profile["id"], profile)
    return list(found.values())


def meant(world: World, account: str, row: dict[str, Any]) -> Document | None:
    """Return the profile that a row of an import means; ``None`` where it has to be made.

    Raises
    ------
    RefusedError
        404: there is none of this id; 409: its identifiers are those of different people.
    """
    found = find_all(world, account, row["attributes"])
    if key := row.get("id"):
        profile = world.state.profile(account, key)
        if profile is None:
            raise not_found("profile", key)
        if others := [one for one in found if one["id"] != key]:
            raise duplicate_profile(others[0]["id"])
        return profile
    if len(found) > 1:
        raise duplicate_profile(found[1]["id"])
    return found[0] if found else None


def upsert(
    world: World, account: str, row: dict[str, Any], *, null_clears: bool, followed: bool = True
) -> tuple[Document, bool]:
    """Create or update the profile of a row; return it and whether it is new.

    Segments see it at once, unless somebody else lets them see many together (not ``followed``).
    """
    with world.state.together():
        found = meant(world, account, row)
        profile = found or blank(new_long_id(world.state))
        fill(profile, row["attributes"], (row.get("meta") or {}), null_clears=null_clears)
        save(world, account, profile, followed=followed)
    return profile, found is None


def fill(profile: Document, attributes: dict[str, Any], meta: dict[str, Any], *, null_clears: bool) -> None:
    """Write what a request says into a profile; what it does not name stays."""
    for name in (*IDENTIFIERS, *OWN_NAMES):
        if name in attributes and (attributes[name] is not None or null_clears):
            profile[name] = _identifier(name, attributes[name])
    for name in ("location", "properties"):
        if name in attributes:
            _merge(profile, name, attributes[name], null_clears=null_clears)
    patch = meta.get("patch_properties") or {}
    for name, value in (patch.get("append") or {}).items():
        held = _as_list(profile["properties"].get(name))
        profile["properties"][name] = held + [one for one in _as_list(value) if one not in held]
    for name, value in (patch.get("unappend") or {}).items():
        held, gone = _as_list(profile["properties"].get(name)), _as_list(value)
        profile["properties"][name] = [one for one in held if one not in gone]
    for name in _as_list(patch.get("unset")):
        profile["properties"].pop(name, None)


def save(world: World, account: str, profile: Document, *, followed: bool = True) -> None:
    """Keep a profile as changed just now, and let the segments see it."""
    profile["updated"] = int(now())
    if not followed:
        world.state.put_profiles(account, [profile])
        return
    with world.state.together():
        world.state.put_profiles(account, [profile])
        groups.see_again(world, account, [profile])


def merge(world: World, account: str, kept: str, gone: str) -> Document:
    """Merge one profile into another: lists and events follow it, its id is no more.

    Raises
    ------
    RefusedError
        404: one of them does not exist.
    """
    state = world.state
    with state.together():
        target, source = state.profile(account, kept), state.profile(account, gone)
        if target is None or source is None or kept == gone:
            raise not_found("profile", kept if target is None else gone)
        for table in ("members", "events"):
            state.change(
                f"UPDATE OR IGNORE {table} SET profile = ? WHERE account = ? AND profile = ?",  # noqa: S608 (two names of ours)
                (kept, account, gone),
            )
        state.change(_EVENTS_OF, (kept, account, kept))
        state.drop_profile(account, gone)
        for name in (*IDENTIFIERS, *OWN_NAMES):
            target[name] = target[name] or source[name]
        target["properties"] = source["properties"] | target["properties"]
        save(world, account, target)
    return target


def _merge(profile: Document, name: str, values: dict[str, Any] | None, *, null_clears: bool) -> None:
    if values is None:
        if null_clears:
            profile[name] = {}
        return
    held: dict[str, Any] = profile[name]
    for key, value in values.items():
        if value is not None:
            held[key] = value
        elif null_clears:
            held.pop(key, None)


def _identifier(name: str, value: str | None) -> str | None:
    """Return an identifier as it is kept: addresses in small letters, nothing for an empty text."""
    return (value.lower() if name == "email" else value) if value else None


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 (any JSON)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
