"""What people do in an account: merchants and their other tools, shoppers with their mail.

A deed takes the world, an account and its own arguments, and returns what it touched. ``profile`` is an id or
an e-mail address, ``list`` an id or a name.
"""

from collections.abc import Callable
from typing import Any

from sandbox.klaviyo import accounts, consent, events, groups, oauth, profiles
from sandbox.klaviyo.state import Document
from sandbox.klaviyo.world import World, now, read_moment

Done = dict[str, Any]


class DeedRefusedError(Exception):
    """What was asked for cannot be done here; the message says why."""


def create_profile(world: World, account: str, *, email: str | None = None, **fields: Any) -> Done:  # noqa: ANN401
    """Let a profile come from elsewhere; ``properties``, ``phone_number``, ``first_name`` … may be given."""
    profile, fresh = profiles.upsert(
        world, account, {"attributes": {"email": email, **fields}}, null_clears=False
    )
    return {"profile_id": profile["id"], "new": fresh}


def delete_profile(world: World, account: str, *, profile: str) -> Done:
    """Delete a profile for good."""
    found = _profile(world, account, profile)
    world.state.drop_profile(account, found["id"])
    return {"profile_id": found["id"]}


def merge_profiles(world: World, account: str, *, kept: str, gone: str) -> Done:
    """Merge one profile into another; the id of the second is no more."""
    keys = [_profile(world, account, one)["id"] for one in (kept, gone)]
    return {"profile_id": profiles.merge(world, account, *keys)["id"]}


def set_property(world: World, account: str, *, profile: str, name: str, value: Any = None) -> Done:  # noqa: ANN401
    """Write a property as another tool would; null removes it."""
    return _change(world, account, profile, {"properties": {name: value}})


def change_profile(world: World, account: str, *, profile: str, **fields: Any) -> Done:  # noqa: ANN401
    """Write fields of a profile as a merchant would (``email``, ``first_name``, ``phone_number`` …)."""
    return _change(world, account, profile, fields)


def subscribe(world: World, account: str, *, profile: str) -> Done:
    """Let a shopper subscribe to mail."""
    return _consent(world, account, profile, lambda one: consent.subscribe(one, method="FORM"))


def unsubscribe(world: World, account: str, *, profile: str) -> Done:
    """Let a shopper leave all mail."""
    return _consent(world, account, profile, lambda one: consent.unsubscribe(one, method="PREFERENCE_PAGE"))


def suppress(world: World, account: str, *, profile: str, reason: str = "USER_SUPPRESSED") -> Done:
    """Keep a person from being written to."""
    known = ("HARD_BOUNCE", "INVALID_EMAIL", "SPAM_COMPLAINT", "UNSUBSCRIBE", "USER_SUPPRESSED")
    if reason not in known:
        raise DeedRefusedError(f"reason must be one of {', '.join(known)}.")
    return _consent(world, account, profile, lambda one: consent.suppress(one, reason))


def refuse_open_tracking(world: World, account: str, *, profile: str) -> Done:
    """Let a shopper refuse that openings are counted."""

    def refuse(one: Document) -> None:
        one["consent"]["open_tracking"] = {"consent": "UNSUBSCRIBED", "at": now()}

    return _consent(world, account, profile, refuse)


def create_list(world: World, account: str, *, name: str) -> Done:
    """Make a list by hand."""
    return {"list_id": groups.make_list(world, account, name)["id"]}


def rename_list(world: World, account: str, *, list: str, name: str) -> Done:  # noqa: A002 (as it is called there)
    """Rename a list by hand."""
    found = _list(world, account, list)
    world.state.put(account, "list", found | {"name": name, "updated": now()})
    return {"list_id": found["id"]}


def delete_list(world: World, account: str, *, list: str) -> Done:  # noqa: A002 (as it is called there)
    """Delete a list by hand."""
    found = _list(world, account, list)
    groups.drop(world, account, "list", found["id"])
    return {"list_id": found["id"]}


def delete_segment(world: World, account: str, *, segment: str) -> Done:
    """Delete a segment by hand."""
    if not groups.drop(world, account, "segment", segment):
        raise DeedRefusedError(f"There is no segment {segment}.")
    return {"segment_id": segment}


def add_to_list(world: World, account: str, *, list: str, profile: str) -> Done:  # noqa: A002 (as it is called there)
    """Put somebody into a list by hand."""
    found, who = _list(world, account, list), _profile(world, account, profile)
    groups.add(world, account, found["id"], [who["id"]])
    return {"list_id": found["id"], "profile_id": who["id"]}


def remove_from_list(world: World, account: str, *, list: str, profile: str) -> Done:  # noqa: A002 (as it is called there)
    """Take somebody out of a list by hand."""
    found, who = _list(world, account, list), _profile(world, account, profile)
    groups.remove(world, account, found["id"], [who["id"]])
    return {"list_id": found["id"], "profile_id": who["id"]}


def receive_email(world: World, account: str, *, profile: str, **how: Any) -> Done:  # noqa: ANN401 (see _mail)
    """Let a mail arrive; ``at``, ``campaign`` and ``message`` may be given."""
    return _mail(world, account, events.RECEIVED, profile, **how)


def open_email(world: World, account: str, *, profile: str, apple_privacy: bool = False, **how: Any) -> Done:  # noqa: ANN401
    """Let a mail be opened, by a person or by Apple's privacy proxy."""
    return _mail(world, account, events.OPENED, profile, {"machine_open": apple_privacy}, **how)


def click_email(world: World, account: str, *, profile: str, bot: bool = False, **how: Any) -> Done:  # noqa: ANN401
    """Let a link in a mail be clicked, by a person or by a scanner."""
    told = {"URL": "https://thistle-and-quire.example.com/new", "Bot Click": bot}
    return _mail(world, account, events.CLICKED, profile, told, **how)


def make_key(world: World, account: str, **how: Any) -> Done:  # noqa: ANN401 (as accounts.make_key)
    """Make a key; ``scopes`` (``["all"]``), ``name``, ``kind`` may be given. Its secret is in the answer."""
    made = accounts.make_key(world, account, **how)
    return {"key": made["id"], "name": made["name"], "scopes": made["scopes"]}


def revoke_key(world: World, account: str, *, name: str | None = None) -> Done:
    """Revoke a key, or all of the account."""
    return {"revoked": accounts.revoke_keys(world, account, name)}


def register_app(
    world: World, account: str, *, client_id: str, client_secret: str, redirect_uris: list[str]
) -> Done:
    """Register an app that may ask merchants for their consent."""
    del account
    oauth.register_app(world, client_id, client_secret, redirect_uris)
    return {"client_id": client_id}


def make_account(world: World, account: str, *, name: str) -> Done:
    """Make another account beside this one, without a key."""
    del account
    return {"account_id": accounts.make_account(world, name)["id"]}


DEEDS: dict[str, Callable[..., Done]] = {
    deed.__name__: deed
    for deed in (
        create_profile,
        delete_profile,
        merge_profiles,
        set_property,
        change_profile,
        subscribe,
        unsubscribe,
        suppress,
        refuse_open_tracking,
        create_list,
        rename_list,
        delete_list,
        delete_segment,
        add_to_list,
        remove_from_list,
        receive_email,
        open_email,
        click_email,
        make_key,
        revoke_key,
        register_app,
        make_account,
    )
}


def _profile(world: World, account: str, named: str) -> Document:
    name, value = ("email", named.lower()) if "@" in named else ("id", named)
    found = world.state.profile_by(account, name, value)
    if found is None:
        raise DeedRefusedError(f"There is no profile {named}.")
    return found


def _list(world: World, account: str, named: str) -> Document:
    for one in world.state.things(account, "list"):
        if named in (one["id"], one["name"]):
            return one
    raise DeedRefusedError(f"There is no list {named}.")


def _change(world: World, account: str, named: str, attributes: dict[str, Any]) -> Done:
    row = {"id": _profile(world, account, named)["id"], "attributes": attributes}
    found, _ = profiles.upsert(world, account, row, null_clears=True)
    return {"profile_id": found["id"]}


def _consent(world: World, account: str, named: str, change: Callable[[Document], None]) -> Done:
    with world.state.together():
        found = _profile(world, account, named)
        change(found)
        profiles.save(world, account, found)
    return {"profile_id": found["id"]}


def _mail(
    world: World, account: str, metric: str, named: str, told: dict[str, Any] | None = None, **how: str
) -> Done:
    """Let something happen to a mail; ``at``, ``campaign`` and ``message`` say which and when."""
    if unknown := set(how) - {"at", "campaign", "message"}:
        raise DeedRefusedError(f"There is no argument {', '.join(sorted(unknown))}.")
    found = _profile(world, account, named)
    moment = read_moment(how["at"]) if "at" in how else now()
    known = events.metric(world, account, metric, integration=events.KLAVIYO)
    name = how.get("campaign", "By hand")
    properties = {"Subject": name, "Campaign Name": name, "$message": how.get("message", "01BYHAND")}
    unique = str(world.state.next_number("mail"))
    event = events.make_event(known["id"], found["id"], moment, properties | (told or {}), unique_id=unique)
    events.put_events(world, account, [event])
    return {"event_id": event["id"], "profile_id": found["id"]}
